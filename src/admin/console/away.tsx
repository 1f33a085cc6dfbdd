import { useEffect } from 'preact/hooks';

const AGAIN_MS = 5_000;

/** The service does not answer: nobody is signed out, and nothing is known. */
export function Away({ problem, ask }: { problem: string; ask: () => void }): preact.JSX.Element {
  useEffect(() => {
    const timer = setInterval(ask, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="sign-in">
      <section class="card" role="alert">
        <h1>The service does not answer</h1>
        <p class="spaced">{problem} You are still signed in. This page asks again every five seconds.</p>
        <button type="button" class="primary" onClick={ask}>
          Ask now
        </button>
      </section>
    </main>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';

/** The one moment at which a key is to be seen; it is gone with the page. */
export function NewKey({ apiKey, done }: { apiKey: string; done: () => void }): preact.JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => field.current!.focus(), [apiKey]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(apiKey);
      setCopied(true);
    } catch {
      // not from a page without TLS: the text stands there to be copied by hand
      field.current!.select();
    }
  };
  return (
    <section class="card new-key" aria-labelledby="new-key-title">
      <header>
        <h2 id="new-key-title">The new key</h2>
      </header>
      <p>Copy it now. Only a hash is stored, and the key is not shown again.</p>
      <div class="copy">
        <input
          ref={field}
          class="id"
          aria-label="API key"
          readOnly
          value={apiKey}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="primary" onClick={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" class="plain" onClick={done}>
          I have kept it
        </button>
      </div>
      <p class="hidden" role="status">
        {copied ? 'The key was copied.' : ''}
      </p>
    </section>
  );
}

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get, type Me, session, useLiveRuns } from './api';
import { Integration } from './integration';
import { Integrations } from './integrations';
import { Audit, DeletionPlans } from './logs';
import { Overview } from './overview';
import { SignIn } from './sign-in';
import './style.css';

interface Route {
  path: string[];
  query: Record<string, string>;
}

const SECTIONS: [path: string, name: string][] = [
  ['', 'Overview'],
  ['integrations', 'Integrations'],
  ['deletion-plans', 'Held deletions'],
  ['audit', 'Audit log'],
];

function routeOf(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean), query: Object.fromEntries(new URLSearchParams(query)) };
}

function App(): preact.JSX.Element | null {
  const [me, setMe] = useState<Me | null | 'asking'>('asking');
  const [route, setRoute] = useState(routeOf);
  useEffect(() => {
    session.ended = () => setMe(null);
    get<{ data: Me }>('/me').then(
      ({ data }) => setMe(data),
      () => setMe(null),
    );
    const moved = (): void => setRoute(routeOf());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => {
    const section = SECTIONS.find(([path]) => path === (route.path[0] ?? ''));
    document.title = `${section?.[1] ?? 'Console'} · Interlock`;
    if (route.path.length !== 1 || Object.keys(route.query).length === 0) scrollTo(0, 0);
  }, [route]);
  if (me === 'asking') return null;
  if (me === null) return <SignIn onSignedIn={setMe} />;
  return <Console me={me} route={route} signOut={() => setMe(null)} />;
}

function Console({ me, route, signOut }: { me: Me; route: Route; signOut: () => void }): preact.JSX.Element {
  const live = useLiveRuns();
  const mayAct = me.roles.includes('admin') || me.roles.includes('operator');
  const [section = '', id] = route.path;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}
      >
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          <img src="/admin/assets/icon.svg" alt="" width="24" height="24" /> Interlock
        </a>
        <nav aria-label="Sections">
          {SECTIONS.map(([path, name]) => (
            <a key={path} href={`#/${path}`} aria-current={section === path ? 'page' : undefined}>
              {name}
            </a>
          ))}
          {me.roles.includes('admin') && <a href="/admin/queues">Queues</a>}
        </nav>
        <div class="me">
          <span class="hint">
            {me.id} · {me.roles.join(', ')}
          </span>
          <button type="button" class="plain" onClick={() => void call('DELETE', '/session').then(signOut)}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {section === '' && <Overview live={live} />}
        {section === 'integrations' && !id && <Integrations query={route.query} />}
        {section === 'integrations' && id && <Integration key={id} id={id} live={live} mayAct={mayAct} />}
        {section === 'deletion-plans' && <DeletionPlans mayAct={mayAct} />}
        {section === 'audit' && <Audit />}
      </main>
    </>
  );
}

render(<App />, document.getElementById('app')!);

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, get, session, useLiveRuns, type Me } from './api';
import { Audit } from './audit';
import { Integration } from './integration';
import { Integrations } from './integrations';
import { Merchant } from './merchant';
import { Merchants } from './merchants';
import { isOperation, Operations, OPERATIONS } from './operations';
import { Overview } from './overview';
import { SignIn } from './sign-in';
import { WebhookEndpoint } from './webhook-endpoint';
import './style.css';

interface Route {
  path: string[];
  query: Record<string, string>;
}

const SECTIONS: [path: string, name: string][] = [
  ['', 'Overview'],
  ['integrations', 'Integrations'],
  ['merchants', 'Merchants'],
  ['deletion-plans', 'Operations'],
  ['audit', 'Audit log'],
];

/** Reached from their merchant. */
const ENDPOINTS = 'webhook-endpoints';

function routeOf(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean), query: Object.fromEntries(new URLSearchParams(query)) };
}

function App(): preact.JSX.Element | null {
  const [me, setMe] = useState<Me | null | 'asking'>('asking');
  const [route, setRoute] = useState(routeOf);
  useEffect(() => {
    session.ended = () => setMe(null);
    get('/me').then(
      ({ data }) => setMe(data),
      () => setMe(null),
    );
    const moved = (): void => setRoute(routeOf());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => {
    const section = [...OPERATIONS, ...SECTIONS].find(([path]) => path === (route.path[0] ?? ''));
    document.title = `${section?.[1] ?? 'Console'} · Interlock`;
    if (route.path.length !== 1 || Object.keys(route.query).length === 0) scrollTo(0, 0);
  }, [route]);
  if (me === 'asking') return null;
  if (me === null) return <SignIn onSignedIn={setMe} />;
  return <Console me={me} route={route} signOut={() => setMe(null)} />;
}

function Console({ me, route, signOut }: { me: Me; route: Route; signOut: () => void }): preact.JSX.Element {
  const live = useLiveRuns();
  const isAdmin = me.roles.includes('admin');
  const mayOperate = isAdmin || me.roles.includes('operator');
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
            <a key={path} href={`#/${path}`} aria-current={isIn(section, path) ? 'page' : undefined}>
              {name}
            </a>
          ))}
          {isAdmin && <a href="/admin/queues">Queues</a>}
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
        {section === 'integrations' && id && <Integration key={id} id={id} live={live} mayOperate={mayOperate} />}
        {section === 'merchants' && !id && <Merchants query={route.query} />}
        {section === 'merchants' && id && <Merchant key={id} id={id} mayChangeKeys={isAdmin} />}
        {section === ENDPOINTS && id && <WebhookEndpoint key={id} id={id} mayOperate={mayOperate} />}
        {isOperation(section) && (
          <Operations section={section} query={route.query} mayOperate={mayOperate} mayChangeKeys={isAdmin} />
        )}
        {section === 'audit' && <Audit query={route.query} />}
        {!isKnown(section, id) && (
          <>
            <h1>There is no such page</h1>
            <p>
              <a href="#/">Go to the overview</a>
            </p>
          </>
        )}
      </main>
    </>
  );
}

const isIn = (section: string, path: string): boolean =>
  section === path ||
  (path === 'deletion-plans' && isOperation(section)) ||
  (path === 'merchants' && section === ENDPOINTS);
const isKnown = (section: string, id?: string): boolean =>
  isOperation(section) || SECTIONS.some(([path]) => path === section) || (section === ENDPOINTS && id !== undefined);

render(<App />, document.getElementById('app')!);

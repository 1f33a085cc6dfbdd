import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, get, session, type Me } from './api';
import { Audit } from './audit';
import { Away } from './away';
import { Loading } from './components';
import { DeletionPlan } from './deletion-plan';
import { learnProviders } from './format';
import { Integration } from './integration';
import { Integrations } from './integrations';
import { useLiveRuns } from './live-runs';
import { Merchant } from './merchant';
import { Merchants } from './merchants';
import { isOperation, Operations, OPERATIONS } from './operations';
import { Overview } from './overview';
import { Palette } from './palette';
import { Place, type Crumb } from './place';
import { Run } from './run';
import { Runs } from './runs';
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
  ['runs', 'Runs'],
  ['merchants', 'Merchants'],
  ['deletion-plans', 'Operations'],
  ['audit', 'Audit log'],
];

/** Reached from their merchant. */
const ENDPOINTS = 'webhook-endpoints';
/** The operation whose entries have pages of their own. */
const PLANS = 'deletion-plans';

const PLACES = [
  ...SECTIONS.filter(([path]) => path !== PLANS).map(([path, name]) => ({ name, hint: 'Page', path })),
  ...OPERATIONS.map(([path, name]) => ({ name, hint: 'Operations', path })),
];

function routeOf(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean), query: Object.fromEntries(new URLSearchParams(query)) };
}

function App(): preact.JSX.Element | null {
  const [me, setMe] = useState<Me | null | 'asking'>('asking');
  const [away, setAway] = useState<string | null>(null);
  const [route, setRoute] = useState(routeOf);
  /** What the providers are called is known before anything is shown. */
  const show = (signedIn: Me): Promise<void> =>
    get('/providers').then(
      ({ data }) => (learnProviders(data), setMe(signedIn), setAway(null)),
      (error: Error) => setAway(error.message),
    );
  const ask = (): void =>
    void get('/me').then(
      ({ data }) => show(data),
      (error: Error) => {
        const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
        setAway(isRefused ? null : error.message);
        if (isRefused) setMe(null);
      },
    );
  useEffect(() => {
    session.ended = () => setMe(null);
    ask();
    const moved = (): void => setRoute(routeOf());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  useEffect(() => {
    // the link that led here is gone with its page: whoever uses the keyboard goes on in this one
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
    if (route.path.length !== 1 || Object.keys(route.query).length === 0) scrollTo(0, 0);
  }, [route]);
  if (away !== null) return <Away problem={away} ask={ask} />;
  if (me === 'asking')
    return (
      <main>
        <Loading />
      </main>
    );
  if (me === null) return <SignIn onSignedIn={(signedIn) => void show(signedIn)} />;
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
          <Palette places={PLACES} />
          <span class="hint">
            {me.id} · {me.roles.join(', ')}
          </span>
          <button type="button" class="plain" onClick={() => void call('DELETE', '/session').then(signOut)}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Place way={wayTo(section, id)}>
          {section === '' && <Overview query={route.query} live={live} />}
          {section === 'integrations' && !id && <Integrations query={route.query} />}
          {section === 'integrations' && id && <Integration key={id} id={id} live={live} mayOperate={mayOperate} />}
          {section === 'runs' && !id && <Runs query={route.query} />}
          {section === 'runs' && id && <Run key={id} id={id} />}
          {section === 'merchants' && !id && <Merchants query={route.query} />}
          {section === 'merchants' && id && <Merchant key={id} id={id} mayChangeKeys={isAdmin} />}
          {section === ENDPOINTS && id && <WebhookEndpoint key={id} id={id} mayOperate={mayOperate} />}
          {section === PLANS && id && <DeletionPlan key={id} id={id} mayOperate={mayOperate} />}
          {isOperation(section) && !id && (
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
        </Place>
      </main>
    </>
  );
}

const isIn = (section: string, path: string): boolean =>
  section === path || (path === PLANS && isOperation(section)) || (path === 'merchants' && section === ENDPOINTS);
/** From the overview to the section; what a page is about it names itself. */
function wayTo(section: string, id?: string): Crumb[] {
  const to = ([path, name]: readonly [string, string]): Crumb => ({ name, path });
  const within = SECTIONS.filter(([path]) => path !== '' && isIn(section, path));
  const operation = OPERATIONS.filter(([path]) => path === section);
  const unknown = isKnown(section, id) ? [] : [{ name: 'No such page' }];
  return [to(SECTIONS[0]!), ...within.map(to), ...operation.map(to), ...unknown];
}
const isKnown = (section: string, id?: string): boolean =>
  isOperation(section)
    ? id === undefined || section === PLANS
    : SECTIONS.some(([path]) => path === section) || (section === ENDPOINTS && id !== undefined);

render(<App />, document.getElementById('app')!);

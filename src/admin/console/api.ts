import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { queryOf } from './format';

const LIVE_AGAIN_MS = 10_000;

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Finding {
  code: string;
  severity: 'critical' | 'warning' | 'info';
  title: string;
  since: string | null;
  count: number;
  merchants: string[];
  next: string;
  filter: Record<string, string> | null;
}

export interface Integration {
  id: string;
  merchantId: string;
  merchantName: string | null;
  environment: string;
  provider: string;
  state: 'active' | 'inactive';
  status: 'connected' | 'error' | 'syncing' | 'idle';
  health: 'healthy' | 'degraded' | 'paused' | null;
  operatorPaused: boolean;
  pauseReason: string | null;
  toggledOff: boolean;
  breaker: string;
  breakerCause: string | null;
  breakerOpenedAt: string | null;
  consecutiveErrors: number;
  lastSyncAt: string | null;
  lastError: string | null;
  lastErrorCode: string | null;
  lastErrorSince: string | null;
  intervalMinutes: number | null;
  nextDueAt: string | null;
  latenessMs: number | null;
  createdAt: string;
  configuration: Record<string, unknown>;
  records?: { resourceType: string; live: number; deleted: number; lastChangeAt: string | null }[];
}

export interface Overview {
  generatedAt: string;
  verdict: { level: 'ok' | 'critical' | 'warning' | 'info'; headline: string };
  findings: Finding[];
  counts: Record<
    'active' | 'inactive' | 'healthy' | 'degraded' | 'paused' | 'operatorPaused' | 'switchedOff' | 'syncing',
    number
  >;
  lateness: { upToMinutes: number | null; count: number }[];
  runsByHour: { hour: string; succeeded: number; failed: number }[];
  errorsByHour: { hour: string; errorCode: string; count: number }[];
  incidents: {
    id: string;
    provider: string;
    environment: string;
    openedAt: string;
    closedAt: string | null;
    retryAt: string | null;
    integrations: number;
  }[];
  attention: Integration[];
}

export interface LiveRun {
  runId: string;
  integrationId: string;
  merchantName: string | null;
  provider: string;
  environment: string;
  trigger: string;
  state: 'queued' | 'running';
  waitReason: string | null;
  since: string;
  resourceType: string | null;
  fetched: number;
  changed: number;
  resourcesDone: number;
  resources: number;
}

export interface TimelineEntry {
  id: string;
  at: string;
  kind: 'run' | 'audit' | 'breaker' | 'schedule';
  details: Record<string, unknown>;
}

export interface Me {
  id: string;
  roles: string[];
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Set by the application: what to do when the session has ended. */
export const session: { ended: () => void } = { ended: () => undefined };

export async function call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const response = await fetch(`/admin${path}`, {
    method,
    credentials: 'same-origin',
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  if (response.status === 204) return undefined as T;
  const answer = (await response.json().catch(() => ({}))) as { error?: string; details?: { fields?: object } };
  if (response.ok) return answer as T;
  if (response.status === 401 && path !== '/session') session.ended();
  throw new ApiError(response.status, answer.error ?? `The service answered ${response.status}.`);
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', `/api${path}`);
export const post = <T>(path: string, body: object): Promise<T> => call<T>('POST', `/api${path}`, body);

export interface Pages<T> {
  /** null: not read yet. What was there stays while other rows are asked for. */
  rows: T[] | null;
  next: string | null;
  error: string | null;
  more: () => void;
  reload: () => void;
}

export interface Loaded<T> {
  data: T | null;
  error: string | null;
  reload: () => void;
}

/** Reads now and every so often while the page is looked at; keeps what it had while it asks again. */
export function useLoaded<T>(path: string, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ path: string; data: T | null; error: string | null }>({
    path,
    data: null,
    error: null,
  });
  const current = useRef(path);
  current.current = path;
  const load = useCallback(() => {
    get<T>(path).then(
      (data) => current.current === path && setState({ path, data, error: null }),
      (error: Error) => current.current === path && setState((before) => ({ ...before, path, error: error.message })),
    );
  }, [path]);
  useEffect(() => {
    load();
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => !document.hidden && load(), everyMs);
    return () => clearInterval(timer);
  }, [load, everyMs]);
  return {
    data: state.path === path ? state.data : null,
    error: state.path === path ? state.error : null,
    reload: load,
  };
}

/** A list that grows page by page; asking for other rows begins anew, and a late answer to an older question is dropped. */
export function usePages<T>(path: string, query: Record<string, string | undefined> = {}): Pages<T> {
  const key = path + queryOf(query);
  const [state, setState] = useState<{ key: string; rows: T[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const current = useRef(key);
  current.current = key;
  const load = (cursor?: string): void => {
    get<Page<T>>(path + queryOf({ ...query, cursor })).then(
      ({ data, nextCursor }) => {
        if (current.current !== key) return;
        setError(null);
        setState((before) => ({
          key,
          rows: cursor && before?.key === key ? [...before.rows, ...data] : data,
          next: nextCursor,
        }));
      },
      (failure: Error) => current.current === key && setError(failure.message),
    );
  };
  useEffect(() => load(), [key]);
  return {
    rows: state?.rows ?? null,
    next: state?.next ?? null,
    error,
    more: () => state?.next && load(state.next),
    reload: () => load(),
  };
}

/** Running syncs as the service tells them. */
export function useLiveRuns(): LiveRun[] | null {
  const [runs, setRuns] = useState<LiveRun[] | null>(null);
  useEffect(() => {
    let source: EventSource;
    let again: ReturnType<typeof setTimeout>;
    const listen = (): void => {
      source = new EventSource('/admin/api/live');
      source.addEventListener('runs', (event) =>
        setRuns(JSON.parse((event as MessageEvent<string>).data) as LiveRun[]),
      );
      // a browser comes back by itself when a stream breaks, but not when it was refused
      source.addEventListener('error', () => {
        if (source.readyState === EventSource.CLOSED) again = setTimeout(listen, LIVE_AGAIN_MS);
      });
    };
    listen();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }, []);
  return runs;
}

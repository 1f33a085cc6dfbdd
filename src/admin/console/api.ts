import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { components, paths } from './api-types';
import { queryOf } from './format';

const LIVE_AGAIN_MS = 10_000;

type Schemas = components['schemas'];
export type Integration = Schemas['AdminIntegration'] &
  Pick<Partial<Schemas['AdminIntegrationWithRecords']>, 'records'>;
export type Overview = Schemas['Overview'];
export type LiveRun = Schemas['LiveRun'];
export type Me = Schemas['SignedIn'];

const API = '/admin/api';
type Api = { [P in keyof paths as P extends `${typeof API}${infer Rest}` ? Rest : never]: paths[P] };
type Success = 200 | 201 | 202;
type Json<Operation> = Operation extends { responses: infer Responses }
  ? {
      [Status in keyof Responses & Success]: Responses[Status] extends { content: { 'application/json': infer Body } }
        ? Body
        : never;
    }[keyof Responses & Success]
  : never;
type PathOf<Method extends 'get' | 'post'> = {
  [P in keyof Api]: Json<Api[P][Method]> extends never ? never : P;
}[keyof Api];

/** The answer of an operation, by its path in openapi.json. */
export type Answer<P extends PathOf<'get'>> = Json<Api[P]['get']>;
/** What an operation lists or shows: the type of `data`, or of its entries. */
export type Entry<P extends PathOf<'get'>> =
  Answer<P> extends { data: (infer Row)[] } ? Row : Answer<P> extends { data: infer Data } ? Data : never;
type ListPath = {
  [P in PathOf<'get'>]: Answer<P> extends { data: unknown[]; nextCursor: unknown } ? P : never;
}[PathOf<'get'>];
type BodyOf<P extends PathOf<'post'>> = Api[P]['post'] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;
export type PostAnswer<P extends PathOf<'post'>> = Json<Api[P]['post']>;

/** Fill the `{names}` of a path; the others become its query. */
type Values = Readonly<Record<string, string | undefined>>;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** Set by the application: what to do when the session has ended. */
export const session: { ended: () => void } = { ended: () => undefined };

export async function call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const request = fetch(`/admin${path}`, {
    method,
    credentials: 'same-origin',
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  const response = await request.catch(() => {
    throw new ApiError(0, 'The service cannot be reached.');
  });
  if (response.status === 204) return undefined as T;
  const answer = (await response.json().catch(() => ({}))) as {
    error?: string;
    code?: string;
    data?: object;
  };
  // nothing was done yet: the page that lists the request says so
  if (response.status === 202 && isApprovalRequest(answer)) location.hash = '#/approvals';
  if (response.ok) return answer as T;
  if (answer.code === 'unauthenticated' && path !== '/session') session.ended();
  throw new ApiError(response.status, answer.error ?? `The service answered ${response.status}.`, answer.code);
}

function isApprovalRequest(answer: { data?: object }): boolean {
  return answer.data !== undefined && 'requestedBy' in answer.data && 'decidedBy' in answer.data;
}

function addressOf(path: string, values: Values): string {
  const query: Record<string, string | undefined> = { ...values };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    delete query[name];
    return encodeURIComponent(values[name] ?? '');
  });
  return filled + queryOf(query);
}

export const get = <P extends PathOf<'get'>>(path: P, values: Values = {}): Promise<Answer<P>> =>
  call('GET', `/api${addressOf(path, values)}`);
export const post = <P extends PathOf<'post'>>(path: P, values: Values, body: BodyOf<P>): Promise<PostAnswer<P>> =>
  call('POST', `/api${addressOf(path, values)}`, body as object);

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
export function useLoaded<P extends PathOf<'get'>>(path: P, values: Values = {}, everyMs = 0): Loaded<Answer<P>> {
  const key = addressOf(path, values);
  const [state, setState] = useState<{ key: string; data: Answer<P> | null; error: string | null }>({
    key,
    data: null,
    error: null,
  });
  const current = useRef(key);
  current.current = key;
  const load = useCallback(() => {
    get(path, values).then(
      (data) => current.current === key && setState({ key, data, error: null }),
      (error: Error) => current.current === key && setState((before) => ({ ...before, key, error: error.message })),
    );
  }, [key]);
  useEffect(() => {
    load();
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => !document.hidden && load(), everyMs);
    return () => clearInterval(timer);
  }, [load, everyMs]);
  return {
    data: state.key === key ? state.data : null,
    error: state.key === key ? state.error : null,
    reload: load,
  };
}

/**
 * A list that grows page by page; asking for other rows begins anew, and a late answer to an older question is dropped.
 */
export function usePages<P extends ListPath>(path: P, values: Values = {}): Pages<Entry<P>> {
  const key = addressOf(path, values);
  const [state, setState] = useState<{ key: string; rows: Entry<P>[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const current = useRef(key);
  current.current = key;
  const load = (cursor?: string): void => {
    get(path, { ...values, cursor }).then(
      (answer) => {
        const { data, nextCursor } = answer as { data: Entry<P>[]; nextCursor: string | null };
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

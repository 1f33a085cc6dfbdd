import type { components, paths } from './api-types';
import { queryOf } from './format';

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
export type PathOf<Method extends 'get' | 'post'> = {
  [P in keyof Api]: Json<Api[P][Method]> extends never ? never : P;
}[keyof Api];

/** The answer of an operation, by its path in openapi.json. */
export type Answer<P extends PathOf<'get'>> = Json<Api[P]['get']>;
/** What an operation lists or shows: the type of `data`, or of its entries. */
export type Entry<P extends PathOf<'get'>> =
  Answer<P> extends { data: (infer Row)[] } ? Row : Answer<P> extends { data: infer Data } ? Data : never;
export type ListPath = {
  [P in PathOf<'get'>]: Answer<P> extends { data: unknown[]; nextCursor: unknown } ? P : never;
}[PathOf<'get'>];
type BodyOf<P extends PathOf<'post'>> = Api[P]['post'] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;
export type PostAnswer<P extends PathOf<'post'>> = Json<Api[P]['post']>;

/** Fill the `{names}` of a path; the others become its query. */
export type Values = Readonly<Record<string, string | undefined>>;

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

export function addressOf(path: string, values: Values): string {
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

import { InterlockError } from './errors';
import { API_VERSION, OPERATIONS } from './generated/operations';
import type { Arguments, CallOptions, OperationId } from './types';

const WITH_KEY = new Set(['POST', 'PUT', 'PATCH']);

/** The same for all attempts of a call, but for its credential. */
export interface PreparedRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly idempotencyKey: string | undefined;
}

export function prepareRequest<O extends OperationId>(
  baseUrl: string,
  operation: O,
  args: Arguments<O>,
  options: CallOptions,
): PreparedRequest {
  const [method, template] = OPERATIONS[operation].split(' ') as [string, string];
  const values = (args.path ?? {}) as Record<string, string>;
  const path = template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = values[name];
    // an empty part, or one of dots alone, would make it another path
    if (!value || /^\.{1,2}$/.test(value)) throw new InterlockError(`${operation}: ${name} must be given.`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(args.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const search = query.toString();
  const body = args.body === undefined ? undefined : JSON.stringify(args.body);
  // where tokens are exchanged the service takes none
  const takesKey = WITH_KEY.has(method) && !path.startsWith('/api/v1/auth/');
  const idempotencyKey = takesKey ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (path.startsWith('/v2/')) headers['revkeen-version'] = API_VERSION;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  if (options.requestId !== undefined) headers['x-request-id'] = options.requestId;
  const url = `${baseUrl}${path}${search && '?'}${search}`;
  return { operation, method, path, url, headers, body, idempotencyKey };
}

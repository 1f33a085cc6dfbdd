import type { OpenAPIObject } from '@nestjs/swagger';
import { CHALLENGES } from '../challenges';
import { SUNSET_EXTENSION } from '../deprecated.decorator';
import { API_VERSION, API_VERSION_HEADER } from './api-version.middleware';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Components = NonNullable<OpenAPIObject['components']>;

/** One operation of the document, and what its errors and headers follow from. */
export interface Described {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
}

/** As the idempotency interceptor decides it. */
const IDEMPOTENT = /^(post|put|patch) \/(v2|api\/v1(?!\/auth(\/|$)))(\/|$)/;

export const isSecured = ({ operation }: Described): boolean => (operation.security?.length ?? 0) > 0;
export const isIdempotent = ({ method, path }: Described): boolean => IDEMPOTENT.test(`${method} ${path}`);
export const isMerchantSurface = ({ path }: Described): boolean => /^\/v2(\/|$)/.test(path);

export const HEADERS: Components['headers'] = {
  RequestId: {
    description: 'The caller’s own when it was a sane token, else made; log lines carry it.',
    required: true,
    schema: { type: 'string' },
    example: '0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11',
  },
  ApiVersion: {
    description: 'The version that the answer is of.',
    required: true,
    schema: { type: 'string', enum: [API_VERSION] },
    example: API_VERSION,
  },
  RateLimitLimit: {
    description: 'Requests that can be made at once: the burst. Absent when rate limits are switched off.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '2000',
  },
  RateLimitRemaining: {
    description: 'Requests that are left of the burst.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '1999',
  },
  RateLimitReset: {
    description: 'When the full burst is there again, in Unix seconds.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '4081308600',
  },
  RetryAfter: {
    description: 'Whole seconds to wait before the same request again.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '1',
  },
  WwwAuthenticate: {
    description: 'How a caller can say who it is: the schemes that the operation takes.',
    required: true,
    schema: { type: 'string' },
    example: CHALLENGES.bearer,
  },
  Deprecation: {
    description: 'Since when nobody should begin to use the operation (RFC 9745), in Unix seconds.',
    required: true,
    schema: { type: 'string', pattern: '^@[0-9]+$' },
    example: '@4081308600',
  },
  Sunset: {
    description: 'When the operation stops to answer (RFC 8594).',
    required: true,
    schema: { type: 'string' },
    example: 'Sat, 31 Jan 2099 00:00:00 GMT',
  },
  Successor: {
    description: 'What to use instead.',
    required: true,
    schema: { type: 'string' },
    example: '<https://docs.revkeen.com>; rel="successor-version"',
  },
  IdempotencyReplayed: {
    description: 'Present when the answer is the stored one of an earlier request with this Idempotency-Key.',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
};

/**
 * Without examples of what must be another one each time: Swagger UI fills them in, and a second try would be a 409.
 */
export const PARAMETERS: Components['parameters'] = {
  RequestId: {
    name: 'x-request-id',
    in: 'header',
    required: false,
    description: 'Taken as the id of the request when it is a sane token; made otherwise.',
    schema: { type: 'string', maxLength: 128 },
  },
  ApiVersion: {
    name: API_VERSION_HEADER,
    in: 'header',
    required: false,
    description: 'The version that the client was written for; an unknown one is 400.',
    schema: { type: 'string', enum: [API_VERSION] },
    example: API_VERSION,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Printable characters; a UUID v4 is advised. The same key with the same body is answered from memory for 24 hours and runs once; with another body, or another `limit` or `cursor` where the operation takes them, it is 409.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
  },
};

/** Request headers that an operation reads besides its own. */
export function addRequestHeaders(described: Described): void {
  const names = ['RequestId'];
  if (isMerchantSurface(described)) names.push('ApiVersion');
  if (isIdempotent(described)) names.push('IdempotencyKey');
  described.operation.parameters = [
    ...(described.operation.parameters ?? []),
    ...names.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ];
}

/** Headers of an answer with this status. */
export function responseHeaders(described: Described, status: number): Record<string, { $ref: string }> {
  const names: [string, string][] = [['x-request-id', 'RequestId']];
  if (isMerchantSurface(described)) names.push([API_VERSION_HEADER, 'ApiVersion']);
  if (isSecured(described) && status !== 401) {
    names.push(
      ['X-RateLimit-Limit', 'RateLimitLimit'],
      ['X-RateLimit-Remaining', 'RateLimitRemaining'],
      ['X-RateLimit-Reset', 'RateLimitReset'],
    );
  }
  if (isIdempotent(described) && ![401, 403, 429].includes(status) && status < 500) {
    names.push(['Idempotency-Replayed', 'IdempotencyReplayed']);
  }
  if (status < 300 && SUNSET_EXTENSION in described.operation) {
    names.push(['Deprecation', 'Deprecation'], ['Sunset', 'Sunset'], ['Link', 'Successor']);
  }
  if (status === 401) names.push(['WWW-Authenticate', 'WwwAuthenticate']);
  if ([429, 502, 503, 504].includes(status) || (status === 409 && isIdempotent(described)))
    names.push(['Retry-After', 'RetryAfter']);
  return Object.fromEntries(names.map(([header, name]) => [header, { $ref: `#/components/headers/${name}` }]));
}

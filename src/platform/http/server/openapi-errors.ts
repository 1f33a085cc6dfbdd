import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CATALOGUE, ERROR_CODES, NEXT_ACTIONS, type ErrorCode } from '../../errors';
import { ERROR_CODES_EXTENSION } from '../may-fail.decorator';
import { isIdempotent, isMerchantSurface, isSecured, responseHeaders, type Described } from './openapi-headers';

type Components = NonNullable<OpenAPIObject['components']>;

const EXAMPLE_REQUEST_ID = '0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11';
const METHODS_WITH_BODY = new Set(['post', 'put', 'patch', 'delete']);
/** Parameters that name a kind or the caller itself, not something that may be missing. */
const ID_OF_SOMETHING = /\{(?!(provider|resourceType|source|merchantId)\})\w+\}/;
/** What a handler means that documents a status by itself. */
const CODE_OF_STATUS: Readonly<Record<string, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  409: 'conflict',
  410: 'cursor_expired',
  422: 'unprocessable_entity',
  429: 'rate_limited',
  502: 'provider_error',
  504: 'provider_timeout',
};

/** Members that a contract page adds to the errors of one operation. */
const VARIANTS: Readonly<Record<string, { schema: string; properties: Record<string, object>; example: object }>> = {
  '/v2/integrations/{provider}/resume-sync': {
    schema: 'ResumeErrorBody',
    properties: { success: { type: 'boolean', enum: [false] } },
    example: { success: false },
  },
  '/health/live': {
    schema: 'NotLiveBody',
    properties: {
      status: { type: 'string', enum: ['unavailable'], description: 'With 503.' },
      reason: { type: 'string', description: 'With 503: what has not come round, and for how long.' },
    },
    example: {},
  },
  '/health/ready': {
    schema: 'NotReadyBody',
    properties: {
      status: { type: 'string', enum: ['unavailable'], description: 'With 503.' },
      checks: { type: 'object', additionalProperties: true, description: 'With 503: each check and what it found.' },
      dependencies: {
        type: 'object',
        additionalProperties: true,
        description: 'With 503: what the process can do without for a while, as it last answered.',
      },
    },
    example: {},
  },
};

/** Every code that the operation can answer: by its method, path and security, and what its handler says. */
export function errorCodesOf(described: Described): ErrorCode[] {
  const { operation, method, path } = described;
  const codes = new Set<ErrorCode>(['invalid_request', 'internal_error', 'unavailable']);
  if (isSecured(described))
    for (const code of ['unauthenticated', 'permission_denied', 'rate_limited'] as const) codes.add(code);
  else if (method !== 'get') codes.add('rate_limited');
  // from an address that may not: whatever else the operation asks for
  if (path.startsWith('/admin/')) codes.add('permission_denied');
  if (isSecured(described) && method !== 'get' && path.startsWith('/admin/')) codes.add('wrong_origin');
  if (extensionsOf(operation)['x-recent-sign-in']) codes.add('sign_in_too_old');
  if (isIdempotent(described)) codes.add('idempotency_conflict').add('idempotency_in_progress');
  if (METHODS_WITH_BODY.has(method)) codes.add('payload_too_large').add('unsupported_media_type');
  if (ID_OF_SOMETHING.test(path)) codes.add('not_found');
  for (const status of Object.keys(operation.responses)) {
    const code = CODE_OF_STATUS[status];
    if (code) codes.add(code);
  }
  for (const code of (extensionsOf(operation)[ERROR_CODES_EXTENSION] ?? []) as ErrorCode[]) codes.add(code);
  return ERROR_CODES.filter((code) => codes.has(code));
}

/**
 * Documents every error of the operation: answers that many operations share stand once, under `components.responses`.
 */
export function addErrors(described: Described, components: Components): void {
  const { operation, path } = described;
  const codes = errorCodesOf(described);
  extensionsOf(operation)[ERROR_CODES_EXTENSION] = codes;
  for (const status of new Set(codes.map((code) => ERROR_CATALOGUE[code].status))) {
    const ofStatus = codes.filter((code) => ERROR_CATALOGUE[code].status === status);
    const written = operation.responses[String(status)];
    const description = written && 'description' in written ? written.description : undefined;
    const response = {
      description: ofStatus.map((code) => ERROR_CATALOGUE[code].text).join(' Or: '),
      headers: responseHeaders(described, status),
      content: { 'application/json': contentOf(path, ofStatus) },
    };
    const name = `${surfaceOf(described)}_${ofStatus.join('_')}`;
    if (VARIANTS[path]) {
      operation.responses[String(status)] = { ...response, ...(description ? { description } : {}) };
    } else {
      components.responses = { ...components.responses, [name]: response };
      operation.responses[String(status)] = {
        $ref: `#/components/responses/${name}`,
        ...(description ? { description } : {}),
      };
    }
  }
}

export function errorSchemas(codes: readonly ErrorCode[]): Record<string, object> {
  const variants = Object.values(VARIANTS).map(({ schema, properties }) => [schema, errorSchema(codes, properties)]);
  return { ErrorBody: errorSchema(codes), ...Object.fromEntries(variants) };
}

/** One for each code. */
export function errorExamples(
  codes: readonly ErrorCode[],
): Record<string, { summary: string; description: string; value: object }> {
  return Object.fromEntries(
    codes.map((code) => [
      code,
      { summary: ERROR_CATALOGUE[code].text, description: ERROR_CATALOGUE[code].meaning, value: exampleOf(code) },
    ]),
  );
}

function contentOf(path: string, codes: readonly ErrorCode[]): object {
  const variant = VARIANTS[path];
  const examples = codes.map((code) => [
    code,
    variant ? { value: { ...variant.example, ...exampleOf(code) } } : { $ref: `#/components/examples/${code}` },
  ]);
  return {
    schema: { $ref: `#/components/schemas/${variant?.schema ?? 'ErrorBody'}` },
    examples: Object.fromEntries(examples),
  };
}

function surfaceOf(described: Described): string {
  const surface = isMerchantSurface(described) ? 'V2' : isSecured(described) ? 'Token' : 'Open';
  return isIdempotent(described) ? `${surface}Idempotent` : surface;
}

function exampleOf(code: ErrorCode): object {
  const { text, nextAction } = ERROR_CATALOGUE[code];
  return {
    error: text,
    code,
    requestId: EXAMPLE_REQUEST_ID,
    nextAction,
    ...(code === 'invalid_request' ? { details: { fields: { 'credentials.apiKey': ['must not be empty'] } } } : {}),
  };
}

function extensionsOf(operation: Described['operation']): Record<string, unknown> {
  return operation as unknown as Record<string, unknown>;
}

function errorSchema(codes: readonly ErrorCode[], more: Record<string, object> = {}): object {
  return {
    type: 'object',
    required: ['error', 'code', 'requestId', 'nextAction'],
    properties: {
      ...more,
      error: { type: 'string', description: 'What went wrong, in one sentence.' },
      code: { type: 'string', enum: codes, description: 'From a closed catalogue; never changes its meaning.' },
      requestId: { type: 'string', description: 'Equals the x-request-id header.' },
      nextAction: { type: 'string', enum: NEXT_ACTIONS, description: 'What the caller can do about it.' },
      details: {
        type: 'object',
        description: 'Validation errors only.',
        required: ['fields'],
        properties: {
          fields: {
            type: 'object',
            description: 'Field path to the rules it breaks; never the rejected value.',
            additionalProperties: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
    example: { ...exampleOf('invalid_request') },
  };
}

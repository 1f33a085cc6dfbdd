import { VERDICTS } from '../../platform/outbound';
import { PROVIDER_STATES } from '../provider.registry';
import { RESOURCE_TYPES } from '../records';
import { authSchema, LOGIN_BODY_SCHEMA } from './auth-schema';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
const name = { type: 'string', pattern: '^[A-Za-z0-9_$.\\[\\]-]{1,100}$' } as const;
/** Of members, with dots between them. */
const path = { type: 'string', pattern: '^[\\w$@-]+(\\.[\\w$@-]+){0,9}$', maxLength: 200 } as const;
/** Below the base URL: no host, no way up, no query of its own, and nothing encoded. */
const place = {
  type: 'string',
  pattern: '^(/[\\w.~{}-]+)+/?$',
  not: { pattern: '(^|/)\\.\\.?(/|$)' },
  maxLength: 200,
} as const;
const size = { type: 'integer', minimum: 1, maximum: 1_000 } as const;
const strings = {
  type: 'object',
  maxProperties: 20,
  additionalProperties: { type: 'string', maxLength: 500 },
} as const;
const headers = {
  type: 'object',
  maxProperties: 10,
  propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9-]{0,63}$' },
  additionalProperties: { type: 'string', pattern: '^[ -~]{1,200}$' },
} as const;
const object = (required: readonly string[], properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

const pageEnd = { size, sizeParameter: name, more: path, next: path, total: path };
const scalar = { type: ['string', 'number', 'boolean'] };

const headerName = { type: 'string', pattern: '^[A-Za-z0-9-]{1,64}$' } as const;

const rule = object([], {
  from: { anyOf: [path, { type: 'array', minItems: 1, maxItems: 10, items: path }] },
  cel: text(500),
  value: { type: ['string', 'number', 'boolean', 'null'] },
  words: { type: 'object', maxProperties: 100, additionalProperties: { type: ['string', 'boolean'] } },
  otherwise: scalar,
  unit: { enum: ['major', 'minor'] },
  prefix: text(32),
});

/** The form of a manifest, as JSON Schema: what an editor completes and `provider lint` checks first. */
export const MANIFEST_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Interlock provider manifest',
  ...object(
    ['apiVersion', 'id', 'name', 'docsUrl', 'baseUrl', 'hosts', 'auth', 'rate', 'interval', 'test', 'streams'],
    {
      apiVersion: { const: 'interlock/v1' },
      id: { type: 'string', pattern: '^[a-z][a-z0-9_]{1,31}$' },
      name: text(64),
      docsUrl: { type: 'string', format: 'uri', pattern: '^https://', maxLength: 500 },
      state: { enum: PROVIDER_STATES },
      baseUrl: object(['example'], {
        default: { type: 'string', format: 'uri', pattern: '^https://', maxLength: 500 },
        segment: { type: 'string', pattern: '^[\\w.-]{1,64}$' },
        perMerchant: { type: 'boolean' },
        example: { type: 'string', format: 'uri', maxLength: 500 },
      }),
      hosts: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: { type: 'string', pattern: '^\\.?[a-z0-9-]+(\\.[a-z0-9-]+)+$' },
      },
      auth: authSchema({ object, place, path, name, headers }),
      headers,
      credentials: {
        type: 'object',
        maxProperties: 10,
        propertyNames: { pattern: '^[a-z][A-Za-z0-9]{0,31}$' },
        additionalProperties: object(['title', 'description', 'example'], {
          title: text(64),
          description: text(300),
          secret: { type: 'boolean' },
          identifies: { const: true },
          default: text(200),
          maxLength: { type: 'integer', minimum: 1, maximum: 8_192 },
          example: text(200),
        }),
      },
      rate: object(['perSecond', 'burst', 'per'], {
        perSecond: { type: 'number', exclusiveMinimum: 0, maximum: 1_000 },
        burst: { type: 'integer', minimum: 1, maximum: 1_000 },
        per: { enum: ['account', 'key'] },
      }),
      interval: object(['defaultMinutes', 'minimumMinutes'], {
        defaultMinutes: { type: 'integer', minimum: 1, maximum: 10_080 },
        minimumMinutes: { type: 'integer', minimum: 1, maximum: 10_080 },
      }),
      settleMarginSeconds: { type: 'integer', minimum: 0, maximum: 3_600 },
      test: object(['path'], {
        path: place,
        account: path,
        expires: { anyOf: [path, object([], { header: headerName, cel: text(500) })] },
      }),
      errors: object([], {
        messages: { type: 'array', maxItems: 10, items: path },
        rules: {
          type: 'array',
          maxItems: 20,
          items: object(['verdict'], {
            status: { type: 'integer', minimum: 100, maximum: 599 },
            header: headerName,
            path,
            equals: scalar,
            verdict: { enum: [...VERDICTS.filter((verdict) => verdict !== 'internal'), 'gone'] },
          }),
        },
      }),
      times: object([], { form: { enum: ['iso', 'unix'] }, zone: { enum: ['named', 'utc', 'merchant'] } }),
      streams: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: object(['key', 'resource', 'version', 'path', 'rows', 'id', 'paging', 'complete', 'fields'], {
          key: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,31}$' },
          resource: { enum: RESOURCE_TYPES },
          enabledBy: { enum: ['syncPatients', 'syncProducts', 'syncPackages', 'syncInvoices'] },
          version: { type: 'integer', minimum: 1, maximum: 1_000_000 },
          path: place,
          query: { ...strings, propertyNames: name },
          rows: { type: 'string', pattern: '^(\\$|[\\w-]+(\\.[\\w-]+){0,9})$', maxLength: 200 },
          rowsOptional: { type: 'boolean' },
          id: path,
          idPrefix: { type: 'string', pattern: '^[a-z]{1,16}:$' },
          updatedAt: path,
          createdAt: path,
          paging: {
            type: 'object',
            required: ['by'],
            discriminator: { propertyName: 'by' },
            oneOf: [
              object(['by'], { by: { const: 'none' } }),
              object(['by', 'parameter'], {
                by: { const: 'page' },
                parameter: name,
                first: { enum: [0, 1] },
                ...pageEnd,
              }),
              object(['by', 'parameter'], { by: { const: 'offset' }, parameter: name, ...pageEnd }),
              object(['by', 'parameter'], { by: { const: 'after' }, parameter: name, ...pageEnd }),
              object(['by', 'parameter', 'next'], { by: { const: 'cursor' }, parameter: name, ...pageEnd }),
              object(['by', 'next'], { by: { const: 'link' }, ...pageEnd }),
            ],
          },
          changedSince: object(['parameter'], {
            parameter: name,
            value: { type: 'string', pattern: '\\{since\\}', maxLength: 200 },
            form: { enum: ['iso', 'unix', 'wall', 'date'] },
          }),
          newestFirst: object(['mutableDays'], {
            mutableDays: { type: 'number', exclusiveMinimum: 0, maximum: 3_650 },
          }),
          where: text(500),
          complete: { type: 'boolean' },
          one: object(['path'], { path: place, row: path }),
          fields: { $ref: '#/$defs/fields' },
        }),
      },
    },
  ),
  $defs: {
    loginBody: LOGIN_BODY_SCHEMA,
    fields: {
      type: 'object',
      minProperties: 1,
      maxProperties: 50,
      // a path, a list, a rule, or a part with fields of its own: one way leads to further fields, so each is read once
      additionalProperties: {
        if: { type: 'string' },
        // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
        then: path,
        else: {
          if: { type: 'object', required: ['each'] },
          // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
          then: object(['each', 'fields'], { each: path, fields: { $ref: '#/$defs/fields' } }),
          else: { anyOf: [rule, { $ref: '#/$defs/fields' }] },
        },
      },
    },
  },
} as const;

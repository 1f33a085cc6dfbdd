import { EVENT_CATALOGUE, EVENT_TYPES, exampleData, type EventField, type EventType } from '../../events';

type Schema = Record<string, unknown>;

const HEADERS = [
  ['webhook-id', 'The event’s id: the same for every try.'],
  ['webhook-timestamp', 'When this try was made, in Unix seconds. Refuse what is older than five minutes.'],
  [
    'webhook-signature',
    'Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both.',
  ],
  [
    'x-revkeen-signature',
    '`t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`.',
  ],
] as const;

/** What is sent to endpoints: the `webhooks` of the OpenAPI document, one for each type, and their schemas. */
export function webhooksDocument(): { webhooks: Record<string, Schema>; schemas: Record<string, Schema> } {
  return {
    webhooks: Object.fromEntries(EVENT_TYPES.map((type) => [type, { post: operationOf(type) }])),
    schemas: Object.fromEntries(EVENT_TYPES.map((type) => [schemaName(type), schemaOf(type)])),
  };
}

/** `sync.completed`: `SyncCompletedEvent`. */
function schemaName(type: EventType): string {
  return `${nameOf(type)}Event`;
}

function nameOf(type: EventType): string {
  return type
    .split(/[._]/)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
}

function operationOf(type: EventType): Schema {
  const { description } = EVENT_CATALOGUE[type];
  return {
    operationId: `on${nameOf(type)}`,
    summary: type,
    description,
    tags: ['Webhook endpoints'],
    security: [],
    parameters: HEADERS.map(([name, text]) => ({
      ...{ name, in: 'header', required: name !== 'x-revkeen-signature' },
      ...{ description: text, schema: { type: 'string' } },
    })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${schemaName(type)}` },
          example: { type, timestamp: '2099-05-01T09:30:00.000Z', data: exampleData(type) },
        },
      },
    },
    responses: {
      '2XX': { description: 'Taken. Anything else, and no answer within 20 seconds, is tried again.' },
      '410': { description: 'The endpoint is gone: it is switched off.' },
    },
  };
}

function schemaOf(type: EventType): Schema {
  const { data, description } = EVENT_CATALOGUE[type];
  const members = {
    ...Object.fromEntries(Object.entries(data).map(([name, field]) => [name, memberOf(field)])),
    ...(type === 'records.changed' && RECORDS),
  };
  return {
    type: 'object',
    description,
    required: ['type', 'timestamp', 'data'],
    properties: {
      type: { type: 'string', const: type, description: 'What happened.' },
      timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
      data: { type: 'object', required: Object.keys(data), properties: members, description: 'What it happened to.' },
    },
  };
}

const RECORDS = {
  records: {
    type: 'array',
    items: { $ref: '#/components/schemas/SyncedRecord' },
    description: 'For endpoints with `includeData`: the newest versions, as many as fit.',
  },
  hasMoreRecords: { type: 'boolean', description: 'There are more than `records` holds: read them with `cursor`.' },
};

function memberOf({ type, nullable, example, ...rest }: EventField): Schema {
  return { type: nullable ? [type, 'null'] : type, ...rest, examples: [example] };
}

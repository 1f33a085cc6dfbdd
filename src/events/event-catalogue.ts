/** One member of an event's `data`, as JSON Schema has it. */
export interface EventField {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly nullable?: true;
  readonly format?: 'uuid' | 'date-time';
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly example: string | number | boolean | null;
}

const INTEGRATION = {
  integrationId: { type: 'string', format: 'uuid', example: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55' },
  provider: { type: 'string', description: 'An id of `GET /v2/providers`.', example: 'practicehub' },
} as const;
const CODE = {
  type: 'string',
  nullable: true,
  description: 'Of the error catalogue.',
  example: 'provider_error',
} as const;
const MESSAGE = {
  type: 'string',
  nullable: true,
  description: 'For people, at most 200 characters.',
  example: 'The provider answered with an error.',
} as const;
const RUN = { type: 'string', format: 'uuid', example: '0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44' } as const;
const RESOURCE = { type: 'string', description: 'Of the change feed.', example: 'invoices' } as const;
const PLAN = {
  ...INTEGRATION,
  resourceType: RESOURCE,
  rows: { type: 'integer', description: 'Rows that the scan missed.', example: 120 },
} as const;
const PAYMENT = {
  ...INTEGRATION,
  paymentId: { type: 'string', format: 'uuid', example: '5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10' },
  amountMinor: { type: 'integer', description: 'Minor units.', example: 4500 },
  currency: { type: 'string', description: 'ISO 4217.', example: 'GBP' },
} as const;
const MAPPING = { ...INTEGRATION, externalId: { type: 'string', example: 'membership:70' } } as const;
const MAPPED = {
  ...MAPPING,
  internalId: { type: 'string', format: 'uuid', example: '4a1d6c0e-7b3f-4c55-8a21-9e0f3d5b6c77' },
} as const;
const NODE_INTEGRATION = {
  nodeIntegrationId: { type: 'string', format: 'uuid', example: '2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21' },
  nodeId: { type: 'string', format: 'uuid', example: '9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60' },
} as const;
const ENDPOINT = {
  endpointId: { type: 'string', format: 'uuid', example: 'c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90' },
} as const;
const time = (description: string) =>
  ({ type: 'string', format: 'date-time', description, example: '2099-05-01T09:30:00.000Z' }) as const;
const count = (description: string, example: number) => ({ type: 'integer', description, example }) as const;

/**
 * Every type of event: what it tells, and the members of its `data`. Types, schemas, examples and the documents are
 * made of it. No member holds a secret or anything personal.
 */
export const EVENT_CATALOGUE = {
  'integration.activated': {
    description: 'An integration was activated; its first sync follows.',
    data: { ...INTEGRATION, reactivated: { type: 'boolean', example: false } },
  },
  'integration.deactivated': {
    description: 'An integration was deactivated. Nothing is synced until it is activated again.',
    data: INTEGRATION,
  },
  'integration.paused': {
    description: 'Automatic sync stopped: switched off by the merchant, by an operator, or after failures.',
    data: {
      ...INTEGRATION,
      cause: { type: 'string', enum: ['merchant', 'operator', 'failures'], example: 'failures' },
    },
  },
  'integration.resumed': { description: 'Automatic sync goes on, after a pause.', data: INTEGRATION },
  'integration.credentials_rejected': {
    description: 'The provider rejected the stored credentials. Automatic sync is paused until they are replaced.',
    data: { ...INTEGRATION, error: MESSAGE },
  },
  'integration.credentials_expiring': {
    description:
      'The stored credentials end at the provider within seven days, as the provider said when they were tested.',
    data: { ...INTEGRATION, expiresAt: time('When they end.') },
  },
  'integration.degraded': {
    description: 'A sync failed after one that had succeeded.',
    data: { ...INTEGRATION, errorCode: CODE, error: MESSAGE },
  },
  'integration.recovered': { description: 'A sync succeeded after others had failed.', data: INTEGRATION },
  'sync.completed': {
    description: 'A sync run succeeded.',
    data: {
      ...INTEGRATION,
      runId: RUN,
      recordsCreated: count('In all resources.', 3),
      recordsUpdated: count('In all resources.', 12),
      recordsDeleted: count('In all resources.', 0),
    },
  },
  'sync.failed': {
    description: 'A sync run failed.',
    data: { ...INTEGRATION, runId: RUN, errorCode: CODE, error: MESSAGE },
  },
  'records.changed': {
    description:
      'Records of one resource changed: those at the feed positions after `from`, up to `to`. Read them with `cursor` from the change feed of the resource.',
    data: {
      ...INTEGRATION,
      resourceType: RESOURCE,
      from: count('Feed position before the first of these changes.', 1200),
      to: count('Feed position of the last of these changes.', 1212),
      created: count('Records that are newest in this range and were created.', 2),
      updated: count('Records that are newest in this range and were updated.', 9),
      deleted: count('Records that are newest in this range and were deleted.', 1),
      cursor: {
        type: 'string',
        description: 'The feed cursor that stands before the first of these changes.',
        example: 'ZjIuMS4wYTFiMmMzZC4xMjAw',
      },
    },
  },
  'deletion_plan.held': {
    description: 'A scan missed so many rows that an operator decides whether they are deleted.',
    data: PLAN,
  },
  'deletion_plan.approved': {
    description: 'An operator approved the deletions that a scan had concluded.',
    data: { ...PLAN, deleted: count('Records that were deleted.', 118) },
  },
  'deletion_plan.discarded': {
    description: 'An operator discarded the deletions that a scan had concluded.',
    data: PLAN,
  },
  'payment.succeeded': { description: 'A payment was pushed to the provider.', data: PAYMENT },
  'payment.failed': {
    description: 'A payment could not be pushed; the provider has nothing of it.',
    data: { ...PAYMENT, errorCode: CODE },
  },
  'payment.needs_review': {
    description: 'Nobody knows whether the provider took a payment: a person has to look.',
    data: PAYMENT,
  },
  'product_mapping.created': { description: 'An external product was mapped.', data: MAPPED },
  'product_mapping.updated': { description: 'An external product was mapped to another product.', data: MAPPED },
  'product_mapping.deleted': { description: 'An external product is no longer mapped.', data: MAPPING },
  'node_integration.created': {
    description: 'A key and secret were made for a node of the merchant.',
    data: NODE_INTEGRATION,
  },
  'node_integration.rotated': { description: 'The secret of a node’s key was replaced.', data: NODE_INTEGRATION },
  'node_integration.deleted': { description: 'A node’s key was deleted.', data: NODE_INTEGRATION },
  'api_key.expiring': {
    description: 'An API key of the merchant ends within seven days.',
    data: {
      apiKeyId: { type: 'string', format: 'uuid', example: 'e3b0c442-98fc-4c14-9afb-f4c8996fb924' },
      name: { type: 'string', example: 'Billing back end' },
      expiresAt: time('When the key ends.'),
    },
  },
  'webhook_endpoint.failing': {
    description: 'Deliveries to another endpoint have done nothing but fail for half, or three quarters, of five days.',
    data: { ...ENDPOINT, failingSince: time('The first failure.'), disablesAt: time('When it is switched off.') },
  },
  'webhook_endpoint.disabled': {
    description: 'Another endpoint was switched off: after five days of failures only, or because it answered 410.',
    data: { ...ENDPOINT, reason: { type: 'string', enum: ['failing', 'gone'], example: 'failing' } },
  },
  'webhook_endpoint.event_parked': {
    description: 'Another endpoint refused an event until its tries were used up. Replay it by its id.',
    data: {
      ...ENDPOINT,
      eventId: { type: 'string', format: 'uuid', example: '1c9b5f3a-0e7d-4a62-8b4f-6d2c0a9e7f31' },
      eventType: { type: 'string', example: 'sync.completed' },
    },
  },
} as const satisfies Readonly<
  Record<string, { readonly description: string; readonly data: Readonly<Record<string, EventField>> }>
>;

export type EventType = keyof typeof EVENT_CATALOGUE;
export const EVENT_TYPES = Object.keys(EVENT_CATALOGUE) as readonly EventType[];

type ValueOf<F> =
  | (F extends { enum: readonly (infer Each)[] }
      ? Each
      : F extends { type: 'integer' }
        ? number
        : F extends { type: 'boolean' }
          ? boolean
          : string)
  | (F extends { nullable: true } ? null : never);

type Fields<T extends EventType> = (typeof EVENT_CATALOGUE)[T]['data'];
export type EventData<T extends EventType = EventType> = {
  readonly [Name in keyof Fields<T>]: ValueOf<Fields<T>[Name]>;
};

/** The `data` that documents and tests of an endpoint show. */
export function exampleData(type: EventType): Record<string, unknown> {
  const fields: Readonly<Record<string, EventField>> = EVENT_CATALOGUE[type].data;
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.example]));
}

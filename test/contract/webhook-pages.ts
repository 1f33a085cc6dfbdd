import { EVENT_CATALOGUE } from '../../src/events';
import { bare, data, DONE, fields, NEXT, PROVIDER, type ContractRow } from './contract-page';

const EVENT_TYPE = Object.keys(EVENT_CATALOGUE).join('|');
const EVENT = fields(
  `id: uuid, type: ${EVENT_TYPE}, timestamp: date-time, integrationId: uuid|null, provider: ${PROVIDER}|null, data: object`,
);
const ENDPOINT_SETTINGS = {
  url: 'uri',
  description: 'string|null',
  eventTypes: `[${EVENT_TYPE}]|null`,
  providers: `[${PROVIDER}]|null`,
  integrationIds: '[uuid]|null',
  includeData: 'boolean',
  ordering: 'parallel|strict',
  ratePerSecond: 'integer|null',
  mirroredSignature: 'boolean',
};
const settings = (isOptional: (name: string) => boolean, more: string[] = []): string =>
  `{${[...Object.entries(ENDPOINT_SETTINGS).map(([name, shape]) => `${name}${isOptional(name) ? '?' : ''}: ${shape}`), ...more].sort().join(', ')}}`;
const ENDPOINT_FIELDS = [
  'id: uuid',
  'publicKey: string',
  'previousSecretExpiresAt: date-time|null',
  'enabled: boolean',
  'disabledReason: switched_off|failing|gone|null',
  'status: healthy|degraded|disabled',
  'consecutiveFailures: integer',
  'failingSince: date-time|null',
  'lastSuccessAt: date-time|null',
  'heldEvents: integer',
  'parkedEvents: integer',
  'createdAt: date-time',
  'updatedAt: date-time',
];
const ENDPOINT = settings(() => false, ENDPOINT_FIELDS);
const ATTEMPT = fields(
  `eventId: uuid, eventType: ${EVENT_TYPE}, attempt: integer, attemptedAt: date-time, durationMs: integer, status: integer|null, error: string|null, answer: string|null, nextAction: none|retry|parked|disabled, nextAttemptAt: date-time|null`,
);
const hooks = '/v2/webhook-endpoints';

/** Events and the endpoints that they are sent to. */
export const WEBHOOK_PAGES: Record<string, ContractRow> = {
  'GET /v2/events': {
    query: `cursor:string integrationId:uuid limit=100[1..200] provider:${PROVIDER} type:${EVENT_TYPE}`,
    answers: [200, `{data: [${EVENT}], hasMore: boolean, nextCursor: string}`],
    errors: [410],
    needs: 'events:read',
  },
  'GET /v2/events/{eventId}': { answers: [200, bare(EVENT)], errors: [404], needs: 'events:read' },
  [`POST ${hooks}`]: {
    body: settings((name) => name !== 'url'),
    answers: [201, data(settings(() => false, [...ENDPOINT_FIELDS, 'secret: string']))],
    errors: [400, 409],
    needs: 'webhooks:write',
  },
  [`GET ${hooks}`]: { answers: [200, bare(`[${ENDPOINT}]`)], needs: 'webhooks:read' },
  [`GET ${hooks}/{endpointId}`]: { answers: [200, data(ENDPOINT)], errors: [404], needs: 'webhooks:read' },
  [`PATCH ${hooks}/{endpointId}`]: {
    body: settings(() => true, ['enabled?: boolean']),
    answers: [200, data(ENDPOINT)],
    errors: [400, 404],
    needs: 'webhooks:write',
  },
  [`DELETE ${hooks}/{endpointId}`]: { answers: [200, DONE], errors: [404], needs: 'webhooks:write' },
  [`POST ${hooks}/{endpointId}/rotate-secret`]: {
    body: '{overlapSeconds?: integer}',
    answers: [200, data('{previousSecretExpiresAt: date-time|null, publicKey: string, secret: string}')],
    errors: [404],
    needs: 'webhooks:write',
  },
  [`GET ${hooks}/{endpointId}/attempts`]: {
    query: 'cursor:string eventId:uuid limit=100[1..100]',
    answers: [200, `{data: [${ATTEMPT}], hasMore: boolean, nextCursor: string|null}`],
    errors: [404],
    needs: 'webhooks:read',
  },
  [`POST ${hooks}/{endpointId}/test`]: {
    body: `{type?: ${EVENT_TYPE}}`,
    answers: [200, data(ATTEMPT)],
    errors: [404],
    needs: 'webhooks:write',
  },
  [`POST ${hooks}/{endpointId}/replay`]: {
    body: '{eventId?: uuid, from?: date-time|null, to?: date-time|null}',
    answers: [200, data('{events: integer}')],
    errors: [404, 409, 422],
    needs: 'webhooks:write',
  },
  [`GET ${hooks}/{endpointId}/explain`]: {
    answers: [
      200,
      bare(
        `{reasons: [{code: string, message: string, nextAction: ${NEXT}, since: date-time|null}], willDeliver: boolean}`,
      ),
    ],
    errors: [404],
    needs: 'webhooks:read',
  },
};

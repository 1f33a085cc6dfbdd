import { SYNC_WORDS } from '../../src/sync';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { bare, data, DONE, fields, NEXT, PROVIDER, shapeOf, type ContractRow } from './contract-page';
import { WEBHOOK_PAGES } from './webhook-pages';

/**
 * The two contract pages, written down again as data: fields, nullability, enums, success status, the errors that a
 * page names, scopes, and the defaults and bounds of queries. Every end-to-end suite holds every answer against the
 * document; this holds the document against the pages.
 */

const CODES = [
  'invalid_request|provider_credentials_rejected|not_active|sync_paused|unauthenticated|permission_denied|not_found|conflict',
  'already_active|idempotency_conflict|idempotency_in_progress|cursor_expired|payload_too_large|unsupported_media_type',
  'unprocessable_entity|rate_limited|internal_error|provider_error|unavailable|provider_timeout',
].join('|');

const counts = (names: string): string => names.replace(/(\w+)/g, '$1: integer');

const CONFIGURATION = fields(
  'autoSendInvoices: boolean, invoiceLookbackDays: integer, currency: string, timezone: string|null, syncIntervalMinutes: integer, syncPatients: boolean, syncProducts: boolean, syncPackages: boolean, syncInvoices: boolean, pushPayments: boolean, baseUrl: string, credentialHint: string',
);
const INTEGRATION = `{${[
  `configuration: ${CONFIGURATION}`,
  'createdAt: date-time',
  `filters: [${fields('stream: string, state: honoured|ignored|refused|unproven, checkedAt: date-time')}]`,
  'id: uuid',
  'isActive: boolean',
  'lastSyncAt: date-time|null',
  'lastSyncError: string|null',
  `provider: ${PROVIDER}`,
  `providerState: ${fields('consecutiveErrors: integer, lastErrorAt: date-time|null, lastSyncAt: date-time|null, mode: sandbox|live')}`,
  'status: connected|error|syncing|idle|null',
  'syncEnabled: boolean',
  'syncHealth: healthy|degraded|paused',
  `syncInterval: ${fields('hasRepeatableJob: boolean, intervalMs: integer, nextRun?: date-time')}`,
  'updatedAt: date-time',
].join(', ')}}`;
const PAGINATION = '{hasMore: boolean, limit: integer, offset: integer, total: integer}';
const PAGED = 'limit=25[1..100] offset=0[0..]';
const CREDENTIALS = '{apiKey: password, appEmail?: email, appName?: string, baseUrl: uri}';
const JOB = '{jobId: uuid, success: true}';
/** A list that may be cut, and says so then. */
const CUT = 'hasMore?: true, nextCursor?: string';
const cut = (shape: string): string => `{data: ${shape}, ${CUT}, success: true}`;
const PARTS = 'cursor:string limit=1000[1..1000]';

const NOTE = fields(`code: ${SYNC_WORDS.notes.join('|')}, message: string`);
const SYNC_LOG = fields(
  `id: uuid, integrationId: uuid, jobId: uuid, provider: ${PROVIDER}, resourceType: string, status: pending|syncing|success|failed|skipped, jobType: scheduled|manual|single_retry|batch_retry, attempt: integer, startedAt: date-time|null, finishedAt: date-time|null, durationMs: integer|null, ${counts('recordsFetched, recordsCreated, recordsUpdated, recordsUnchanged, recordsDeleted, recordsQuarantined')}, notes: [${NOTE}], errorCode: ${CODES}|null, error: string|null, nextAction: ${NEXT}|null, createdAt: date-time`,
);
const FIGURES = `${counts('runs, succeeded, failed, skipped, recordsFetched, recordsCreated, recordsUpdated, recordsUnchanged, recordsDeleted, averageDurationMs')}, lastRunAt: date-time|null`;
const WINDOW = 'window: {from: date-time, to: date-time}';
const figures = (more: string[] = []): string => `{${[...FIGURES.split(', '), WINDOW, ...more].sort().join(', ')}}`;

const ADDRESS = fields(
  'line1: string|null, line2: string|null, city: string|null, region: string|null, postalCode: string|null, country: string|null',
);
const CUSTOMER = `{active: boolean, address: ${ADDRESS}|null, email: string|null, externalReference: string|null, firstName: string|null, lastName: string|null, name: string|null, phone: string|null}`;
const PRODUCT = fields(
  'name: string, kind: product|service|package|membership, amountMinor: integer|null, currency: string, interval: string|null, visits: integer|null, active: boolean, customerExternalId?: string|null, customerExternalIds?: [string]',
);
const LINE = fields('externalItemId: string|null, description: string|null, quantity: number, amountMinor: integer');
const INVOICE = `{balanceMinor: integer|null, currency: string, customerExternalId: string|null, dueAt: date-time|null, issuedAt: date-time|null, lines: [${LINE}], number: string|null, refundedMinor: integer|null, status: draft|open|partial|overdue|paid|void|refunded|unknown, statusSource: provider|derived|unknown, totalMinor: integer}`;
const PAYMENT = fields(
  'invoiceExternalId: string|null, customerExternalId: string|null, amountMinor: integer, refundedMinor: integer|null, currency: string, method: string|null, paidAt: date-time|null, status: string, origin: provider|interlock, cardLast4?: string|null, cardScheme?: string|null',
);
const DEVICE = fields(
  'name: string|null, serial: string|null, platform: string|null, status: online|offline|pairing, lastSeenAt: date-time|null',
);
const recordOf = (type: string, data: string): string =>
  `{data: ${data}, externalId: string, id: uuid, operation: created|updated|deleted, resourceType: ${type}, sourceUpdatedAt: date-time|null, syncedAt: date-time, version: integer}`;
const RECORD = [
  recordOf('customers', CUSTOMER),
  recordOf('products', PRODUCT),
  recordOf('invoices', INVOICE),
  recordOf('payments', PAYMENT),
  recordOf('devices', DEVICE),
].join('|');
const WATERMARK = fields(
  'id: uuid, merchantId: uuid, provider: string, resourceType: string, lastSyncAt: date-time|null, lastSyncStatus: idle|syncing|success|error|null, lastSyncError: string|null, cursor: string|null, itemsSynced: integer, createdAt: date-time, updatedAt: date-time',
);
const METHODS = cut(`[${fields('id: integer, name: string, active: boolean, sort_order: integer')}]`);
const METADATA = '{charge_type?: string, name?: string, type?: string}';
const PAYMENT_MAPPINGS = `[${fields('id: string, revkeenMethod: string, practiceHubMethodId: string')}]`;
/** All but `autoSendInvoices`, which stands before `credentials`. */
const SETTINGS = `currency?: string, invoiceLookbackDays?: integer, paymentMappings?: ${PAYMENT_MAPPINGS}, pushPayments?: boolean, syncEnabled?: boolean, syncIntervalMinutes?: integer, syncInvoices?: boolean, syncPackages?: boolean, syncPatients?: boolean, syncProducts?: boolean, timezone?: string|null`;
const OWN_PRODUCT = fields('id: uuid, name: string, kind: string, amountMinor: integer, currency: string');
const CATALOGUE_ENTRY = `{capabilities: {packages: boolean, paymentMethods: boolean, pushPayments: boolean}, credentialSchema: object, defaultIntervalMinutes: integer, docsUrl: uri, id: ${PROVIDER}, minimumIntervalMinutes: integer, name: string, resources: [customers|products|invoices|payments|devices]}`;
const PUSH = fields(
  `id: uuid, jobId: uuid, status: queued|pushed|failed|needs_review, externalInvoiceId: string, amountMinor: integer, currency: string, method: string, paidAt: date-time, reference: string, externalPaymentId: string|null, errorCode: ${CODES}|null, error: string|null, nextAction: ${NEXT}|null, createdAt: date-time, updatedAt: date-time`,
);

const NODE = fields(
  'id: uuid, parent_id: uuid|null, name: string, type: organization|account|sub_account, path: string, merchant_id: uuid|null, environment: sandbox|live|null, created_at: date-time, updated_at: date-time',
);
const KEY_FIELDS =
  'id: uuid, node_id: uuid, name: string, api_key: string, permissions: [string], expires_at: date-time|null, created_at: date-time';
const numbered = (item: string): string => `{items: [${item}], page: integer, per_page: integer, total: integer}`;
const NUMBERED = 'page=1[1..10000] per_page=10[1..100]';
const TOKENS = fields(
  'access_token: string, refresh_token: string, token_type: Bearer, expires_in: integer, expires_at: date-time',
);

const read = 'integrations:read';
const write = 'integrations:write';
const at = '/v2/integrations/{provider}';

const PAGES: Record<string, ContractRow> = {
  // lifecycle
  [`POST ${at}/activate`]: {
    body: `{autoSendInvoices?: boolean, credentials: ${CREDENTIALS}, ${SETTINGS}}`,
    answers: [200, data(INTEGRATION)],
    errors: [400, 409, 502, 504],
    needs: write,
  },
  [`POST ${at}/deactivate`]: {
    body: '{deleteCredentials?: boolean}',
    answers: [200, '{message: string, success: true}'],
    errors: [404],
    needs: write,
  },
  [`GET ${at}`]: { answers: [200, bare(`${INTEGRATION}|null`)], needs: read },
  [`POST ${at}/test`]: {
    body: `{credentials: ${CREDENTIALS}}`,
    answers: [200, '{error?: string, reason?: string, valid: boolean}'],
    errors: [400, 502, 504],
    needs: write,
  },
  [`POST ${at}/sync`]: { body: '{fullResync?: boolean}', answers: [200, JOB], errors: [400], needs: write },
  'GET /v2/integrations': {
    query: PAGED,
    answers: [200, `{data: [${INTEGRATION}], pagination: ${PAGINATION}}`],
    needs: read,
  },
  [`PUT ${at}/status`]: {
    body: '{lastSyncError?: string|null, status: connected|error|syncing|idle}',
    answers: [200, DONE],
    errors: [404, 409],
    needs: 'integrations:internal, internal',
  },
  [`PUT ${at}/sync-toggle`]: { body: '{enabled: boolean}', answers: [200, DONE], errors: [404], needs: write },
  [`PUT ${at}/sync-interval`]: {
    body: '{syncIntervalMinutes: integer}',
    answers: [200, DONE],
    errors: [400, 404],
    needs: write,
  },
  [`POST ${at}/resume-sync`]: {
    answers: [200, '{jobId?: uuid, message: string, success: true}'],
    errors: [400],
    needs: write,
  },
  [`PUT ${at}/credentials`]: {
    body: `{credentials: ${CREDENTIALS}}`,
    answers: [200, data('{rollbackUntil: date-time, version: integer}')],
    errors: [400, 404, 502, 504],
    needs: write,
  },
  [`POST ${at}/credentials/rollback`]: { answers: [200, data('{version: integer}')], errors: [404, 409], needs: write },
  [`DELETE ${at}/data`]: { answers: [202, JOB], errors: [404, 409], needs: write },
  // settings
  [`PATCH ${at}`]: {
    body: `{autoSendInvoices?: boolean, ${SETTINGS}}`,
    answers: [200, data(INTEGRATION)],
    errors: [400, 404],
    needs: write,
  },
  [`GET ${at}/payment-mappings`]: {
    answers: [200, `{data: ${PAYMENT_MAPPINGS}, success: true}`],
    errors: [404],
    needs: read,
  },
  [`PUT ${at}/invoice-lookback`]: {
    body: '{invoiceLookbackDays: integer}',
    answers: [200, DONE],
    errors: [404],
    needs: write,
  },
  [`PUT ${at}/auto-send-invoices`]: {
    body: '{autoSendInvoices: boolean}',
    answers: [200, DONE],
    errors: [404],
    needs: write,
  },
  [`PUT ${at}/payment-mappings`]: {
    body: `{mappings: ${PAYMENT_MAPPINGS}}`,
    answers: [200, DONE],
    errors: [404],
    needs: write,
  },
  [`GET ${at}/payment-methods`]: { query: PARTS, answers: [200, METHODS], errors: [404, 422, 502, 504], needs: read },
  [`POST ${at}/payment-methods`]: {
    query: PARTS,
    body: '{apiKey: password, baseUrl: uri, contactEmail?: email, tenantId?: string}',
    answers: [200, METHODS],
    errors: [400, 422, 502, 504],
    needs: write,
  },
  // sync visibility
  [`GET ${at}/sync-states`]: {
    answers: [
      200,
      data(
        `[${fields('resourceType: string, lastSyncAt: date-time|null, lastSyncStatus: idle|syncing|success|error|null, itemsProcessed: integer|null, lastSyncError: string|null, cursor: string|null')}]`,
      ),
    ],
    needs: read,
  },
  [`GET ${at}/sync-logs`]: {
    query: [
      'createdAfter:date-time createdBefore:date-time integrationId:uuid jobId:uuid',
      'jobType:scheduled|manual|single_retry|batch_retry latestOnly:true|false=false limit=25[1..100] offset=0[0..]',
      'resourceType:string status:pending|syncing|success|failed|skipped',
    ].join(' '),
    answers: [200, `{data: [${SYNC_LOG}], pagination: ${PAGINATION}, success: true}`],
    needs: read,
  },
  [`GET ${at}/sync-logs/{logId}`]: { answers: [200, data(SYNC_LOG)], errors: [404], needs: read },
  [`POST ${at}/sync-logs/{logId}/retry`]: { answers: [200, data('{jobId: uuid}')], errors: [400, 404], needs: write },
  [`POST ${at}/sync-logs/batch-retry`]: {
    body: '{integrationId: uuid, limit?: integer, resourceType?: string}',
    answers: [200, data('{queued: integer, skipped: integer}')],
    needs: write,
  },
  [`GET ${at}/sync-stats/{integrationId}`]: {
    query: 'days=30[1..365]',
    answers: [200, data(figures())],
    needs: read,
  },
  [`GET ${at}/sync-stats-by-type/{integrationId}`]: {
    query: 'days=30[1..365]',
    answers: [200, data(`[${figures(['resourceType: string'])}]`)],
    needs: read,
  },
  // catalogue and mappings
  [`GET ${at}/packages`]: {
    query: PARTS,
    answers: [
      200,
      cut(
        `[${fields('id: string, name: string, public_name?: string, type?: package|membership, package_type?: string, charge_type?: string, price?: number, visits?: integer, active?: boolean')}]`,
      ),
    ],
    errors: [404],
    needs: read,
  },
  [`GET ${at}/billable-items`]: {
    query: PARTS,
    answers: [
      200,
      cut(
        `[${fields('id: string, name: string, type?: string, charge_type?: string, price?: number, source: invoice')}]`,
      ),
    ],
    errors: [404],
    needs: read,
  },
  [`GET ${at}/product-mappings`]: {
    query: 'cursor:string limit=5000[1..5000]',
    answers: [
      200,
      cut(
        `[{externalId: string, externalName: string|null, internalId: uuid, metadata: ${METADATA}, productAmountMinor: integer|null, productCurrency: string|null, productKind: string|null, productName: string|null}]`,
      ),
    ],
    needs: read,
  },
  [`PUT ${at}/product-mappings`]: {
    body: `{mappings: [{externalId: string, internalId: uuid, metadata?: ${METADATA}}]}`,
    answers: [200, '{count: integer, success: true}'],
    errors: [400, 404],
    needs: write,
  },
  [`DELETE ${at}/product-mappings/{externalId}`]: { answers: [200, DONE], errors: [404], needs: write },
  [`POST ${at}/suggest-mappings`]: {
    body: '{externalItems: [{charge_type?: string|null, id: string, name: string, price?: number|null, source?: package|invoice|unmapped|null, type?: string|null}]}',
    answers: [
      200,
      '{success: true, suggestions: [{confidence: number, externalId: string, internalId: uuid, reasoning: string}]}',
    ],
    needs: write,
  },
  [`GET ${at}/unmapped-attempts`]: {
    query: PARTS,
    answers: [
      200,
      `{data: [{count: integer, externalPackageId: string, externalPackageName: string|null, lastSeenAt: date-time}], ${CUT}, success: true, totalCount: integer}`,
    ],
    needs: read,
  },
  'PUT /v2/products': {
    body: `{products: [${OWN_PRODUCT}]}`,
    answers: [200, '{count: integer, success: true}'],
    needs: write,
  },
  'GET /v2/products': {
    query: 'limit=25[1..100] offset=0[0..]',
    answers: [200, `{data: [${OWN_PRODUCT}], pagination: ${PAGINATION}}`],
    needs: read,
  },
  // worker watermarks
  'GET /v2/sync-state/{source}/{merchantId}': {
    query: PARTS,
    answers: [200, `{data: [${WATERMARK}], ${CUT}}`],
    needs: 'sync:read',
  },
  'PUT /v2/sync-state/{source}/{merchantId}/{resourceType}': {
    body: '{cursor?: string|null, itemsSynced?: integer, lastSyncAt?: date-time|null, lastSyncError?: string|null, lastSyncStatus?: idle|syncing|success|error|null}',
    answers: [200, `{created: boolean, data: ${WATERMARK}}`],
    errors: [409],
    needs: 'sync:write',
  },
  // ours
  [`GET ${at}/records/{resourceType}`]: {
    query: 'cursor:string includeDeleted:true|false=true limit=100[1..500]',
    answers: [200, `{data: [${RECORD}], hasMore: boolean, nextCursor: string}`],
    errors: [410],
    needs: read,
  },
  [`GET ${at}/records/{resourceType}/{externalId}`]: { answers: [200, bare(RECORD)], errors: [404], needs: read },
  [`GET ${at}/explain`]: {
    answers: [
      200,
      bare(
        `{nextExpectedStart: date-time|null, reasons: [{code: string, message: string, nextAction: ${NEXT}, since: date-time|null}], willRun: boolean}`,
      ),
    ],
    needs: read,
  },
  [`POST ${at}/payments`]: {
    body: '{amountMinor: integer, currency: string, externalInvoiceId: string, method: string, paidAt: date-time, reference: string}',
    answers: [202, data('{id: uuid, jobId: uuid, status: queued|pushed|failed|needs_review}')],
    needs: write,
  },
  [`GET ${at}/payments/{paymentId}`]: { answers: [200, data(PUSH)], errors: [404], needs: read },
  'GET /v2/providers': { answers: [200, bare(`[${CATALOGUE_ENTRY}]`)], needs: read },
  'GET /v2/providers/{provider}': { answers: [200, bare(CATALOGUE_ENTRY)], needs: read },
  ...WEBHOOK_PAGES,
  // node integrations
  'POST /api/v1/integrations': {
    body: '{expires_at?: date-time|null, name: string, node_id: uuid, permissions?: [string]}',
    answers: [201, fields(`${KEY_FIELDS}, secret: string`)],
    errors: [400, 404, 409],
    needs: 'integrations.write',
  },
  'GET /api/v1/integrations': {
    query: `node_id!:uuid ${NUMBERED}`,
    answers: [200, numbered(fields(KEY_FIELDS))],
    errors: [404],
    needs: 'integrations.read',
  },
  'GET /api/v1/integrations/{id}': { answers: [200, fields(KEY_FIELDS)], errors: [404], needs: 'integrations.read' },
  'PUT /api/v1/integrations/{id}': {
    body: '{expires_at?: date-time|null, name: string, permissions?: [string]}',
    answers: [204, ''],
    errors: [400, 404],
    needs: 'integrations.write',
  },
  'DELETE /api/v1/integrations/{id}': { answers: [204, ''], errors: [404], needs: 'integrations.write' },
  'POST /api/v1/integrations/{id}/rotate-secret': {
    body: '{overlap_seconds?: integer}',
    answers: [200, fields(`${KEY_FIELDS}, secret: string, previous_secret_expires_at: date-time|null`)],
    errors: [404],
    needs: 'integrations.write',
  },
  'POST /api/v1/auth/authenticate': {
    body: '{api_key?: string|null, secret_key?: string|null}',
    answers: [200, TOKENS],
    errors: [429],
  },
  'POST /api/v1/auth/refresh': { body: '{refresh_token: string}', answers: [200, TOKENS] },
  'POST /api/v1/nodes': {
    body: '{environment?: sandbox|live|null, merchant_id?: uuid|null, name: string, parent_id?: uuid|null, type: organization|account|sub_account}',
    answers: [201, NODE],
    errors: [404],
    needs: 'nodes.write',
  },
  'GET /api/v1/nodes': { query: NUMBERED, answers: [200, numbered(NODE)], needs: 'nodes.read' },
  'GET /api/v1/nodes/{id}': { answers: [200, NODE], errors: [404], needs: 'nodes.read' },
  'GET /api/v1/nodes/{id}/children': {
    query: NUMBERED,
    answers: [200, numbered(NODE)],
    errors: [404],
    needs: 'nodes.read',
  },
  'PATCH /api/v1/nodes/{id}': {
    body: '{name?: string, parent_id?: uuid|null}',
    answers: [200, NODE],
    errors: [404, 409],
    needs: 'nodes.write',
  },
};

const { document, operations } = apiContract();
const resolve = (part: any): any => apiContract().resolve(part);
const json = (part: any): string => shapeOf(document, resolve(part)?.content?.['application/json']?.schema);

/**
 * `limit=25[1..100]` is a whole number with its default and bounds, `name:shape` anything else, `!` what is required.
 */
function queryOf({ operation }: ApiOperation): string {
  const parameters = (operation.parameters ?? []).map(resolve).filter((each: any) => each.in === 'query');
  const texts: string[] = parameters.map(({ name, required, schema }: any) => {
    const standard = schema.default === undefined ? '' : `=${schema.default}`;
    const bounds = schema.type === 'integer' ? `[${schema.minimum ?? ''}..${schema.maximum ?? ''}]` : '';
    const shape = schema.type === 'integer' ? '' : `:${shapeOf(document, schema)}`;
    return `${name}${required ? '!' : ''}${shape}${standard}${bounds}`;
  });
  return texts.sort().join(' ');
}

describe('the document says what the contract pages say', () => {
  const ours = operations.filter(({ path }) => /^\/(v2|api\/v1)\//.test(path));
  const named = new Map(ours.map((each) => [`${each.method.toUpperCase()} ${each.path}`, each]));

  it('of exactly these operations', () => {
    expect([...named.keys()].sort()).toEqual(Object.keys(PAGES).sort());
  });

  it.each(Object.entries(PAGES))('%s', (name, { query = '', body = '', answers, errors = [], needs = '' }) => {
    const found = named.get(name)!;
    const { responses, requestBody, ...operation } = found.operation;
    const successes = Object.keys(responses).filter((status) => Number(status) < 300);
    const demand = operation['x-required-scope'] ?? operation['x-required-permission'] ?? '';
    expect({
      query: queryOf(found),
      body: json(requestBody),
      answers: successes.map((status) => [Number(status), json(responses[status])]),
      needs: operation['x-internal'] ? `${demand}, internal` : demand,
    }).toEqual({ query, body, answers: [[...answers]], needs });
    const everywhere = needs === '' ? [401, 500] : [401, 403, 429, 500];
    expect(Object.keys(responses)).toEqual(expect.arrayContaining([...everywhere, ...errors].map(String)));
  });
});

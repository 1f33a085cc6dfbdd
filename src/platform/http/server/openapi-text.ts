import { MAX_BODY_VALUES, MAX_ITEMS, MAX_MEMBERS, MAX_TEXT } from '../body-limits';

/** What the OpenAPI document says in prose. */
const BODIES = `**Bodies** are JSON objects of at most 1 MiB, also when they come compressed; where no credential is asked for, of at most 16 KiB and uncompressed. Each operation says its limit as \`x-max-body-bytes\`. A body has at most ${MAX_BODY_VALUES.toLocaleString('en')} members and items, an object at most ${MAX_MEMBERS.toLocaleString('en')} members. A list without a \`maxItems\` of its own has at most ${MAX_ITEMS.toLocaleString('en')} items, a text without a \`maxLength\` ${MAX_TEXT.toLocaleString('en')} characters. No text holds a control character other than tab and line breaks, or half a surrogate pair. A POST or PUT without a body counts as \`{}\`. Unknown body fields are 400, unknown query parameters are ignored. A 400 names the first twenty fields.`;

const ERRORS = `**Errors.** Every answer that is not 2xx has the one shape of \`ErrorBody\`; branch on \`code\`, which never changes its meaning. Each operation lists the codes that it can answer as \`x-error-codes\`.`;

const TIMES =
  '**Times** are ISO-8601 in UTC. Money is in minor units with an ISO 4217 currency, unless a field says otherwise.';

export const DESCRIPTION = `Connect, seal, schedule and sync third-party systems behind one REST API.

**Who calls what.** \`/v2\` is for merchants' back ends: an API key in \`x-api-key\`, or the token of a node as \`Authorization: Bearer\`; both at once is 400. \`/api/v1\` is for the owners of nodes and takes a Bearer token. The prefix of a key decides the environment, and nothing crosses from one to the other.

${BODIES}

${ERRORS}

**Retries.** Send an \`Idempotency-Key\` with POST, PUT and PATCH: the same key with the same body is answered from memory for 24 hours.

${TIMES}`;

export const ADMIN_DESCRIPTION = `What the internal team sees and does, across merchants: all that the console at \`/admin\` shows is this API.

**Who may call.** A Bearer token with the role \`admin\`, \`operator\` (no changes of keys or credentials) or \`viewer\` (reads only), or the cookie of the console, which \`POST /admin/session\` sets. Writes by cookie come from a page of the same origin. Each act needs a reason, which stands in the audit log.

${BODIES}

${ERRORS}

${TIMES}`;

export const TAGS: Readonly<Record<string, string>> = {
  Integrations:
    'The life of an integration: activate, test, sync, pause, resume, replace credentials, deactivate, erase.',
  Settings: 'What an active integration syncs and how payments are mapped.',
  'Sync visibility': 'What the syncs did: states, logs, retries and figures.',
  'Catalogue and mappings':
    'Packages and billable items of the provider, and the merchant’s own products they stand for.',
  Products: 'The merchant’s own products, the candidates of suggestions.',
  Records: 'What was synced, as a change feed and one by one.',
  Payments: 'Payments that are pushed to the provider.',
  Events: 'What happened, as a log: what webhook endpoints are sent.',
  'Webhook endpoints': 'Where events are sent, how that goes, and sending them again.',
  'Worker watermarks': 'The memory of outside workers that sync on their own.',
  Providers: 'The systems that can be connected, and what each needs.',
  'Node integrations': 'API keys and secrets of nodes, for the nodes’ own back ends.',
  Nodes: 'The tree of organisations, accounts and sub-accounts.',
  Tokens: 'Exchange of keys for tokens, and the keys that verify tokens.',
  Health: 'For orchestrators.',
};

export const ADMIN_TAGS: Readonly<Record<string, string>> = {
  Overview: 'What is wrong now, since when and for whom, and what is running.',
  'Integrations of merchants': 'Any integration: its state, its history, and the acts of an operator on it.',
  Approvals: 'Acts of operators that wait for a second one.',
  'Deletion plans': 'Deletions that a full scan found and that wait for a decision.',
  'Payment reviews': 'Payments of which nobody knows whether the provider took them.',
  'Merchants and API keys': 'Merchants, and the keys that they call the API with.',
  'Webhook endpoints': 'Endpoints of a merchant: how they fare, what was sent, and sending it once more.',
  Providers: 'The providers of this installation, and the manifests that tell some of them.',
  Operations: 'The audit log, retries of many integrations at once, and the rotation of the vault.',
  'Admin tokens': 'Operators, the access tokens that were issued on record, and their revocation.',
  Session: 'The console’s sign-in.',
};

export const API_KEY_DESCRIPTION =
  '`rk_sandbox_…` or `rk_live_…`, ending in a checksum. Missing, malformed, unknown, expired and revoked keys are all the same 401.';
export const BEARER_DESCRIPTION =
  'A JWT from /api/v1/auth/authenticate, or of an outside issuer that was set up. A token of a node that is bound to a merchant may call /v2 too.';

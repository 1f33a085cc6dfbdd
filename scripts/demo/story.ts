import { setTimeout as sleep } from 'node:timers/promises';
import { type FeedEntry, type Integration, InterlockClient, SimulatorClient, type SyncLog } from './client';
import { DemoFailure } from './failure';
import type { Screen } from './screen';
import type { ServiceProcess } from './service-process';

const PROVIDER = 'practicehub';
/** Often at first, for the bar; then rarely, for the key's rate limit. */
const POLL_MS = { first: 150, later: 1_000, laterAfter: 5_000 };
const SYNC_TIMEOUT_MS = 120_000;

/** What the provider calls what Interlock calls a resource type. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  customers: ['patients'],
  products: ['services', 'products', 'patient_packages'],
  invoices: ['invoices'],
  payments: ['payments'],
};

/** Seven rows, of every resource type at least one. */
const CHANGES = [
  { list: 'patients', resourceType: 'customers', count: 3, prefix: '' },
  { list: 'services', resourceType: 'products', count: 1, prefix: 'service:' },
  { list: 'invoices', resourceType: 'invoices', count: 2, prefix: '' },
  { list: 'payments', resourceType: 'payments', count: 1, prefix: '' },
] as const;

export interface StoryContext {
  readonly screen: Screen;
  readonly service: ServiceProcess;
  readonly signal: AbortSignal;
  /** For the simulator, before anything is asked of it. */
  readonly faults: readonly unknown[];
}

type Feeds = Readonly<Record<string, { readonly entries: readonly FeedEntry[]; readonly cursor: string }>>;

export async function tellStory(context: StoryContext): Promise<InterlockClient> {
  const startedAt = performance.now();
  const { screen } = context;
  screen.title('Interlock: connect a PracticeHub account, sync it, change seven rows, sync again.');
  const { client, simulator } = await startService(context);
  for (const fault of context.faults) await simulator.control('/faults', fault);
  await refuseWrongKey(screen, client, simulator);
  await activate(screen, client, simulator);
  await firstSync(context, client, simulator);
  const before = await readFeeds(client);
  const changed = await changeSevenRows(screen, simulator, before);
  await secondSync(context, client);
  await showWhatMoved(screen, client, before, changed);
  await showStatus(screen, client);
  screen.title(`All of it took ${secondsSince(startedAt)} s.`);
  if (!context.service.isAlive()) throw new DemoFailure('The service ended before the demonstration did.');
  screen.say(`
What to try next
   npm run demo -- --serve      the same, and then it stays up
   npm start                    the service for you to use, its data in .data/
   README.md                    the same walk with curl; docs/architecture.md says how it works`);
  return client;
}

export async function serveUntilStopped({ screen, service, signal }: StoryContext, client: InterlockClient) {
  const { merchantId } = await service.credentials(signal);
  screen.say(`
It stays up until Ctrl-C. Everything is gone afterwards.
   Swagger UI    ${client.url}/docs
   API key       ${client.apiKey}   (merchant ${merchantId})

   curl -s ${client.url}/v2/integrations/${PROVIDER} -H 'x-api-key: ${client.apiKey}'`);
  while (!signal.aborted) {
    if (!service.isAlive()) throw new DemoFailure('The service ended.');
    await sleep(POLL_MS.later, undefined, { signal }).catch(() => undefined);
  }
}

async function startService({ screen, service, signal }: StoryContext) {
  screen.begin('Start the service on a PostgreSQL of its own, in a temporary folder');
  const startedAt = performance.now();
  const url = await service.start(signal);
  const { sandboxApiKey, sandboxProviders, sandboxControlToken } = await service.credentials(signal);
  const account = sandboxProviders[PROVIDER];
  if (account === undefined || sandboxControlToken === undefined)
    throw new DemoFailure(`dev-credentials.json names no ${PROVIDER} simulator.`);
  screen.done(`ready after ${secondsSince(startedAt)} s at ${url}`);
  const client = new InterlockClient(url, sandboxApiKey, PROVIDER);
  return { client, simulator: new SimulatorClient(account.baseUrl, account.apiKey, sandboxControlToken) };
}

async function refuseWrongKey(screen: Screen, client: InterlockClient, simulator: SimulatorClient): Promise<void> {
  screen.begin('Try a wrong PracticeHub key');
  const credentials = { apiKey: 'not-the-key', baseUrl: simulator.baseUrl };
  const test = await client.send('POST', '/test', { credentials });
  screen.detail(`POST …/test      ${test.status}  ${JSON.stringify(test.body)}`);
  const activation = await client.send('POST', '/activate', { credentials });
  screen.detail(`POST …/activate  ${activation.status}  ${JSON.stringify(activation.body)}`);
  const refused = (test.body as { valid?: unknown }).valid === false;
  const { code } = activation.body as { code?: unknown };
  if (!refused || activation.status !== 400 || code !== 'provider_credentials_rejected') {
    throw new DemoFailure('A wrong key was not refused as a wrong key.');
  }
  if ((await client.integration()) !== null) throw new DemoFailure('A refused key left an integration behind.');
  screen.done('refused in clear words, and nothing was stored');
}

async function activate(screen: Screen, client: InterlockClient, simulator: SimulatorClient): Promise<void> {
  screen.begin('Activate with the right one');
  const { configuration } = await client.activate({
    credentials: { apiKey: simulator.apiKey, baseUrl: simulator.baseUrl },
    timezone: 'UTC',
    // the whole account; by default 90 days of invoices and payments
    invoiceLookbackDays: 365,
  });
  screen.done(
    `tested, sealed (of the key only “…${String(configuration['credentialHint'])}” can be read again), scheduled every ` +
      `${String(configuration['syncIntervalMinutes'])} minutes`,
  );
}

async function firstSync(context: StoryContext, client: InterlockClient, simulator: SimulatorClient): Promise<void> {
  const { screen } = context;
  screen.begin('The first sync runs by itself');
  const expected: Record<string, number> = {};
  for (const [resourceType, lists] of Object.entries(LISTS)) {
    const counts = await Promise.all(lists.map((list) => simulator.count(list)));
    expected[resourceType] = counts.reduce((sum, count) => sum + count, 0);
  }
  const logs = await untilSynced(context, client, { expected, lastSyncAt: null });
  screen.table(logs);
  screen.detail('Paid and void invoices are read, and stored only once Interlock has seen them unpaid.');
}

/** Chosen from what was synced, so that every one of them has to show in the feed. */
async function changeSevenRows(
  screen: Screen,
  simulator: SimulatorClient,
  feeds: Feeds,
): Promise<{ resourceType: string; externalId: string }[]> {
  screen.begin('Seven rows change at PracticeHub');
  const changed: { resourceType: string; externalId: string }[] = [];
  for (const { list, resourceType, count, prefix } of CHANGES) {
    const known = feeds[resourceType]!.entries.filter(({ externalId }) => externalId.startsWith(prefix));
    if (known.length < count) throw new DemoFailure(`Of ${resourceType} only ${known.length} were synced.`);
    const externalIds = known.slice(0, count).map(({ externalId }) => externalId);
    await simulator.control('/change', { resource: list, ids: externalIds.map((id) => id.slice(prefix.length)) });
    changed.push(...externalIds.map((externalId) => ({ resourceType, externalId })));
  }
  const counts = CHANGES.map(({ list, count }) => `${list} ${count}`).join(', ');
  screen.done(`${counts}; Interlock is not told`);
  return changed;
}

async function secondSync(context: StoryContext, client: InterlockClient): Promise<void> {
  const { screen } = context;
  screen.begin('Sync again: only what changed is asked for');
  const { lastSyncAt } = (await client.integration())!;
  const jobId = await client.syncNow();
  screen.table(await untilSynced(context, client, { jobId, lastSyncAt }));
}

async function showWhatMoved(
  screen: Screen,
  client: InterlockClient,
  before: Feeds,
  changed: readonly { resourceType: string; externalId: string }[],
): Promise<void> {
  screen.begin('Read the change feed from where it stood: GET …/records/{resourceType}?cursor=…');
  const moved: FeedEntry[] = [];
  for (const [resourceType, { entries, cursor }] of Object.entries(before)) {
    const old = new Map(entries.map((entry) => [entry.externalId, entry]));
    const page = await client.feed(resourceType, cursor);
    for (const entry of page.entries) {
      const from = old.get(entry.externalId);
      const where = `${resourceType}/${entry.externalId}`.padEnd(22);
      screen.detail(
        `${where}  ${entry.operation}  version ${from?.version ?? 0} → ${entry.version}  ${differences(from, entry)}`,
      );
    }
    moved.push(...page.entries);
  }
  const names = (rows: readonly { resourceType: string; externalId: string }[]): string[] =>
    rows.map(({ resourceType, externalId }) => `${resourceType}/${externalId}`).sort();
  if (names(moved).join() !== names(changed).join() || moved.some(({ operation }) => operation !== 'updated')) {
    throw new DemoFailure(`The feed should hold exactly ${names(changed).join(', ')}.`);
  }
  screen.done(`exactly those ${moved.length} moved, and nothing else`);
}

async function showStatus(screen: Screen, client: InterlockClient): Promise<void> {
  screen.begin(`The status: GET /v2/integrations/${PROVIDER}`);
  screen.block(JSON.stringify(await client.integration(), null, 2));
}

async function readFeeds(client: InterlockClient): Promise<Feeds> {
  const feeds: Record<string, Awaited<ReturnType<InterlockClient['feed']>>> = {};
  for (const resourceType of Object.keys(LISTS)) feeds[resourceType] = await client.feed(resourceType);
  return feeds;
}

/** Follows one run to its end and returns its log entries; a run that fails ends the demonstration. */
async function untilSynced(
  { screen, service, signal }: StoryContext,
  client: InterlockClient,
  run: { jobId?: string; expected?: Readonly<Record<string, number>>; lastSyncAt: string | null },
): Promise<SyncLog[]> {
  const startedAt = performance.now();
  for (;;) {
    const logs = await client.logs(run.jobId);
    if (run.expected) screen.progress(logs, run.expected);
    const failed = logs.find(({ status }) => status === 'failed' || status === 'skipped');
    if (failed) throw new DemoFailure(inWords(failed));
    if (logs.length > 0 && logs.every(({ status }) => status === 'success')) {
      const integration = await client.integration();
      if (isSettled(integration, run.lastSyncAt)) return logs;
    }
    if (!service.isAlive()) throw new DemoFailure('The service ended during the sync.');
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > SYNC_TIMEOUT_MS) throw new DemoFailure(`The sync did not end in ${SYNC_TIMEOUT_MS / 1000} s.`);
    await sleep(elapsedMs < POLL_MS.laterAfter ? POLL_MS.first : POLL_MS.later, undefined, { signal });
  }
}

function isSettled(integration: Integration | null, lastSyncAt: string | null): boolean {
  if (integration === null || integration.status === 'syncing') return false;
  if (integration.lastSyncError !== null) throw new DemoFailure(`The sync failed: ${integration.lastSyncError}`);
  return integration.lastSyncAt !== lastSyncAt;
}

function inWords({ resourceType, status, error, errorCode, nextAction }: SyncLog): string {
  const reason = `${error ?? 'no reason given'}${errorCode === null ? '' : ` (${errorCode}, next action: ${nextAction})`}`;
  return `The sync of ${resourceType} ${status === 'failed' ? 'failed' : 'was not finished'}: ${reason}`;
}

/** The fields of a record that differ, old and new. */
function differences(from: FeedEntry | undefined, to: FeedEntry): string {
  return Object.entries(to.data)
    .map(([name, value]) => [name, from?.data[name], value] as const)
    .filter(([, old, now]) => JSON.stringify(old) !== JSON.stringify(now))
    .map(([name, old, now]) => `${name} ${JSON.stringify(old)} → ${JSON.stringify(now)}`)
    .join(', ');
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

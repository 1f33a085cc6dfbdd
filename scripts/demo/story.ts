import { setTimeout as sleep } from 'node:timers/promises';
import {
  Interlock,
  ProviderCredentialsRejectedError,
  SyncFailedError,
  type RecordOf,
  type ResourceType,
  type SyncLog,
} from '../../sdk/typescript/src';
import { DemoFailure } from './failure';
import type { Screen } from './screen';
import type { ServiceProcess } from './service-process';
import { SimulatorClient } from './simulator-client';

const PROVIDER = 'practicehub';
const LOOK_AGAIN_MS = 1_000;
const SYNC_TIMEOUT_MS = 120_000;

/** What the provider calls what Interlock calls a resource type. */
const LISTS = {
  customers: ['patients'],
  products: ['services', 'products', 'patient_packages'],
  invoices: ['invoices'],
  payments: ['payments'],
} satisfies Partial<Record<ResourceType, readonly string[]>>;

const RESOURCES = Object.keys(LISTS) as (keyof typeof LISTS)[];

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

type FeedEntry = RecordOf<keyof typeof LISTS>;
type Feeds = Readonly<
  Record<keyof typeof LISTS, { readonly entries: readonly FeedEntry[]; readonly cursor: string | undefined }>
>;

/** The service as its users see it. */
export interface Service {
  readonly url: string;
  readonly apiKey: string;
  readonly interlock: Interlock;
}

export async function tellStory(context: StoryContext): Promise<Service> {
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

export async function serveUntilStopped({ screen, service, signal }: StoryContext, client: Service) {
  const { merchantId } = await service.credentials(signal);
  screen.say(`
It stays up until Ctrl-C. Everything is gone afterwards.
   Swagger UI    ${client.url}/docs
   API key       ${client.apiKey}   (merchant ${merchantId})

   curl -s ${client.url}/v2/integrations/${PROVIDER} -H 'x-api-key: ${client.apiKey}'`);
  while (!signal.aborted) {
    if (!service.isAlive()) throw new DemoFailure('The service ended.');
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
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
  const interlock = new Interlock({ baseUrl: url, apiKey: sandboxApiKey, timeoutMs: 60_000 });
  const client: Service = { url, apiKey: sandboxApiKey, interlock };
  return { client, simulator: new SimulatorClient(account.baseUrl, account.apiKey, sandboxControlToken) };
}

async function refuseWrongKey(screen: Screen, client: Service, simulator: SimulatorClient): Promise<void> {
  screen.begin('Try a wrong PracticeHub key');
  const credentials = { apiKey: 'not-the-key', baseUrl: simulator.baseUrl };
  const { status, body } = await client.interlock.integrations.test(PROVIDER, { credentials }).withResponse();
  screen.detail(`POST …/test      ${status}  ${JSON.stringify(body)}`);
  const refusal: unknown = await client.interlock.integrations
    .activate(PROVIDER, { credentials })
    .catch((error: unknown) => error);
  if (body.valid || !(refusal instanceof ProviderCredentialsRejectedError)) {
    throw new DemoFailure('A wrong key was not refused as a wrong key.');
  }
  const { message, code, nextAction, requestId } = refusal;
  screen.detail(
    `POST …/activate  ${refusal.status}  ${JSON.stringify({ error: message, code, requestId, nextAction })}`,
  );
  if ((await client.interlock.integrations.get(PROVIDER)) !== null)
    throw new DemoFailure('A refused key left an integration behind.');
  screen.done('refused in clear words, and nothing was stored');
}

async function activate(screen: Screen, client: Service, simulator: SimulatorClient): Promise<void> {
  screen.begin('Activate with the right one');
  const { configuration } = await client.interlock.integrations.activate(PROVIDER, {
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

async function firstSync(context: StoryContext, client: Service, simulator: SimulatorClient): Promise<void> {
  const { screen } = context;
  screen.begin('The first sync runs by itself');
  const expected: Record<string, number> = {};
  for (const [resourceType, lists] of Object.entries(LISTS)) {
    const counts = await Promise.all(lists.map((list) => simulator.count(list)));
    expected[resourceType] = counts.reduce((sum, count) => sum + count, 0);
  }
  const logs = await untilSynced(context, client, { expected });
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
    const known = feeds[resourceType].entries.filter(({ externalId }) => externalId.startsWith(prefix));
    if (known.length < count) throw new DemoFailure(`Of ${resourceType} only ${known.length} were synced.`);
    const externalIds = known.slice(0, count).map(({ externalId }) => externalId);
    await simulator.control('/change', { resource: list, ids: externalIds.map((id) => id.slice(prefix.length)) });
    changed.push(...externalIds.map((externalId) => ({ resourceType, externalId })));
  }
  const counts = CHANGES.map(({ list, count }) => `${list} ${count}`).join(', ');
  screen.done(`${counts}; Interlock is not told`);
  return changed;
}

async function secondSync(context: StoryContext, client: Service): Promise<void> {
  const { screen } = context;
  screen.begin('Sync again: only what changed is asked for');
  const { jobId } = await client.interlock.integrations.sync(PROVIDER);
  screen.table(await untilSynced(context, client, { jobId }));
}

async function showWhatMoved(
  screen: Screen,
  client: Service,
  before: Feeds,
  changed: readonly { resourceType: string; externalId: string }[],
): Promise<void> {
  screen.begin('Read the change feed from where it stood: GET …/records/{resourceType}?cursor=…');
  const moved: FeedEntry[] = [];
  for (const resourceType of RESOURCES) {
    const { entries, cursor } = before[resourceType];
    const old = new Map(entries.map((entry) => [entry.externalId, entry]));
    const page = await readFeed(client, resourceType, cursor);
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

async function showStatus(screen: Screen, client: Service): Promise<void> {
  screen.begin(`The status: GET /v2/integrations/${PROVIDER}`);
  screen.block(JSON.stringify(await client.interlock.integrations.get(PROVIDER), null, 2));
}

async function readFeeds(client: Service): Promise<Feeds> {
  const feeds: Record<string, Feeds[keyof Feeds]> = {};
  for (const resourceType of RESOURCES) feeds[resourceType] = await readFeed(client, resourceType);
  return feeds as Feeds;
}

/** Everything that changed since the cursor, and the cursor for the next time. */
async function readFeed(client: Service, resourceType: keyof Feeds, since?: string): Promise<Feeds[keyof Feeds]> {
  const feed = client.interlock.records.feed(PROVIDER, resourceType, { cursor: since, limit: 500 });
  const entries: FeedEntry[] = [];
  for await (const record of feed) entries.push(record);
  return { entries, cursor: feed.cursor };
}

/** Follows one run to its end and returns its log entries; a run that fails ends the demonstration. */
async function untilSynced(
  { screen, service, signal }: StoryContext,
  client: Service,
  run: { jobId?: string; expected?: Readonly<Record<string, number>> },
): Promise<SyncLog[]> {
  const onProgress = (logs: readonly SyncLog[]): void => {
    if (run.expected) screen.progress(inReadingOrder(logs), run.expected);
    if (!service.isAlive()) throw new DemoFailure('The service ended during the sync.');
  };
  const options = {
    onProgress,
    signal,
    timeoutMs: SYNC_TIMEOUT_MS,
    ...(run.jobId === undefined ? {} : { jobId: run.jobId }),
  };
  try {
    return inReadingOrder(await client.interlock.integrations.waitForSync(PROVIDER, options));
  } catch (error) {
    const failed =
      error instanceof SyncFailedError && error.logs.find(({ status }) => status === 'failed' || status === 'skipped');
    throw failed ? new DemoFailure(inWords(failed), { cause: error }) : error;
  }
}

function inReadingOrder(logs: readonly SyncLog[]): SyncLog[] {
  return RESOURCES.flatMap((resourceType) => logs.filter((log) => log.resourceType === resourceType));
}

function inWords({ resourceType, status, error, errorCode, nextAction }: SyncLog): string {
  const reason = `${error ?? 'no reason given'}${errorCode === null ? '' : ` (${errorCode}, next action: ${nextAction})`}`;
  return `The sync of ${resourceType} ${status === 'failed' ? 'failed' : 'was not finished'}: ${reason}`;
}

/** The fields of a record that differ, old and new. */
function differences(from: FeedEntry | undefined, to: FeedEntry): string {
  return Object.entries(to.data)
    .map(([name, value]) => [name, (from?.data as Record<string, unknown> | undefined)?.[name], value] as const)
    .filter(([, old, now]) => JSON.stringify(old) !== JSON.stringify(now))
    .map(([name, old, now]) => `${name} ${JSON.stringify(old)} → ${JSON.stringify(now)}`)
    .join(', ');
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

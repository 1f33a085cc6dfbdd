import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openContext } from '../../support/context';
import { BLOWS, type Ring } from '../engine/blows';
import { randomFrom, type Random } from '../engine/random';
import { World, type Queue } from '../engine/world';
import { BriefEndpoints } from './brief-endpoints';
import { settleAndCompare, type Watched } from './compare';
import { ErasedIntegration } from './erased-integration';
import { startFaultyReceivers } from './faulty-receiver';
import { WebhookMerchant } from './webhook-merchant';

const BLOWS_HERE = ['killWorker', 'freezeWorker', 'crashPostgres', 'silentPostgres', 'loseQueue', 'restartQueue'];
const WRITERS = 3;
/** So many tries that hardly any event is given up within a run. */
const SCHEDULE = ['0', ...Array.from({ length: 19 }, () => '1')].join(',');

export interface WebhookChaosReport {
  readonly seed: number;
  readonly queue: Queue;
  readonly acts: Record<string, number>;
  readonly events: number;
  readonly deliveries: number;
  readonly repeated: number;
  readonly faults: readonly string[];
}

export async function startWebhookWorld(queue: Queue): Promise<World> {
  const environment = {
    OUTBOUND_ALLOW_PRIVATE: 'true',
    WEBHOOK_RETRY_SCHEDULE: SCHEDULE,
    WEBHOOK_TIMEOUT_SECONDS: '2',
  };
  const world = new World({ queue, environment });
  try {
    await world.start();
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/**
 * One run: events are appended by several writers while workers, database and queue are hit, receivers refuse what they
 * are sent in every way, and the merchant changes, replays and enables its endpoints, deletes others, and has the data
 * of an integration erased. After settling every endpoint has taken every event of the log, each under its one id, and
 * in order where that is asked for; and nothing was sent to, or of, what had been deleted.
 */
export async function webhookChaos(
  world: World,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): Promise<WebhookChaosReport> {
  const random = randomFrom(seed);
  const acts: Record<string, number> = {};
  const faults: string[] = [];
  const context = await openContext(world.environment);
  const receivers = await startFaultyReceivers(random);
  let watched: Watched[] = [];
  let events = 0;
  try {
    const merchant = await WebhookMerchant.make(world, context);
    const integrations = Array.from({ length: 4 }, () => randomUUID());
    const watch = async (name: string, settings: { ordering?: 'strict'; integrationIds?: string[] }) => {
      const receiver = receivers.add(`${name}-${randomUUID()}`);
      const { id, secret } = await merchant.call('POST', '', { url: receiver.url, ...settings });
      const { ordering, integrationIds = null } = settings;
      return { name, id, receiver, strict: ordering === 'strict', integrationIds, secrets: [secret] };
    };
    watched = [
      await watch('parallel', {}),
      await watch('strict', { ordering: 'strict' }),
      await watch('filtered', { integrationIds: integrations.slice(0, 2) }),
      await watch('strict-filtered', { ordering: 'strict', integrationIds: integrations.slice(1, 3) }),
    ];
    for (const { receiver } of watched) receiver.faulty = random.pick([0.05, 0.2, 0.5]);
    const strictly = (): { ordering?: 'strict' } => (random.chance(0.5) ? { ordering: 'strict' } : {});
    const brief = await BriefEndpoints.make(merchant, () => watch('brief', strictly()));
    const erased = await ErasedIntegration.make(merchant, seed);
    const { integrationId } = erased;
    const begun = new Date();
    const until = Date.now() + seconds * 1_000;
    const count = (name: string): void => void (acts[name] = (acts[name] ?? 0) + 1);
    const writers = Array.from({ length: WRITERS }, async () => {
      while (Date.now() < until) {
        const about = erased.isTold ? [...integrations, integrationId] : integrations;
        await merchant.append(Array.from({ length: random.whole(1, 6) }, () => random.pick(about)));
        await sleep(random.whole(20, 200));
      }
    });
    const looking = (async () => {
      while (Date.now() < until) {
        const { id, secrets } = random.pick(watched);
        await sleep(random.whole(100, 1_000));
        const name = random.pick(Object.keys(CHANGES));
        count(name);
        const secret = await CHANGES[name]!(merchant, id, { begun, random });
        if (secret) secrets.push(secret);
      }
    })();
    const deleting = (async () => {
      while (Date.now() < until) {
        await sleep(random.whole(500, 2_500));
        count('deleteEndpoint');
        await brief.replaceOne(random);
      }
    })();
    const erasing = (async () => {
      while (Date.now() < until) {
        count('eraseIntegration');
        await erased.liveAndEnd(random.whole(500, 2_500));
      }
    })();
    const ring: Ring = { world, clinics: [], random, alone: (work) => work() };
    const blowing = (async () => {
      while (Date.now() < until) {
        await sleep(random.whole(200, 2_000));
        const name = random.pick(BLOWS_HERE);
        count(name);
        await BLOWS[name]!(ring, () => undefined);
      }
    })();
    await Promise.all([...writers, looking, deleting, erasing, blowing]);
    for (const index of world.workerIndexes) if (!world.workers[index]) await world.startWorker(index);
    for (const { id, receiver } of watched) {
      receiver.faulty = 0;
      await merchant.call('PATCH', `/${id}`, { enabled: true, ratePerSecond: null });
    }
    events = await settleAndCompare(merchant, watched, integrationId, faults);
    faults.push(...(await brief.faults()), ...erased.faults([...watched, ...brief.all]));
    if (receivers.trapped() > 0) faults.push(`${receivers.trapped()} redirects were followed`);
  } catch (error) {
    faults.push(`it broke off: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await receivers.close();
    await context.close();
  }
  const taken = watched.flatMap(({ receiver }) => receiver.taken);
  const first = new Set(watched.flatMap(({ name, receiver }) => receiver.taken.map(({ id }) => `${name} ${id}`)));
  const { queue } = world.options;
  return { seed, queue, acts, events, deliveries: taken.length, repeated: taken.length - first.size, faults };
}

type Change = (
  merchant: WebhookMerchant,
  id: string,
  run: { readonly begun: Date; readonly random: Random },
) => Promise<string | undefined>;

/** What the merchant does with an endpoint while it is delivered to. Returns a secret that signs from now on. */
const CHANGES: Readonly<Record<string, Change>> = {
  async rotate(merchant, id) {
    return (await merchant.call('POST', `/${id}/rotate-secret`, { overlapSeconds: 600 })).secret;
  },
  async replay(merchant, id, { begun, random }) {
    const from = new Date(begun.getTime() + random.whole(0, Date.now() - begun.getTime()));
    await merchant.call('POST', `/${id}/replay`, { from: from.toISOString() });
    return undefined;
  },
  async slow(merchant, id, { random }) {
    await merchant.call('PATCH', `/${id}`, { ratePerSecond: random.pick([20, 100, null]) });
    return undefined;
  },
  async offAndOn(merchant, id) {
    await merchant.call('PATCH', `/${id}`, { enabled: false });
    await merchant.call('PATCH', `/${id}`, { enabled: true });
    return undefined;
  },
  async enable(merchant, id) {
    await merchant.call('PATCH', `/${id}`, { enabled: true });
    return undefined;
  },
};

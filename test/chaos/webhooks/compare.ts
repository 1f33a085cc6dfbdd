import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { FaultyEndpoint } from './faulty-receiver';
import type { WebhookMerchant } from './webhook-merchant';

const SETTLE_MS = 90_000;

export interface Watched {
  readonly name: string;
  readonly id: string;
  readonly receiver: FaultyEndpoint;
  readonly strict: boolean;
  /** null: all. */
  readonly integrationIds: readonly string[] | null;
  readonly secrets: string[];
}

interface EventBody {
  readonly type: string;
  readonly data: { readonly integrationId: string; readonly recordsCreated: number };
}

/** Of all integrations but the one that is erased. Returns how many events there were. */
export async function settleAndCompare(
  merchant: WebhookMerchant,
  watched: readonly Watched[],
  erasedId: string,
  faults: string[],
): Promise<number> {
  const logged = (await merchant.logged()).filter(({ integrationId }) => integrationId !== erasedId);
  const numbers = new Set(logged.map(({ number }) => number));
  const meantToStay = merchant.acknowledged.filter(({ integrationId }) => integrationId !== erasedId);
  const forgotten = meantToStay.filter(({ number }) => !numbers.has(number));
  if (forgotten.length > 0) faults.push(`${forgotten.length} acknowledged events are not in the log`);
  if (numbers.size !== logged.length) faults.push('the log has an event twice');
  const deadline = Date.now() + SETTLE_MS;
  for (const each of watched) {
    const { name, receiver, integrationIds } = each;
    const meant = logged.filter(({ integrationId }) => integrationIds?.includes(integrationId) ?? true);
    const missing = () => {
      const taken = new Set(receiver.taken.map(({ id }) => id));
      return meant.filter(({ id }) => !taken.has(id));
    };
    while (missing().length > 0 && Date.now() < deadline) {
      // a 410 of before, which a worker that was frozen came to late; every change ends the turn that is under way
      const isOff = receiver.saidGone && (await merchant.call('GET', `/${each.id}`)).status === 'disabled';
      if (isOff) await merchant.call('PATCH', `/${each.id}`, { enabled: true });
      await sleep(500);
    }
    if (missing().length > 0) {
      const { status, heldEvents, parkedEvents } = await merchant.call('GET', `/${each.id}`);
      const counts = `${status}, ${heldEvents} held, ${parkedEvents} parked`;
      const cursor = JSON.stringify(await merchant.cursor(each.id));
      faults.push(`${name}: ${missing().length} of ${meant.length} are lost (${counts}): ${cursor}`);
    }
    faults.push(...compare(each, meant, erasedId).map((fault) => `${name}: ${fault}`));
  }
  return logged.length;
}

function compare(
  { receiver, strict, secrets }: Watched,
  meant: readonly { id: string; integrationId: string; number: number }[],
  erasedId: string,
): string[] {
  const faults: string[] = [];
  const places = new Map(meant.map((event, place) => [event.id, { ...event, place }]));
  const bodies = new Map<string, string>();
  for (const { id, body, headers } of receiver.arrivals) {
    const { type, data } = JSON.parse(body) as EventBody;
    // what is told of the other endpoints is not compared
    if (type !== 'sync.completed' || data.integrationId === erasedId) continue;
    if (places.get(id)?.number !== data.recordsCreated) faults.push(`${id} is not the id of ${data.recordsCreated}`);
    if ((bodies.get(id) ?? body) !== body) faults.push(`${id} has two bodies`);
    bodies.set(id, body);
    if (!secrets.some((secret) => verifies(secret, body, headers))) faults.push(`${id} is signed by no secret`);
  }
  if (!strict) return faults;
  const furthest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id } of receiver.taken) {
    const event = places.get(id);
    if (!event || seen.has(id)) continue;
    seen.add(id);
    const before = furthest.get(event.integrationId) ?? -1;
    if (event.place < before) faults.push(`event ${event.place} came after ${before}`);
    furthest.set(event.integrationId, Math.max(before, event.place));
  }
  return faults;
}

function verifies(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

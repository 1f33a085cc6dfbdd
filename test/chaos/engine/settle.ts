import { setTimeout as sleep } from 'node:timers/promises';
import { RESOURCES, retried, type ChaosClinic, type Resource, type StoredRecord } from './chaos-clinic';
import type { World } from './world';

const DAY_MS = 86_400_000;
const LOOKBACK_DAYS = 90;
/** What was broken may have left a pause, a retry or a chain in doubt behind it: each costs a run. */
const MOST_ATTEMPTS = 4;
const MOST_RUN_MS = 60_000;
const COMPARED = [
  'firstName',
  'lastName',
  'email',
  'name',
  'kind',
  'amountMinor',
  'customerExternalId',
  'method',
  'paidAt',
];
const MOST_RUNS_MS = 120_000;

/**
 * Syncs until each account was read to its end twice, and tells in what the store and the readers differ from the
 * truth.
 */
export async function settleAndCompare(world: World, clinics: readonly ChaosClinic[]): Promise<string[]> {
  const faults = (await Promise.all(clinics.map(settleOne))).flat();
  await settled(world);
  faults.push(...(await Promise.all(clinics.map(compareOne))).flat());
  const [schedules] = await world.sql<{ lost: number }>(
    `SELECT count(*)::int AS lost FROM integrations i LEFT JOIN sync_schedules s ON s.integration_id = i.id
     WHERE i.state = 'active' AND s.integration_id IS NULL`,
  );
  if (schedules!.lost > 0) faults.push(`${schedules!.lost} schedules lost`);
  return faults;
}

/** Twice: what one complete scan misses is only a candidate where the provider cannot be asked by id. */
async function settleOne(clinic: ChaosClinic): Promise<string[]> {
  for (let scans = 0; scans < 2; scans++) {
    if ((await syncedAtLast(clinic, true)) === null) return [`${clinic.accountKey}: no full sync succeeds any more`];
  }
  return [];
}

async function compareOne(clinic: ChaosClinic): Promise<string[]> {
  // and once more as every hour, for what a full scan has left out of order
  const changed = clinic.change('patients', 3);
  const logs = await syncedAtLast(clinic, false);
  const faults = logs === null ? [`${clinic.accountKey}: no ordinary sync succeeds any more`] : [];
  const [stored, truth] = [await clinic.stored('customers'), clinic.truth('customers')];
  const records = new Map(stored.map((record) => [record.id, record]));
  for (const id of changed) {
    const difference = differenceOf(clinic, records.get(id), truth.get(id)!.fields);
    if (logs && difference) faults.push(`${clinic.accountKey}: customers ${id} after an ordinary sync: ${difference}`);
  }
  for (const resource of RESOURCES) faults.push(...(await compare(clinic, resource)));
  return faults;
}

async function syncedAtLast(clinic: ChaosClinic, full: boolean) {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const logs = await clinic.sync({ full }, MOST_RUN_MS);
    if (logs && Object.values(logs).every(({ status, fresh }) => status === 'success' && fresh)) return logs;
  }
  return null;
}

async function settled(world: World): Promise<void> {
  const deadline = Date.now() + MOST_RUNS_MS;
  for (;;) {
    const live = await world.sql(
      `SELECT id, state, attempt, deaths, lease_until, not_before, wait_reason FROM sync_runs
       WHERE state IN ('queued', 'running', 'waiting')`,
    );
    if (live.length === 0) return;
    if (Date.now() > deadline) throw new Error(`runs that never end: ${JSON.stringify(live)}`);
    await sleep(100);
  }
}

/** Store against truth, and what a reader that followed all along ended up with against the store. */
async function compare(clinic: ChaosClinic, resource: Resource): Promise<string[]> {
  const name = `${clinic.accountKey}: ${resource}`;
  const faults: string[] = [];
  const truth = clinic.truth(resource);
  const stored = await clinic.stored(resource);
  const records = new Map(stored.map((record) => [record.id, record]));
  const floorMs = Date.now() - LOOKBACK_DAYS * DAY_MS;
  for (const [id, { fields }] of truth) {
    const record = records.get(id);
    // of what is about to fall out of the lookback, or has no time that is known, nobody can say whether it is there
    const isDated = Date.parse(String(fields['paidAt'])) >= floorMs + DAY_MS;
    if (resource === 'payments' && !isDated) continue;
    if (!record || record.operation === 'deleted') faults.push(`${name} ${id} is ${record ? 'deleted' : 'lost'}`);
    else {
      const difference = differenceOf(clinic, record, fields);
      if (difference) faults.push(`${name} ${id}: ${difference}`);
    }
  }
  for (const { id, operation, data } of stored) {
    const isScanned = resource !== 'payments' || Date.parse(String(data['paidAt'])) > floorMs + DAY_MS;
    if (operation !== 'deleted' && isScanned && !truth.has(id)) faults.push(`${name} ${id} should be deleted`);
  }
  const reader = clinic.readers[resource];
  await retried(() => reader.catchUp());
  faults.push(...reader.faults.map((fault) => `${name}: reader: ${fault}`));
  for (const { id, operation, version } of stored) {
    // a reader that began anew need not hear of what was deleted before
    if (operation === 'deleted' && reader.starts > 0 && !reader.versions.has(id)) continue;
    if (reader.versions.get(id) !== version) faults.push(`${name}: the reader missed ${id}`);
  }
  return faults;
}

/** null: the record says what the provider says, as far as that can be known. */
export function differenceOf(
  clinic: ChaosClinic,
  record: StoredRecord | undefined,
  fields: Record<string, unknown>,
): string | null {
  if (!record || record.operation === 'deleted') return record ? 'is deleted' : 'is lost';
  for (const field of COMPARED) {
    const expected = fields[field];
    if (expected === undefined || (field === 'paidAt' && !clinic.knows(String(expected)))) continue;
    const found = record.data[field];
    if (JSON.stringify(found) !== JSON.stringify(expected))
      return `${field} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`;
  }
  return null;
}

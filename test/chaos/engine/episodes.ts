import { setTimeout as sleep } from 'node:timers/promises';
import { LISTS, type ChaosClinic, type List } from './chaos-clinic';
import { expectation, isDeleted, wronglyDeleted } from './claims';
import { PAGE_BREACHES } from './page-breaches';
import { ROW_MANNERS } from './provider-front';
import type { Random } from './random';

/** What happens to one account for a while; answers with what was found wrong. One at a time for each account. */
export type Episode = (clinic: ChaosClinic, random: Random, note: (line: string) => void) => Promise<string[]>;

const HOUR_MS = 3_600_000;
/** Of PracticeHub, at most. */
const PAGE_ROWS = 100;
const MOST_SKEW_MS = 48 * HOUR_MS;
const LEAST_SKEW_MS = 10 * 60_000;
const MINUTE_MS = 60_000;
const FILTERS = ['ignored', 'refused', 'equality', 'honoured'] as const;
const LIST_NAMES = Object.keys(LISTS) as List[];

export const EPISODES: Readonly<Record<string, Episode>> = {
  /** The provider's `Date` header is up to two days off, and is right again. */
  async dateSkew(clinic, random, note) {
    const skewMs = drawnSkew(random);
    note(`${Math.round(skewMs / HOUR_MS)} h`);
    const faults = await overStep(clinic, random, 'under a skewed Date', () => (clinic.manners.dateSkewMs = skewMs));
    return [...faults, ...(await overStep(clinic, random, 'after it', () => (clinic.manners.dateSkewMs = 0)))];
  },

  /** The same for the provider's whole clock, which its stamps are written by. */
  async clockSkew(clinic, random, note) {
    const skewMs = drawnSkew(random);
    note(`${Math.round(skewMs / HOUR_MS)} h`);
    const faults = await overStep(clinic, random, 'under a skewed clock', () => moveClock(clinic, skewMs));
    return [...faults, ...(await overStep(clinic, random, 'after it', () => moveClock(clinic, -skewMs)))];
  },

  /** Time passes at the provider: over a clock change, where the account lives near one. */
  async timePasses(clinic, random, note) {
    const faults: string[] = [];
    for (let step = random.whole(2, 4); step > 0; step--) {
      const minutes = random.whole(3, 25);
      moveClock(clinic, minutes * MINUTE_MS);
      note(`${minutes} min, it is ${clinic.written(0)}`);
      faults.push(...(await changesArrive(clinic, random, `at ${clinic.written(0)} in ${clinic.zone}`, false)));
    }
    return faults;
  },

  /** The merchant activates again, with the zone that its account really has, or with none. */
  async correctZone(clinic, random, note) {
    await clinic.must('POST', '/deactivate');
    const zone = random.chance(0.75) ? clinic.zone : null;
    note(String(zone));
    await clinic.activate(zone);
    // whatever was misread is read again at once, in full
    settlesDoubt(clinic, await clinic.sync({ full: true }));
    return changesArrive(clinic, random, 'after the zone was corrected', false);
  },

  /** One list breaks a rule of paging at all calls: no success, nothing deleted, and nothing lost once it is sound. */
  async breach(clinic, random, note) {
    const list = random.pick(LIST_NAMES);
    const kind = random.pick(PAGE_BREACHES);
    const at = random.whole(2, list === 'patients' ? 3 : 2);
    const { resource } = LISTS[list];
    note(`${list} ${kind.name}, page ${at}`);
    const expects = expectation(clinic, list, changeSome(clinic, random, list));
    clinic.manners.breach = { list, kind, at };
    const logs = await quietly(clinic, () => clinic.sync({ full: true }));
    const faults = await wronglyDeleted(clinic, list, `where it ${kind.name}`);
    const fails = kind.fails === 'always' || (kind.fails === 'counted' && list !== 'payments');
    const log = logs?.[resource];
    // of payments only those within the lookback are listed, which may be a single page
    const broken = list !== 'payments' || recentPayments(clinic).length > PAGE_ROWS;
    if (fails && broken && log?.fresh && log.status === 'success')
      faults.push(`${clinic.accountKey}: ${resource} is a success where it ${kind.name}`);
    clinic.manners.breach = null;
    for (let attempt = 0; attempt < 2; attempt++) {
      const after = await clinic.sync({ full: false });
      if (after?.[resource].status !== 'success') continue;
      if (!clinic.doubtful) faults.push(...(await expects(after, `once it no longer ${kind.name}`)));
      break;
    }
    return faults;
  },

  /** The same for a random while, whatever is going on. */
  async passingBreach(clinic, random, note) {
    const list = random.pick(LIST_NAMES);
    const kind = random.pick(PAGE_BREACHES);
    note(`${list} ${kind.name}`);
    clinic.manners.breach = { list, kind, at: random.whole(2, 3) };
    void clinic.call('POST', '/sync', { fullResync: random.chance(0.6) }).catch(() => undefined);
    await sleep(random.whole(50, 1_500));
    clinic.manners.breach = null;
    return [];
  },

  /** The changed-since filter behaves otherwise than before. */
  async filter(clinic, random, note) {
    const updatedFilter = random.pick(FILTERS);
    note(updatedFilter);
    clinic.world.simulator.configure({ updatedFilter }, clinic.accountKey);
    // what it returned until it was proven anew
    if (updatedFilter === 'equality') clinic.doubtful = true;
    const faults = await changesArrive(clinic, random, `since the filter is ${updatedFilter}`, false);
    if (random.chance(0.6)) await clinic.sync({ full: true }).then((logs) => settlesDoubt(clinic, logs));
    return [...faults, ...(await changesArrive(clinic, random, `and the filter was ${updatedFilter}`, false))];
  },

  /** A row is not listed, and its GET by id is no answer: nobody else is held up, and it is not deleted by one scan. */
  async unclearRow(clinic, random, note) {
    const manner = random.pick(ROW_MANNERS);
    note(String(manner));
    const spoil = (id: string) => clinic.manners.lookups.set(`patients/${id}`, manner);
    return quietly(clinic, () => missedOnce(clinic, random, spoil));
  },

  /** Nothing is found by id, not even what is listed. */
  async noLookups(clinic, random) {
    return quietly(clinic, () => missedOnce(clinic, random, () => clinic.manners.lookups.set('*', 404)));
  },

  /** A row is missed by two full scans, and was listed in between. */
  missedNotInARow: (clinic, random) => quietly(clinic, () => missedTwice(clinic, random)),

  /** A row goes, and comes back with an older stamp: it is there again. */
  async comesBackOlder(clinic, random) {
    const row = clinic.take('patients', random);
    row.back(clinic.written(0));
    if (!(await seenByAll(clinic))) return [];
    row.goAgain();
    const gone = await clinic.sync({ full: true });
    row.back(clinic.written(90));
    const expects = expectation(clinic, 'patients', [row.id]);
    if (gone?.customers.status !== 'success') return [];
    const logs = await clinic.sync({ full: false });
    return clinic.doubtful ? [] : expects(logs, 'back with an older stamp');
  },
};

/** Nobody else asks for a sync, and no rows come or go: what is found can be told of the scans that were asked for. */
async function quietly<T>(clinic: ChaosClinic, work: () => Promise<T>): Promise<T> {
  clinic.quiet = true;
  try {
    return await work();
  } finally {
    clinic.quiet = false;
  }
}

/** Some rows change, and a sync that reports success has them. */
async function changesArrive(clinic: ChaosClinic, random: Random, when: string, full: boolean): Promise<string[]> {
  const list = random.pick(LIST_NAMES);
  const ids = changeSome(clinic, random, list);
  const expects = expectation(clinic, list, ids);
  const logs = await clinic.sync({ full });
  if (full) settlesDoubt(clinic, logs);
  return clinic.doubtful ? [] : expects(logs, when);
}

/** More than the overlap of two scans, which makes up for less. */
function drawnSkew(random: Random): number {
  return random.whole(LEAST_SKEW_MS, MOST_SKEW_MS) * (random.chance(0.5) ? 1 : -1);
}

/**
 * A change arrives that is made when the provider's clock has been moved. The first run finds that it was put back, and
 * the next one reads everything again. A time that no run has seen leaves no trace to find that by.
 */
async function overStep(clinic: ChaosClinic, random: Random, when: string, move: () => void): Promise<string[]> {
  const seenBefore = isSound(await clinic.sync({ full: false }));
  move();
  const list = random.pick(LIST_NAMES);
  const expects = expectation(clinic, list, changeSome(clinic, random, list));
  const found = isSound(await clinic.sync({ full: false }));
  const full = random.chance(0.3);
  const logs = await clinic.sync({ full });
  if (full) settlesDoubt(clinic, logs);
  else if (!seenBefore || !found) clinic.doubtful = true;
  return clinic.doubtful ? [] : expects(logs, when);
}

function isSound(logs: Awaited<ReturnType<ChaosClinic['sync']>>): boolean {
  return logs !== null && Object.values(logs).every(({ status, fresh }) => status === 'success' && fresh);
}

/** Of payments those within the lookback, whatever the zone: others are not imported. */
function changeSome(clinic: ChaosClinic, random: Random, list: List): string[] {
  if (list !== 'payments') return clinic.change(list, random.whole(1, 3));
  const recent = recentPayments(clinic);
  if (recent.length === 0) return [];
  const ids = [random.pick(recent).externalId];
  return clinic.world.simulator.change({ resource: list, ids, apiKey: clinic.accountKey }).map(String);
}

/** Those that are within the lookback whatever the zone. */
function recentPayments(clinic: ChaosClinic) {
  const floorMs = Date.now() - 80 * 24 * HOUR_MS;
  return [...clinic.truth('payments').values()].filter(({ fields }) => Date.parse(String(fields['paidAt'])) > floorMs);
}

/** A full scan takes doubts away; that the merchant has told another zone than the account's it cannot know. */
function settlesDoubt(clinic: ChaosClinic, logs: Awaited<ReturnType<ChaosClinic['sync']>>): void {
  if (clinic.timezone !== null && clinic.timezone !== clinic.zone) return;
  if (isSound(logs)) clinic.doubtful = false;
}

async function seenByAll(clinic: ChaosClinic): Promise<boolean> {
  const logs = await clinic.sync({ full: true });
  settlesDoubt(clinic, logs);
  return logs?.customers.status === 'success' && logs.customers.fresh;
}

/** One full scan misses a row that the provider cannot be asked for: it is missed by one, which is not enough. */
async function missedOnce(clinic: ChaosClinic, random: Random, spoil: (id: string) => void): Promise<string[]> {
  if (!(await seenByAll(clinic))) return [];
  const before = await clinic.scans('customers');
  const row = clinic.take('patients', random);
  spoil(row.id);
  try {
    const logs = await clinic.sync({ full: true });
    const log = logs?.customers;
    if (!log?.fresh || (await clinic.scans('customers')) !== before + 1) return [];
    clinic.checks++;
    if (await isDeleted(clinic, 'patients', row.id))
      return [`${clinic.accountKey}: customers ${row.id} is deleted by one scan that proves nothing`];
    // a stream may fail for what is done to all of it, and never for what is said of one row
    const stopped = log.status === 'failed' && /Not this one|another row/.test(log.error ?? '');
    return stopped ? [`${clinic.accountKey}: one row stops its stream: ${log.error}`] : [];
  } finally {
    clinic.manners.lookups.clear();
    if (random.chance(0.7)) row.back();
  }
}

async function missedTwice(clinic: ChaosClinic, random: Random): Promise<string[]> {
  if (!(await seenByAll(clinic))) return [];
  const before = await clinic.scans('customers');
  clinic.manners.lookups.set('*', 404);
  try {
    const row = clinic.take('patients', random);
    const missed = await clinic.sync({ full: true });
    row.back(clinic.written(0));
    const listed = await clinic.sync({ full: false });
    row.goAgain();
    const again = await clinic.sync({ full: true });
    const sound = [missed, listed, again].every((logs) => logs?.customers.status === 'success');
    if (!sound || clinic.doubtful || (await clinic.scans('customers')) !== before + 3) return [];
    clinic.checks++;
    if (!(await isDeleted(clinic, 'patients', row.id))) return [];
    return [`${clinic.accountKey}: customers ${row.id} is deleted, and no two scans in a row have missed it`];
  } finally {
    clinic.manners.lookups.clear();
  }
}

/** How far the provider's clock is ahead of ours, in milliseconds. */
function clockOf({ world, accountKey }: ChaosClinic): number {
  return world.simulator.account(accountKey).settings.clockSkewMs;
}

function moveClock(clinic: ChaosClinic, byMs: number): void {
  clinic.world.simulator.configure({ clockSkewMs: clockOf(clinic) + byMs }, clinic.accountKey);
}

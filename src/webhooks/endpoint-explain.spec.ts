import { MAX_HELD, STALLED_AFTER } from './delivery-rules';
import { explainEndpoint } from './endpoint-explain';
import type { EndpointView } from './store/endpoint.repository';

const now = new Date('2026-05-01T09:30:00Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const well = {
  disabledReason: null,
  disabledAt: null,
  failures: 0,
  failingSince: null,
  notBefore: null,
  heldCount: 0,
  parkedCount: 0,
  replayCount: 0,
  missed: 0,
  nextTryAt: null,
  lastError: null,
  lastSuccessAt: ago(1_000),
  ratePerSecond: null,
  unsignedSince: null,
  lacksKey: false,
} as unknown as EndpointView;
const failing = { failures: 3, failingSince: ago(60_000), lastError: 'The endpoint answered 500.' };

describe('why events are, or are not, delivered', () => {
  it.each<[string, Partial<EndpointView>, Date | null, boolean, string[]]>([
    ['everything went', {}, null, true, ['up_to_date']],
    ['an event has just happened', {}, ago(500), true, ['behind']],
    ['an event waits, and nothing is in its way', {}, ago(61_000), true, ['delayed']],
    ['the rate holds them back', { ratePerSecond: 5 }, ago(61_000), true, ['rate_limited']],
    ['tries fail', { ...failing, heldCount: 2 }, ago(61_000), true, ['failing', 'behind', 'held']],
    ['it stalls', { ...failing, failures: STALLED_AFTER }, ago(9), false, ['stalled', 'behind']],
    ['it stalls, and nothing waits', { ...failing, failures: STALLED_AFTER }, null, true, ['stalled']],
    ['it asked for a pause', { notBefore: new Date(now.getTime() + 1) }, ago(9), false, ['slowed_down', 'behind']],
    ['the pause is over', { notBefore: now }, null, true, ['up_to_date']],
    ['too many are held', { heldCount: MAX_HELD }, null, false, ['held_full']],
    ['key management is away', { unsignedSince: ago(9) }, null, false, ['key_management_unavailable']],
    [
      'key management is away, and tries failed before',
      { ...failing, unsignedSince: ago(9), lacksKey: true, heldCount: 1 },
      ago(9),
      false,
      ['key_management_unavailable', 'failing', 'held', 'behind'],
    ],
    ['some were given up', { parkedCount: 1 }, null, true, ['parked']],
    ['some were removed', { missed: 1 }, null, true, ['missed']],
    ['a replay is under way', { replayCount: 1 }, null, true, ['replaying']],
    [
      'many are held by one that is off',
      { disabledReason: 'gone', heldCount: MAX_HELD },
      null,
      false,
      ['gone', 'held'],
    ],
    ['the merchant switched it off', { disabledReason: 'switched_off' }, ago(9), false, ['switched_off', 'behind']],
    [
      'everything at once',
      {
        ...{ ...failing, disabledReason: 'failing', failures: STALLED_AFTER, heldCount: 1, replayCount: 1 },
        ...{ parkedCount: 1, missed: 1, notBefore: new Date(now.getTime() + 1) },
      },
      ago(9),
      false,
      ['failing', 'held', 'replaying', 'parked', 'missed', 'behind'],
    ],
  ])('is told where %s', (_what, facts, waitingSince, willDeliver, codes) => {
    const explained = explainEndpoint({ ...well, ...facts }, waitingSince, now);
    expect(explained.reasons.map(({ code }) => code)).toEqual(codes);
    expect(explained.willDeliver).toBe(willDeliver);
  });

  it.each([
    [ago(9), /One event is tried again and again/],
    [null, /The next event is tried a while after it happens/],
  ])('says of one that stalls, with events that wait since %s, what is tried next', (since, message) => {
    const facts = { ...failing, failures: STALLED_AFTER };
    expect(explainEndpoint({ ...well, ...facts }, since, now).reasons[0]!.message).toMatch(message);
  });

  it('says of one that is off nothing that happens while it is on', () => {
    const facts = {
      ...failing,
      disabledReason: 'failing' as const,
      failures: STALLED_AFTER,
      heldCount: 2,
      replayCount: 1,
    };
    const messages = explainEndpoint({ ...well, ...facts }, null, now).reasons.map(({ message }) => message);
    expect(messages).toEqual([
      'Nothing but failures for five days: the endpoint was switched off. Mend it, then enable it. The last one: The endpoint answered 500.',
      '2 events wait for another try until the endpoint is enabled.',
      '1 replay will go on when the endpoint is enabled.',
    ]);
  });

  it.each([
    [1, '1 event was given up after its last try. Replay it by its id.'],
    [2, '2 events were given up after their last try. Replay them by their ids.'],
  ])('says of %d given-up events that they are replayed by id', (parkedCount, message) => {
    expect(explainEndpoint({ ...well, parkedCount }, null, now).reasons).toMatchObject([{ code: 'parked', message }]);
  });

  it('names the last failure', () => {
    const { reasons } = explainEndpoint({ ...well, ...failing }, null, now);
    expect(reasons[0]).toMatchObject({ code: 'failing', since: failing.failingSince });
    expect(reasons[0]!.message).toContain('The endpoint answered 500.');
  });

  it.each([
    ['one event', { heldCount: 1, nextTryAt: null }, '1 event waits for another try.'],
    ['a time that is over', { heldCount: 2, nextTryAt: ago(60_000) }, '2 events wait for another try.'],
    [
      'an endpoint that is disabled',
      { heldCount: 2, nextTryAt: ago(-60_000), disabledReason: 'gone' as const, disabledAt: ago(1) },
      '2 events wait for another try until the endpoint is enabled.',
    ],
  ])('says what is held of %s', (_what, more, message) => {
    const { reasons } = explainEndpoint({ ...well, ...more }, null, now);
    expect(reasons.find(({ code }) => code === 'held')!.message).toBe(message);
  });
});

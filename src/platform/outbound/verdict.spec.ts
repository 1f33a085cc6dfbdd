import { VERDICT_POLICIES, VERDICTS, type Verdict } from './verdict';

const NOTHING = [false, false, false] as const;
/** What a failure of each class ends: the sync, the push, the payments that wait. */
const ENDS: Readonly<Record<Verdict, readonly [sync: boolean, push: boolean, waiting: boolean]>> = {
  auth: [true, true, true],
  // one resource may be shut to the key, and the others open
  permission: [false, true, true],
  rate_limited: [true, true, false],
  provider_down: [true, true, false],
  network: [true, true, false],
  // one list or one payment may be unlike the others
  contract: NOTHING,
  configuration: [true, true, true],
  internal: [true, true, false],
};

describe('a failed provider call', () => {
  it.each(VERDICTS)('that is %s ends what would fail the same way, and nothing else', (verdict) => {
    const { endsSync, endsPush, failsWaitingPayments } = VERDICT_POLICIES[verdict];
    expect([endsSync, endsPush, failsWaitingPayments]).toEqual(ENDS[verdict]);
  });

  it('fails waiting payments only where it ends the push, and only a person can mend it', () => {
    const failing = VERDICTS.filter((verdict) => VERDICT_POLICIES[verdict].failsWaitingPayments);
    for (const verdict of failing) {
      expect(VERDICT_POLICIES[verdict]).toMatchObject({ endsPush: true, blamesProvider: false });
      expect(VERDICT_POLICIES[verdict].nextAction).not.toBe('wait');
    }
  });
});

import { isSessionOpen, secondsUntilRefresh, tokenLifetime, type SessionState } from './session-rules';

const NOW = new Date('2026-05-01T10:00:00.400Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const lifetime = (over: { expiresAt?: Date; tokensEndedAt?: Date } = {}, secretUntil: Date | null = null) =>
  tokenLifetime({ now: NOW, expiresAt: null, tokensEndedAt: null, ...over }, secretUntil);

describe('the life of a pair of tokens', () => {
  it('is an hour', () => {
    expect(lifetime()).toEqual({
      ttlSeconds: 3_600,
      from: new Date('2026-05-01T10:00:00Z'),
      endsAt: null,
    });
    expect(lifetime({ expiresAt: at(86_400) }, at(86_400))!.ttlSeconds).toBe(3_600);
    expect(lifetime({ tokensEndedAt: at(-100) })).toEqual(lifetime());
  });

  it('ends with its integration, and with the secret that it came from', () => {
    expect(lifetime({ expiresAt: at(90) })!.ttlSeconds).toBe(90);
    expect(lifetime({}, at(30))!.ttlSeconds).toBe(30);
    expect(lifetime({ expiresAt: at(90) }, at(30))!.ttlSeconds).toBe(30);
    expect(lifetime({ expiresAt: at(20) }, at(30))!.ttlSeconds).toBe(20);
    expect(lifetime({ expiresAt: at(90_000) }, at(86_400))!.endsAt).toEqual(new Date('2026-05-02T10:00:00Z'));
  });

  it('is nothing when less than a second is left', () => {
    expect(lifetime({ expiresAt: at(0.5) })).toBeNull();
    expect(lifetime({ expiresAt: at(-5) })).toBeNull();
  });

  it('starts after the second in which its predecessors ended', () => {
    expect(lifetime({ tokensEndedAt: at(0) })!.from).toEqual(new Date('2026-05-01T10:00:01Z'));
    expect(lifetime({ tokensEndedAt: at(2) })!.from).toEqual(new Date('2026-05-01T10:00:03Z'));
    expect(lifetime({ tokensEndedAt: at(0) })!.ttlSeconds).toBe(3_600);
  });
});

describe('a session', () => {
  it.each([
    [0, null, 0],
    [29, 3_599, 0],
    [30, 10, 3_590],
    [30, 3_599.9, 1],
    [31, 3_600, 1],
  ])('with %p refreshes, the first %p seconds ago, waits for %p', (refreshes, firstRefreshAgeSeconds, seconds) => {
    expect(secondsUntilRefresh({ refreshes, firstRefreshAgeSeconds })).toBe(seconds);
  });

  const open: SessionState = {
    live: true,
    expired: false,
    revoked: false,
    secretNumber: 3,
    previousSecretHash: null,
    openedBySecret: 3,
  };
  it.each<[string, Partial<SessionState>, boolean]>([
    ['of the present secret', {}, true],
    ['of an ended integration', { live: false }, false],
    ['past its time', { expired: true }, false],
    ['that was revoked', { revoked: true }, false],
    ['of the secret before, in its overlap', { openedBySecret: 2, previousSecretHash: '$' }, true],
    ['of the secret before, past its overlap', { openedBySecret: 2 }, false],
    ['of the secret before that', { openedBySecret: 1, previousSecretHash: '$' }, false],
  ])('%s: open %#', (_name, over, verdict) => {
    expect(isSessionOpen({ ...open, ...over })).toBe(verdict);
  });
});

import { delegationRefusal, endOf, mayBind, type Binding, type Holder, type KeyRights } from './delegation';

const LATER = new Date('2027-05-02T00:00:00Z');
const THEN = new Date('2027-05-01T00:00:00Z');
const SOONER = new Date('2027-04-30T00:00:00Z');

const holder = (permissions: string[], until: Date | null = THEN, admin = false): Holder => ({
  admin,
  permissions: new Set(permissions),
  until,
});
const rights = (permissions: string[], expiresAt: Date | null = THEN): KeyRights => ({ permissions, expiresAt });

describe('nobody hands on or takes more than it holds', () => {
  it.each<[Holder, KeyRights, boolean]>([
    [holder(['a.read']), rights([]), true],
    [holder(['a.read']), rights(['a.read']), true],
    [holder(['a.read', 'b.write']), rights(['b.write'], SOONER), true],
    [holder(['a.read'], null), rights(['a.read'], null), true],
    [holder(['a.read']), rights(['a.read', 'a.write']), false],
    [holder([]), rights(['a.read']), false],
    [holder(['a.*']), rights(['a.read']), false],
    [holder(['a.read']), rights(['a.read'], LATER), false],
    [holder(['a.read']), rights(['a.read'], null), false],
    [holder([]), rights([], null), false],
  ])('%j and a key of %j: %p', (holds, key, verdict) => {
    const admin = { ...holds, admin: true };
    for (const operation of [{ hands: [key] }, { touches: [key] }, { hands: [rights([], SOONER), key] }]) {
      expect(delegationRefusal(holds, operation) === null).toBe(verdict);
      expect(delegationRefusal(admin, operation)).toBeNull();
    }
  });

  it('says which of the two is too much, and how far it may go', () => {
    expect(delegationRefusal(holder([]), { hands: [rights(['a.read'])] })).toContain('permissions');
    expect(delegationRefusal(holder([]), { hands: [rights([], null)] })).toContain('2027-05-01T00:00:00.000Z');
    expect(delegationRefusal(holder([]), { touches: [rights([], null)] })).toContain('lives longer');
  });

  it('a key without a wish ends with its maker; for an admin never', () => {
    expect(endOf(holder([]), undefined)).toBe(THEN);
    expect(endOf(holder([], null), undefined)).toBeNull();
    expect(endOf(holder([], THEN, true), undefined)).toBeNull();
    expect(endOf(holder([]), null)).toBeNull();
    expect(endOf(holder([]), SOONER)).toBe(SOONER);
  });

  const live: Binding = { merchantId: 'm', environment: 'live' };
  it.each<[Binding, Binding, boolean]>([
    [null, null, true],
    [null, live, true],
    [live, live, true],
    [live, null, false],
    [live, { merchantId: 'm', environment: 'sandbox' }, false],
    [live, { merchantId: 'n', environment: 'live' }, false],
  ])('binding to %j below %j: %p', (binding, parent, verdict) => {
    expect(mayBind({ admin: false }, binding, parent)).toBe(verdict);
    expect(mayBind({ admin: true }, binding, parent)).toBe(true);
  });
});

import type { Caller } from '../platform/http';
import { actorOf, type Binding, mayBind, mayGrant, type NodeActor, reachOf } from './node-access';

const ID = '3D0F2B7E-54C1-4F4E-9A4D-0D1F6A2B9C11';
const caller = (over: Partial<Caller>): Caller => ({
  kind: 'token',
  id: 'x',
  merchantId: null,
  environment: null,
  scopes: new Set(),
  roles: [],
  nodeIds: [],
  permissions: [],
  ...over,
});
const actor = (permissions: string[], admin = false): NodeActor => ({
  admin,
  nodeIds: [],
  permissions: new Set(permissions),
});

describe('access to nodes', () => {
  it('an admin reaches everything; everyone else its nodes, and nothing when it has none', () => {
    expect(reachOf(actorOf(caller({ roles: ['admin'], nodeIds: [ID] })))).toBeNull();
    expect(reachOf(actorOf(caller({ roles: ['operator'], nodeIds: [ID, 'root', ''] })))).toEqual([ID.toLowerCase()]);
    expect(reachOf(actorOf(caller({ roles: ['viewer', 'operator'] })))).toEqual([]);
  });

  it.each([
    [['a.read'], [], true],
    [['a.read'], ['a.read'], true],
    [['a.read', 'b.write'], ['b.write'], true],
    [['a.read'], ['a.read', 'a.write'], false],
    [[], ['a.read'], false],
    [['a.*'], ['a.read'], false],
  ])('with %j it grants %j: %p', (held, wanted, verdict) => {
    expect(mayGrant(actor(held), wanted)).toBe(verdict);
    expect(mayGrant(actor(held, true), wanted)).toBe(true);
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
    expect(mayBind(actor([]), binding, parent)).toBe(verdict);
    expect(mayBind(actor([], true), binding, parent)).toBe(true);
  });
});

import type { Caller } from '../platform/http';
import { nodeActor, reachOf } from './node-access';

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
  heldUntil: null,
  tokenId: null,
  signIn: null,
  ...over,
});

describe('access to nodes', () => {
  it('an admin reaches everything; everyone else its nodes, and nothing when it has none', () => {
    expect(reachOf(nodeActor(caller({ roles: ['admin'], nodeIds: [ID] })))).toBeNull();
    expect(reachOf(nodeActor(caller({ roles: ['operator'], nodeIds: [ID, 'root', ''] })))).toEqual([ID.toLowerCase()]);
    expect(reachOf(nodeActor(caller({ roles: ['viewer', 'operator'] })))).toEqual([]);
  });
});

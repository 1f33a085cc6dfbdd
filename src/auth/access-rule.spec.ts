import type { Caller } from '../platform/http';
import { isAllowed, type AccessRule } from './access-rule';
import type { Scope } from './scopes';

const caller = (over: Partial<Caller> = {}): Caller => ({
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
const merchant = (...scopes: Scope[]) =>
  caller({ kind: 'api_key', merchantId: 'm', environment: 'live', scopes: new Set(scopes) });

const everywhere: AccessRule = { roles: ['viewer'], acrossMerchants: true };

describe('who may call what', () => {
  it.each<[string, Caller, AccessRule, string, boolean]>([
    ['a key with the scope', merchant('sync:read'), { scope: 'sync:read' }, 'GET', true],
    ['a key without it', merchant('sync:write'), { scope: 'sync:read' }, 'GET', false],
    ['a scope without a merchant', caller({ scopes: new Set(['sync:read']) }), { scope: 'sync:read' }, 'GET', false],
    ['an admin without a merchant', caller({ roles: ['admin'] }), { scope: 'sync:read' }, 'GET', false],
    ['any token where nothing is named', caller(), {}, 'POST', true],
    ['a viewer who reads', caller({ roles: ['viewer'] }), {}, 'GET', true],
    ['a viewer who writes', caller({ roles: ['viewer'] }), {}, 'POST', false],
    ['a viewer who writes, with the role named', caller({ roles: ['viewer'] }), { roles: ['viewer'] }, 'PATCH', false],
    [
      'a viewer who is also an operator',
      caller({ roles: ['operator', 'viewer'] }),
      { roles: ['operator'] },
      'POST',
      true,
    ],
    ['the role', caller({ roles: ['operator'] }), { roles: ['operator'] }, 'POST', true],
    ['another role', caller({ roles: ['operator'] }), { roles: ['admin'] }, 'POST', false],
    [
      'an admin, whatever is named',
      caller({ roles: ['admin'] }),
      { roles: ['viewer'], permission: 'x.y' },
      'POST',
      true,
    ],
    ['the permission', caller({ permissions: ['x.y'] }), { permission: 'x.y' }, 'POST', true],
    ['another permission', caller({ permissions: ['x.z'] }), { permission: 'x.y' }, 'POST', false],
    [
      'the permission instead of the role',
      caller({ permissions: ['x.y'] }),
      { roles: ['admin'], permission: 'x.y' },
      'POST',
      true,
    ],
    ['an admin of nodes, across merchants', caller({ roles: ['admin'], nodeIds: ['n'] }), everywhere, 'GET', false],
    ['an admin of a merchant', caller({ roles: ['admin'], merchantId: 'm' }), everywhere, 'GET', false],
    ['an admin of nobody in particular', caller({ roles: ['admin'] }), everywhere, 'GET', true],
    [
      'an operator at a key',
      caller({ roles: ['operator'], permissions: ['x.y'] }),
      { permission: 'x.y', changesCredentials: true },
      'POST',
      false,
    ],
    ['an admin at a key', caller({ roles: ['admin'] }), { roles: ['admin'], changesCredentials: true }, 'POST', true],
    [
      'a key at a credential',
      merchant('integrations:write'),
      { scope: 'integrations:write', changesCredentials: true },
      'PUT',
      true,
    ],
  ])('%s', (_name, who, rule, method, allowed) => {
    expect(isAllowed(who, rule, method)).toBe(allowed);
  });
});

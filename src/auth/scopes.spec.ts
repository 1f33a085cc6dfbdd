import { effectiveScopes, scopesOfPermissions } from './scopes';

describe('scopes', () => {
  it('a wildcard means read and write, never internal', () => {
    expect([...effectiveScopes(['integrations:*'])]).toEqual(['integrations:read', 'integrations:write']);
    expect([...effectiveScopes(['sync:*', 'sync:read'])]).toEqual(['sync:read', 'sync:write']);
    expect([...effectiveScopes(['webhooks:*'])]).toEqual(['webhooks:read', 'webhooks:write']);
    expect([...effectiveScopes(['integrations:internal'])]).toEqual(['integrations:internal']);
  });

  it('unknown words grant nothing, not even names of object members', () => {
    expect([...effectiveScopes(['*', '', 'constructor', '__proto__', 'toString', 'integrations', 'admin:*'])]).toEqual(
      [],
    );
  });

  it('permissions of tokens are scopes with a dot', () => {
    expect([...scopesOfPermissions(['integrations.read', 'sync.write', 'nodes.write'])]).toEqual([
      'integrations:read',
      'sync:write',
    ]);
    expect([...scopesOfPermissions(['integrations:read', 'integrations.*', 'integrations'])]).toEqual([]);
  });
});

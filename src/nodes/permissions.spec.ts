import { collapsePermissions, PERMISSIONS } from './permissions';

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `thing.act${i}`);

describe('permissions', () => {
  it('duplicates collapse, the order stays', () => {
    expect(collapsePermissions(['b.read', 'a.read', 'b.read', 'a.read'])).toEqual(['b.read', 'a.read']);
  });

  it('a hundred at most, counted after they collapsed', () => {
    expect(collapsePermissions([...many(100), ...many(100)])).toHaveLength(100);
    expect(() => collapsePermissions(many(101))).toThrow();
  });

  it('takes each that this service checks', () => {
    expect(PERMISSIONS).toEqual(expect.arrayContaining(['nodes.write', 'integrations.read', 'sync.write']));
    expect(collapsePermissions(PERMISSIONS)).toEqual(PERMISSIONS);
  });

  it.each([['notes.read'], ['documents.read'], ['async.read'], ['note.raed']])(
    'takes %s, which is of another service',
    (others) => {
      expect(collapsePermissions([others])).toEqual([others]);
    },
  );

  it.each([
    ['integration.raed'],
    ['integrations.raed'],
    ['intergrations.read'],
    ['integratoins.read'],
    ['node.read'],
    ['nodes.delete'],
    ['syncs.read'],
  ])('refuses %s, which nobody would ever ask for', (mistaken) => {
    expect(() => collapsePermissions(['notes.read', mistaken])).toThrow(
      expect.objectContaining({ fields: { permissions: [expect.stringContaining('integrations.read')] } }),
    );
  });

  it.each([['integrations.read'], ['a.b'], ['node_keys.re-new2'], [`${'r'.repeat(45)}.read`]])('takes %s', (good) => {
    expect(collapsePermissions([good])).toEqual([good]);
  });

  it.each([
    [''],
    ['read'],
    ['.read'],
    ['integrations.'],
    ['integrations:read'],
    ['Integrations.read'],
    ['integrations.*'],
    ['*.*'],
    ['a.b.c'],
    ['a .b'],
    ['a.b\n'],
    ['1a.b'],
    [`${'r'.repeat(46)}.read`],
  ])('refuses %j, without showing it', (bad) => {
    try {
      collapsePermissions(['a.read', bad]);
      throw new Error('was taken');
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid_request', fields: { permissions: [expect.any(String)] } });
    }
  });
});

import { contractions, namesUsed } from './contractions';
import { readMigrations, readReleasedNames } from './sources';

const released = readReleasedNames();
const newer = readMigrations().filter(({ number }) => number > released.lastMigration);
const up = (statement: string): string =>
  `async up(runner) { await runner.query(\`${statement}\`); } async down(runner) { await runner.query('DROP TABLE records'); }`;

describe('a migration that is newer than the last release', () => {
  it('is one of some, and the release is known by its names', () => {
    expect(newer.length).toBeGreaterThan(0);
    for (const name of ['records', 'sync_runs', 'lease_until', 'integration_id'])
      expect(released.names).toContain(name);
  });

  it.each(newer.map(({ name, text }) => [name, text]))('%s takes nothing away that the release uses', (_name, text) => {
    expect(contractions(text, released)).toEqual([]);
  });
});

describe('the rule', () => {
  it.each([
    ['DROP TABLE sync_runs', 'drops sync_runs'],
    ['ALTER TABLE sync_runs DROP COLUMN IF EXISTS lease_until', 'drops lease_until'],
    ['ALTER TABLE sync_runs RENAME COLUMN lease_until TO leased_until', 'renames lease_until'],
    ['ALTER TABLE sync_runs RENAME lease_until TO leased_until', 'renames lease_until'],
    ['ALTER TABLE sync_runs RENAME TO runs', 'renames sync_runs'],
    ['ALTER TABLE sync_runs ALTER COLUMN lease_until TYPE text', 'changes the type of lease_until'],
    ['ALTER TABLE sync_runs ALTER COLUMN lease_until SET NOT NULL', 'forbids NULL in lease_until'],
    ['ALTER TABLE sync_runs ALTER COLUMN lease_until DROP DEFAULT', 'takes the default of lease_until'],
  ])('refuses %s', (statement, problem) => expect(contractions(up(statement), released)).toEqual([problem]));

  it.each([
    'ALTER TABLE sync_runs ADD COLUMN IF NOT EXISTS more text',
    'ALTER TABLE sync_runs DROP COLUMN never_released',
    'DROP VIEW integration_status_view; CREATE VIEW integration_status_view AS SELECT 1',
    'ALTER TABLE sync_runs RENAME CONSTRAINT a TO b',
  ])('lets pass %s, and whatever goes down', (statement) => expect(contractions(up(statement), released)).toEqual([]));

  it('knows as used what a migration makes and the code says', () => {
    expect(namesUsed([up('CREATE TABLE t_a (one_col int, two_col int)')], ['SELECT one_col FROM t_a'])).toEqual([
      'one_col',
      't_a',
    ]);
  });
});

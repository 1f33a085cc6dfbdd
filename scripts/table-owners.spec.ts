import path from 'node:path';
import { readStatements } from './sql/statements';
import { readTableOwners, readViews, VIEW_OWNERS } from './sql/table-owners';
import { tablesIn } from './sql/tables';

const TABLE_OWNERS = readTableOwners();
const KNOWN = new Set([...Object.keys(TABLE_OWNERS), ...Object.keys(VIEW_OWNERS)]);

interface Rule {
  readonly name: string;
  readonly to: { readonly pathNot?: string };
}
const { forbidden } = jest.requireActual<{ forbidden: Rule[] }>(path.join(__dirname, '../.dependency-cruiser.cjs'));

/** As the module graph says; the modules that it does not bind may know every other one. */
function mayKnow(module: string, other: string): boolean {
  const rule = forbidden.find(({ name }) => name === `${module}-knows-only`);
  return rule?.to.pathNot === undefined || new RegExp(rule.to.pathNot).test(`src/${other}/`);
}

/** Tables of other modules that the text touches, and views of modules that this one may not know. */
function trespasses(module: string, text: string): string[] {
  return tablesIn(text, KNOWN).filter((name) => {
    const owner = VIEW_OWNERS[name] ?? TABLE_OWNERS[name]!;
    return owner !== module && (!(name in VIEW_OWNERS) || !mayKnow(module, owner));
  });
}

describe('tables and their owners', () => {
  it('each module’s statements touch its own tables, and views of modules that it may know', () => {
    const { statements } = readStatements();
    const found = statements.flatMap(({ file, line, texts = [] }) =>
      [...new Set(texts.flatMap((text) => trespasses(file.split('/')[1]!, text)))].map(
        (name) => `${file}:${line} ${name}`,
      ),
    );
    expect(found).toEqual([]);
    // the rule sees the tables: nearly every statement has one
    const touching = statements.filter(({ texts = [] }) => texts.some((text) => tablesIn(text, KNOWN).length > 0));
    expect(touching.length).toBeGreaterThan(0.9 * statements.length);
  }, 120_000);

  it('the migrations make the views that are listed, each of its owner’s tables and of views that the owner may read', () => {
    const views = readViews();
    expect(Object.keys(views).sort()).toEqual(Object.keys(VIEW_OWNERS).sort());
    const found = Object.entries(views).flatMap(([view, text]) =>
      trespasses(VIEW_OWNERS[view]!, text).map((name) => `${view}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['admin', 'SELECT 1 FROM sync_runs r', ['sync_runs']],
    ['admin', 'SELECT 1 FROM integration_view i LEFT JOIN merchants m ON m.id = i.merchant_id', ['merchants']],
    ['admin', 'SELECT 1 FROM sync_run_view r, integrations', ['integrations']],
    ['admin', 'SELECT (SELECT count(*) FROM api_keys) AS keys', ['api_keys']],
    ['lifecycle', 'INSERT INTO sync_health (integration_id) VALUES ($1)', ['sync_health']],
    ['lifecycle', 'UPDATE sync_schedules s SET toggled_off = true', ['sync_schedules']],
    ['payments', 'DELETE FROM outbound_payments p USING sync_logs l', ['sync_logs']],
    ['payments', 'SELECT 1 FROM audit_chain FOR UPDATE', ['audit_chain']],
    ['integrations', 'SELECT 1 FROM sync_run_view', ['sync_run_view']],
    ['merchants', 'SELECT 1 FROM integration_view', ['integration_view']],
  ])('the rule refuses of %s: %s', (module, text, expected) => expect(trespasses(module, text)).toEqual(expected));

  it.each([
    ['sync', 'SELECT 1 FROM sync_runs r JOIN integration_view i ON i.id = r.integration_id'],
    ['sync', 'WITH merchants AS (SELECT 1) SELECT * FROM merchants'],
    ['admin', `SELECT 'FROM sync_runs' AS text -- of sync_runs, records\n FROM integration_events`],
    ['admin', 'SELECT records.count AS "FROM nodes" FROM sync_log_view AS records'],
    ['auth', 'SELECT 1 FROM merchant_view WHERE id = $1'],
  ])('the rule lets pass of %s: %s', (module, text) => expect(trespasses(module, text)).toEqual([]));
});

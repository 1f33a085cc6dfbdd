import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '..');
const configuration = path.join(root, '.dependency-cruiser.cjs');

interface Rule {
  name: string;
}
interface Violation {
  rule: Rule;
  from: string;
  to: string;
}

/** Each line plants `from` importing `to`, which the named rule must refuse. */
const VIOLATIONS: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['audit-knows-only', 'src/audit/a.ts', 'src/vault/index.ts'],
  ['audit-http-knows-only', 'src/audit/http/a.controller.ts', 'src/merchants/index.ts'],
  ['providers-knows-only', 'src/providers/a.ts', 'src/merchants/index.ts'],
  ['providers-http-knows-only', 'src/providers/http/a.controller.ts', 'src/vault/index.ts'],
  ['sandbox-knows-only', 'src/sandbox/a.ts', 'src/providers/index.ts'],
  ['sandbox-http-knows-only', 'src/sandbox/http/a.ts', 'src/providers/index.ts'],
  ['merchants-knows-only', 'src/merchants/a.ts', 'src/vault/index.ts'],
  ['merchants-http-knows-only', 'src/merchants/http/a.controller.ts', 'src/sync/index.ts'],
  ['vault-knows-only', 'src/vault/a.ts', 'src/merchants/index.ts'],
  ['vault-http-knows-only', 'src/vault/http/a.controller.ts', 'src/sync/index.ts'],
  ['auth-knows-only', 'src/auth/a.ts', 'src/nodes/index.ts'],
  ['auth-http-knows-only', 'src/auth/http/a.guard.ts', 'src/nodes/index.ts'],
  ['idempotency-knows-only', 'src/idempotency/a.ts', 'src/audit/index.ts'],
  ['idempotency-http-knows-only', 'src/idempotency/http/a.interceptor.ts', 'src/sync/index.ts'],
  ['integrations-knows-only', 'src/integrations/a.ts', 'src/sync/index.ts'],
  ['integrations-http-knows-only', 'src/integrations/http/a.controller.ts', 'src/sync/index.ts'],
  ['sync-knows-only', 'src/sync/a.ts', 'src/vault/index.ts'],
  ['sync-http-knows-only', 'src/sync/http/a.controller.ts', 'src/vault/index.ts'],
  ['mappings-knows-only', 'src/mappings/a.ts', 'src/payments/index.ts'],
  ['mappings-http-knows-only', 'src/mappings/http/a.controller.ts', 'src/lifecycle/index.ts'],
  ['payments-knows-only', 'src/payments/a.ts', 'src/vault/index.ts'],
  ['payments-http-knows-only', 'src/payments/http/a.controller.ts', 'src/vault/index.ts'],
  ['lifecycle-knows-only', 'src/lifecycle/a.ts', 'src/auth/index.ts'],
  ['lifecycle-http-knows-only', 'src/lifecycle/http/a.controller.ts', 'src/nodes/index.ts'],
  ['nodes-knows-only', 'src/nodes/a.ts', 'src/vault/index.ts'],
  ['nodes-http-knows-only', 'src/nodes/http/a.controller.ts', 'src/vault/index.ts'],
  ['events-knows-only', 'src/events/a.ts', 'src/providers/index.ts'],
  ['events-http-knows-only', 'src/events/http/a.controller.ts', 'src/webhooks/index.ts'],
  ['mcp-knows-only', 'src/mcp/a.ts', 'src/sync/index.ts'],
  ['mcp-http-knows-only', 'src/mcp/http/a.controller.ts', 'src/sync/index.ts'],
  ['operators-knows-only', 'src/operators/a.ts', 'src/sync/index.ts'],
  ['operators-http-knows-only', 'src/operators/http/a.controller.ts', 'src/sync/index.ts'],
  ['webhooks-knows-only', 'src/webhooks/a.ts', 'src/auth/index.ts'],
  ['webhooks-http-knows-only', 'src/webhooks/http/a.controller.ts', 'src/lifecycle/index.ts'],
  ['platform-knows-no-module', 'src/platform/http/a.ts', 'src/audit/index.ts'],
  ['every-module-is-listed', 'src/newcomer/a.ts', 'src/platform/config/index.ts'],
  ['only-through-the-index', 'src/vault/b.ts', 'src/audit/audit-log.ts'],
  ['only-through-the-index', 'src/cli/b.ts', 'src/vault/vault.ts'],
  ['only-through-the-index', 'src/audit/b.ts', 'src/platform/config/load-config.ts'],
  ['composers-only-through-the-index', 'src/app.module.ts', 'src/audit/audit.module.ts'],
  ['entities-stay-home', 'src/vault/store/b.repository.ts', 'src/audit/store/audit.entity.ts'],
  ['database-knows-only-entities', 'src/database/a.ts', 'src/audit/index.ts'],
  ['database-is-for-starters', 'src/audit/store/c.repository.ts', 'src/database/data-source.ts'],
  ['typeorm-in-store', 'src/audit/audit.service.ts', 'typeorm'],
  ['nestjs-typeorm-in-store-and-modules', 'src/audit/audit.service.ts', '@nestjs/typeorm'],
  ['aws-in-vault-adapters', 'src/vault/aws.service.ts', '@aws-sdk/client-kms'],
  ['swagger-in-http', 'src/audit/audit.service.ts', '@nestjs/swagger'],
  ['adapters-are-strangers', 'src/providers/wodify/a.ts', 'src/providers/terminal/a.ts'],
  ['manifest-simulator-is-a-stranger', 'src/providers/manifest/simulator/a.ts', 'src/providers/manifest/paging.ts'],
  ['rules-know-no-framework', 'src/sync/rules.ts', '@nestjs/core'],
  ['rules-know-no-framework', 'src/sync/rules.ts', 'typeorm'],
  ['rules-know-no-framework', 'src/sync/rules.ts', 'bullmq'],
  ['rules-know-no-framework', 'src/sync/rules.ts', '@aws-sdk/client-kms'],
  ['tests-are-leaves', 'src/audit/d.ts', 'test/support/app.ts'],
  ['tests-are-leaves', 'src/audit/e.ts', 'src/audit/a.spec.ts'],
  ['sdk-knows-itself', 'sdk/typescript/src/a.ts', 'src/audit/index.ts'],
  ['sdk-knows-itself', 'sdk/typescript/cli/a.ts', '@nestjs/common'],
  ['sdk-library-runs-anywhere', 'sdk/typescript/src/b.ts', 'sdk/typescript/cli/b.ts'],
  ['sdk-library-needs-no-node', 'sdk/typescript/src/c.ts', 'fs'],
  ['service-knows-no-sdk', 'src/cli/sdk.ts', 'sdk/typescript/src/index.ts'],
  ['no-cycle', 'src/audit/cycle-a.ts', 'src/audit/cycle-b.ts'],
  ['no-unresolvable', 'src/audit/f.ts', 'src/audit/gone.ts'],
  ['no-development-package-at-run-time', 'src/audit/g.ts', 'supertest'],
];

/** What the rules must let pass. */
const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ['src/main.ts', 'src/database/data-source.ts'],
  ['src/app.module.ts', 'src/vault/index.ts'],
  ['src/app.setup.ts', '@nestjs/swagger'],
  ['src/app.setup.ts', 'src/platform/http/server/index.ts'],
  ['src/cli/merchant.ts', 'src/merchants/index.ts'],
  ['src/cli/db.ts', 'src/database/data-source.ts'],
  ['src/admin/http/merchants.controller.ts', 'src/merchants/index.ts'],
  ['src/auth/auth.module.ts', 'src/vault/index.ts'],
  ['src/sync/http/logs.controller.ts', 'src/auth/index.ts'],
  ['src/sync/http/logs.controller.ts', '@nestjs/swagger'],
  ['src/sync/sync.module.ts', '@nestjs/typeorm'],
  ['src/sync/store/run.repository.ts', 'typeorm'],
  ['src/sync/jobs/run.processor.ts', 'bullmq'],
  ['src/sync/runs.ts', '@nestjs/common'],
  ['src/database/entities.ts', 'src/audit/store/audit.entity.ts'],
  ['src/audit/store/audit.repository.ts', 'src/audit/store/audit.entity.ts'],
  ['src/vault/adapters/aws-kms.ts', '@aws-sdk/client-kms'],
  ['src/providers/terminal/terminal.adapter.ts', 'src/providers/index.ts'],
  ['src/providers/terminal/terminal.adapter.ts', 'src/providers/terminal/a.ts'],
  ['src/providers/manifest/simulator/a.ts', 'src/providers/manifest/manifest-auth.ts'],
  ['src/audit/audit.spec.ts', 'supertest'],
  ['src/audit/audit.spec.ts', 'test/support/app.ts'],
  ['test/e2e/a.e2e-spec.ts', 'src/vault/vault.ts'],
  ['test/e2e/a.e2e-spec.ts', 'sdk/typescript/src/index.ts'],
  ['sdk/typescript/cli/c.ts', 'fs'],
  ['sdk/typescript/cli/c.ts', 'sdk/typescript/src/index.ts'],
];

describe('the module graph', () => {
  let tree: string;
  beforeAll(() => (tree = mkdtempSync(path.join(os.tmpdir(), 'interlock-module-graph-'))));
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('refuses a planted violation of each rule, and nothing that is allowed', () => {
    const imports = new Map<string, string[]>();
    const plant = (from: string, to?: string): void => {
      imports.set(from, [...(imports.get(from) ?? []), ...(to === undefined ? [] : [to])]);
      if (to?.endsWith('.ts') && !to.endsWith('gone.ts')) plant(to);
    };
    for (const [, from, to] of VIOLATIONS) plant(from, to);
    for (const [from, to] of ALLOWED) plant(from, to);
    plant('src/audit/cycle-b.ts', 'src/audit/cycle-a.ts');
    for (const [file, targets] of imports) write(tree, file, targets.map((to) => importLine(file, to)).join('\n'));
    installStubs(tree);

    const found = cruise(tree).map(({ rule, from, to }) => `${rule.name}: ${from} → ${shorten(to)}`);
    expect(found).toEqual(expect.arrayContaining(VIOLATIONS.map(([rule, from, to]) => `${rule}: ${from} → ${to}`)));
    const refused = found.filter((line) => ALLOWED.some(([from, to]) => line.endsWith(`: ${from} → ${to}`)));
    expect(refused).toEqual([]);
  }, 60_000);

  it('has no module that is there for everybody, but for the platform’s and the composition', () => {
    const found = modulesOf('src').filter((file) => /@Global\(|\bglobal: true/.test(readFileSync(file, 'utf8')));
    expect(
      found.map((file) => path.relative(root, file)).filter((file) => !/^src\/(platform|cli)\/|^src\/app/.test(file)),
    ).toEqual([]);
    expect(found.length).toBeGreaterThan(3);
  });

  it('shows others ten names of sync at most, and no repository', () => {
    const index = readFileSync(path.join(root, 'src/sync/index.ts'), 'utf8');
    expect(index).not.toMatch(/export \*/);
    const names = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => list!.split(','));
    const shown = names.map((name) => name.trim()).filter(Boolean);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.length).toBeLessThanOrEqual(10);
    expect(shown.filter((name) => name.endsWith('Repository'))).toEqual([]);
  });

  it('has a planted violation for every rule of the configuration', () => {
    const { forbidden } = jest.requireActual<{ forbidden: Rule[] }>(configuration);
    const planted = new Set(VIOLATIONS.map(([rule]) => rule));
    expect(forbidden.map((rule) => rule.name).filter((name) => !planted.has(name))).toEqual([]);
  });
});

function modulesOf(folder: string): string[] {
  const files = readdirSync(path.join(root, folder), { recursive: true }) as string[];
  return files.filter((file) => file.endsWith('.module.ts')).map((file) => path.join(root, folder, file));
}

function cruise(tree: string): Violation[] {
  const program = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', configuration, '--output-type', 'json', 'src', 'test', 'sdk'];
  const result = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (!result.stdout) throw new Error(result.stderr);
  return (JSON.parse(result.stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

/** Packages that exist only in name, so that the tree needs nothing of ours. */
function installStubs(tree: string): void {
  const packages = [
    'typeorm',
    'bullmq',
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/typeorm',
    '@nestjs/swagger',
    '@aws-sdk/client-kms',
  ];
  for (const name of [...packages, 'supertest']) {
    write(tree, `node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(tree, `node_modules/${name}/index.js`, '');
  }
  const dependencies = Object.fromEntries(packages.map((name) => [name, '1.0.0']));
  write(tree, 'package.json', JSON.stringify({ dependencies, devDependencies: { supertest: '1.0.0' } }));
  write(tree, 'tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext' } }));
}

function importLine(from: string, to: string): string {
  if (!to.endsWith('.ts')) return `import '${to}';`;
  const relative = path.relative(path.dirname(from), to.replace(/\.ts$/, ''));
  return `import '${relative.startsWith('.') ? relative : `./${relative}`}';`;
}

function shorten(resolved: string): string {
  const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(resolved)?.[1];
  if (name) return name;
  // what cannot be resolved is reported as it was written
  return resolved === './gone' ? 'src/audit/gone.ts' : resolved;
}

function write(tree: string, file: string, content: string): void {
  const target = path.join(tree, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content.endsWith('}') ? content : `${content}\nexport {};\n`);
}

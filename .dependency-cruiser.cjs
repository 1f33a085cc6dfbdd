// Who may know whom. Everybody may know the platform; what is not listed here is refused.
const MAY_KNOW = {
  audit: [],
  providers: ['audit'],
  sandbox: [],
  events: [],
  merchants: ['audit'],
  vault: ['audit'],
  auth: ['merchants', 'vault', 'events', 'audit'],
  idempotency: ['vault'],
  integrations: ['providers', 'vault', 'audit'],
  sync: ['integrations', 'providers', 'events', 'audit', 'idempotency'],
  mappings: ['sync', 'integrations', 'providers', 'events'],
  payments: ['mappings', 'sync', 'integrations', 'providers', 'events', 'audit'],
  lifecycle: ['merchants', 'mappings', 'sync', 'integrations', 'providers', 'events', 'vault', 'audit', 'idempotency'],
  nodes: ['auth', 'merchants', 'events', 'audit', 'idempotency'],
  webhooks: ['sync', 'integrations', 'providers', 'events', 'vault', 'audit', 'idempotency'],
  operators: ['auth', 'audit'],
  mcp: ['auth', 'audit'],
};
const modules = Object.keys(MAY_KNOW);
const SPEC = '\\.spec\\.ts$';
/** The root files that put the modules together. */
const COMPOSERS = '^src/(main|service|app\\.module|app\\.setup)\\.ts$';

const oneRulePerModule = modules.map((name) => {
  const known = [name, 'platform', ...MAY_KNOW[name]];
  // any http/ folder may say who is allowed to call
  const fromHttp = [...known, 'auth'];
  const to = (allowed) => ({ path: '^src/', pathNot: `^src/(${allowed.join('|')})/` });
  return [
    {
      name: `${name}-knows-only`,
      comment: `${name} may know ${known.slice(1).join(', ')}; its http/ also auth.`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: [`^src/${name}/http/`, SPEC] },
      to: to(known),
    },
    {
      name: `${name}-http-knows-only`,
      severity: 'error',
      from: { path: `^src/${name}/http/`, pathNot: SPEC },
      to: to(fromHttp),
    },
  ];
});

module.exports = {
  forbidden: [
    ...oneRulePerModule.flat(),
    {
      name: 'platform-knows-no-module',
      severity: 'error',
      from: { path: '^src/platform/', pathNot: SPEC },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'every-module-is-listed',
      comment: 'A new module says in this file whom it may know.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${modules.join('|')}|platform|database|admin|cli)/` },
      to: {},
    },
    {
      name: 'only-through-the-index',
      comment: 'Another module is known by its index.ts alone; the database also by its entities.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/platform/', SPEC] },
      to: {
        path: '^src/[^/]+/',
        pathNot: [
          '^src/$1/',
          '^src/[^/]+/index\\.ts$',
          '^src/platform/.+/index\\.ts$',
          '^src/database/',
          '/store/[^/]+\\.entity\\.ts$',
        ],
      },
    },
    {
      name: 'composers-only-through-the-index',
      severity: 'error',
      from: { path: COMPOSERS },
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/[^/]+/index\\.ts$', '^src/platform/.+/index\\.ts$', '^src/database/'],
      },
    },
    {
      name: 'entities-stay-home',
      comment: 'Only the module itself and database/ know an entity.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/database/', SPEC] },
      to: { path: '\\.entity\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'database-knows-only-entities',
      severity: 'error',
      from: { path: '^src/database/', pathNot: SPEC },
      to: { path: '^src/', pathNot: ['^src/(database|platform)/', '/store/[^/]+\\.entity\\.ts$'] },
    },
    {
      name: 'database-is-for-starters',
      comment: 'Only main, the composition, the command line and tests know database/.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(database|cli)/', COMPOSERS, SPEC] },
      to: { path: '^src/database/' },
    },
    {
      name: 'typeorm-in-store',
      severity: 'error',
      from: { path: '^src/', pathNot: ['/store/', '^src/database/', '^src/platform/database/', SPEC] },
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'nestjs-typeorm-in-store-and-modules',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['/store/', '^src/database/', '^src/platform/database/', '\\.module\\.ts$', SPEC],
      },
      to: { path: 'node_modules/@nestjs/typeorm/' },
    },
    {
      name: 'aws-in-vault-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/vault/adapters/'] },
      to: { path: 'node_modules/@aws-sdk/' },
    },
    {
      name: 'swagger-in-http',
      severity: 'error',
      from: { path: '^src/', pathNot: ['/http/', '^src/app\\.setup\\.ts$'] },
      to: { path: 'node_modules/@nestjs/swagger/' },
    },
    {
      name: 'adapters-are-strangers',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/$1/' },
    },
    {
      name: 'manifest-simulator-is-a-stranger',
      comment: 'What a manifest’s client is tested by shares nothing with it but the manifest’s types.',
      severity: 'error',
      from: { path: '^src/providers/manifest/simulator/', pathNot: SPEC },
      to: {
        path: '^src/',
        pathNot: '^src/providers/manifest/(simulator/|(manifest|manifest-auth|record-targets)\\.ts$)',
      },
    },
    {
      name: 'rules-know-no-framework',
      comment:
        'A file without a role suffix holds rules: of Nest it may use the marks of @nestjs/common, of the rest nothing.',
      severity: 'error',
      from: {
        path: [
          `^src/(${modules.join('|')})/[a-z0-9-]+\\.ts$`,
          `^src/(${modules.join('|')})/[a-z0-9-]+/[a-z0-9-]+\\.ts$`,
        ],
        pathNot: ['/(adapters|store|http|jobs)/', '/index\\.ts$'],
      },
      to: { path: 'node_modules/(@nestjs/(?!common/)|typeorm/|bullmq/|@aws-sdk/)' },
    },
    {
      name: 'tests-are-leaves',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: `^(test|bench|scripts)/|${SPEC}` },
    },
    {
      name: 'sdk-knows-itself',
      comment: 'A package of its own, without dependencies: it knows the service by its document alone.',
      severity: 'error',
      from: { path: '^sdk/', pathNot: SPEC },
      to: { pathNot: '^sdk/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'sdk-library-runs-anywhere',
      comment: 'The library knows neither Node nor the command line that is made of it.',
      severity: 'error',
      from: { path: '^sdk/typescript/src/', pathNot: SPEC },
      to: { path: '^sdk/typescript/cli/' },
    },
    {
      name: 'sdk-library-needs-no-node',
      severity: 'error',
      from: { path: '^sdk/typescript/src/', pathNot: SPEC },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'service-knows-no-sdk',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^sdk/' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-package-at-run-time',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|sdk/typescript/dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'import', 'default', 'types'],
    },
  },
};

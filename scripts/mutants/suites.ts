import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const MODULES = ['sync', 'payments', 'idempotency', 'integrations', 'vault'] as const;
const NEVER = /(\.spec|\.module|\.entity|\.controller|\.decorator|\.pipe|\.dto|\/index)\.ts$|\/dto\//;

/**
 * Which suites hold the promises of what works on the database; the first match counts. Everything else is held by the unit tests that
 * import it.
 */
const SUITES: readonly (readonly [files: RegExp, suites: readonly string[]])[] = [
  [/^src\/sync\/store\/schedule\.repository/, ['schedules', 'probes', 'run-fence']],
  [/^src\/sync\/store\/run\.repository/, ['leases', 'run-requests', 'run-fence', 'run-deaths', 'engine-recovery']],
  [/^src\/sync\/store\/record-changes/, ['run-fence', 'version-order', 'missed-marks', 'deletion-reconciliation']],
  [/^src\/sync\/store\/record\.repository/, ['missed-marks', 'deletion-reconciliation', 'run-fence', 'deletion-scans']],
  [
    /^src\/sync\/store\/(cursor|deletion-plan)\.repository/,
    ['deletion-scans', 'deletion-reconciliation', 'engine-recovery'],
  ],
  [/^src\/sync\/store\/provider-breaker\.repository/, ['probes', 'provider-outage']],
  [/^src\/sync\/store\/health\.repository/, ['leases', 'run-deaths', 'e2e/failure-policy']],
  [/^src\/sync\/store\/(retention|erasure)\.repository/, ['retention', 'erase-interrupted']],
  [
    /^src\/sync\/(deletion-reconciliation|page-commit)\.ts/,
    ['deletion-reconciliation', 'leases', 'run-fence', 'deletion-scans'],
  ],
  [/^src\/sync\/run-requests\.ts/, ['run-requests']],
  [/^src\/sync\/(run-executor|run-outcomes|reconciler|dispatcher)\.ts/, ['leases', 'run-deaths', 'e2e/failure-policy']],
  [/^src\/sync\/(stream-sync|batch-reader|sync-run\.handler)\.ts/, ['deletion-scans', 'e2e/unclear-answers']],
  [/^src\/sync\/(erase-run\.handler|sync-retention|data-erasers)\.ts/, ['retention', 'erase-interrupted']],
  [
    /^src\/sync\/(store|jobs)\/|^src\/sync\/(sync-|watermarks|explain|record-feed)/,
    ['e2e/sync-reads', 'e2e/sync-engine'],
  ],
  [/^src\/integrations\/store\/provider-budget\.repository/, ['provider-budgets']],
  [/^src\/integrations\/.*key-management-gate/, ['probes', 'e2e/key-management-away']],
  [/^src\/integrations\/(store\/|integration-access)/, ['leases', 'e2e/lifecycle-races', 'e2e/credential-change']],
  [/^src\/integrations\/provider-session\.ts/, ['e2e/failure-policy', 'e2e/neighbours']],
  [/^src\/vault\/(store\/rotation|rotation)/, ['vault-rotation']],
  [/^src\/vault\/(store\/|vault\.ts|cache-invalidation|secret-act|envelope-opener)/, ['vault']],
  [/^src\/vault\/adapters\//, ['contract/key-management']],
  [
    /^src\/idempotency\/(store|http|idempotency\.service|idempotent-effects|digests|answer|record-context)/,
    ['idempotency'],
  ],
  [
    /^src\/payments\/(store|push-steps|push-run|payment-(requests|reviews|targets)|push-dispatcher|push-retries)/,
    ['e2e/payments', 'e2e/payment-reviews', 'push-broken-off'],
  ],
];
const FOLDERS: Readonly<Record<string, string>> = {
  e2e: '.e2e-spec.ts',
  integration: '.int-spec.ts',
  contract: '.spec.ts',
};

/** How the promises of a file are tested; null: it has no conditions of its own, or nothing holds it. */
export type Tests = { readonly kind: 'unit' | 'database'; readonly files: readonly string[] };

export function isMutated(file: string): boolean {
  return MODULES.some((name) => file.startsWith(`src/${name}/`)) && file.endsWith('.ts') && !NEVER.test(file);
}

/** Paths from the root of the checkout. */
export function testsOf(root: string, file: string): Tests | null {
  const suites = SUITES.find(([files]) => files.test(file))?.[1];
  if (suites) return { kind: 'database', files: suites.map(suiteFile) };
  const folder = path.dirname(file);
  const specs = readdirSync(path.join(root, folder)).filter(
    (name) =>
      name.endsWith('.spec.ts') &&
      readFileSync(path.join(root, folder, name), 'utf8').includes(`'./${path.basename(file, '.ts')}'`),
  );
  return specs.length === 0 ? null : { kind: 'unit', files: specs.map((name) => path.join(folder, name)) };
}

function suiteFile(suite: string): string {
  const [folder, name] = suite.includes('/') ? suite.split('/') : ['integration', suite];
  return `test/${folder}/${name}${FOLDERS[folder!]}`;
}

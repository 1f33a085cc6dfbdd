import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const MODULES = ['sync', 'payments', 'idempotency', 'integrations', 'vault'] as const;
const NEVER = /(\.spec|\.module|\.entity|\.controller|\.decorator|\.pipe|\.dto|\/index)\.ts$|\/dto\//;

/**
 * Which suites hold the promises of what works on the database; the first match counts. Everything else is held by the
 * unit tests that import it.
 */
const SUITES: readonly (readonly [files: RegExp, suites: readonly string[]])[] = [
  [/^src\/sync\/store\/schedule\.repository/, ['schedules', 'probes', 'run-fence', 'bystander']],
  [
    /^src\/sync\/store\/run\.repository/,
    [
      'run-rows',
      'leases',
      'run-requests',
      'run-fence',
      'run-deaths',
      'engine-recovery',
      'run-cancel',
      'queue-loss',
      'probes',
      'provider-outage',
      'bystander',
    ],
  ],
  [
    /^src\/sync\/store\/record-statements/,
    [
      'record-statements',
      'run-fence',
      'record-rows',
      'record-reads',
      'resources-of-a-run',
      'version-order',
      'missed-marks',
      'deletion-reconciliation',
      'bystander',
    ],
  ],
  [
    /^src\/sync\/store\/record\.repository/,
    [
      'record-reads',
      'record-statements',
      'missed-marks',
      'deletion-reconciliation',
      'run-fence',
      'deletion-scans',
      'e2e/unchanged-rows',
      'e2e/unclear-answers',
      'bystander',
    ],
  ],
  [/^src\/sync\/store\/deletion-plan\.repository/, ['deletion-plan-rows', 'deletion-scans', 'bystander']],
  [
    /^src\/sync\/store\/(cursor|quarantine)\.repository/,
    ['cursor-rows', 'quarantine-rows', 'deletion-reconciliation', 'deletion-scans', 'e2e/sync-engine', 'bystander'],
  ],
  [/^src\/sync\/store\/provider-breaker\.repository/, ['probes', 'provider-outage']],
  [
    /^src\/sync\/store\/run-end\.repository/,
    ['run-end-rows', 'leases', 'run-fence', 'run-requests', 'health', 'e2e/failure-policy', 'bystander'],
  ],
  [
    /^src\/sync\/store\/log\.repository/,
    ['log-rows', 'resources-of-a-run', 'e2e/sync-logs', 'e2e/sync-engine', 'bystander'],
  ],
  [/^src\/sync\/(feed-announcer|store\/announcement)/, ['announcement-rows', 'event-log', 'e2e/webhooks']],
  [/^src\/sync\/deletion-plans/, ['deletion-scans', 'e2e/event-types', 'bystander']],
  [/^src\/sync\/run\.queue/, ['queue-loss', 'run-requests', 'e2e/fair-turns']],
  [/^src\/sync\/run-work/, ['push-handler', 'e2e/payments']],
  [/^src\/sync\/synced-records/, ['e2e/product-mappings']],
  [/^src\/sync\/store\/health\.repository/, ['health', 'leases', 'e2e/failure-policy', 'bystander']],
  [/^src\/sync\/store\/(retention|erasure)\.repository/, ['retention', 'erase-interrupted', 'bystander']],
  [/^src\/sync\/(store\/)?former-record/, ['former-records', 'bystander']],
  [/^src\/sync\/store\/synced-item/, ['synced-item-rows', 'e2e/product-mappings']],
  [/^src\/sync\/store\/followed-record/, ['followed-rows', 'e2e/sync-engine', 'e2e/provider-variants']],
  [/^src\/sync\/(store\/watermark\.repository|watermarks)/, ['watermark-rows', 'e2e/watermarks']],
  [
    /^src\/sync\/(record-feed|store\/feed)/,
    ['feed-rows', 'retention', 'former-records', 'e2e/feed-cursors', 'e2e/sync-logs', 'e2e/sync-engine'],
  ],
  [
    /^src\/sync\/(sync-explainer|store\/explain)/,
    [
      'explain-facts',
      'former-records',
      'e2e/failure-policy',
      'e2e/sync-engine',
      'e2e/unclear-answers',
      'e2e/key-management-away',
    ],
  ],
  [
    /^src\/sync\/(deletion-reconciliation|page-commit)\.ts/,
    ['deletion-reconciliation', 'leases', 'run-fence', 'deletion-scans', 'e2e/unchanged-rows'],
  ],
  [/^src\/sync\/run-requests\.ts/, ['run-requests', 'run-cancel', 'e2e/sync-engine', 'bystander']],
  [
    /^src\/sync\/(run-executor|run-outcomes|reconciler|dispatcher)\.ts/,
    [
      'run-end-rows',
      'run-outcomes',
      'lease-renewal',
      'run-requests',
      'leases',
      'run-deaths',
      'engine-recovery',
      'run-cancel',
      'run-without-a-slot',
      'queue-loss',
      'probes',
      'resources-of-a-run',
      'e2e/failure-policy',
      'e2e/fair-turns',
      'e2e/event-types',
    ],
  ],
  [
    /^src\/sync\/sync-run\.handler\.ts/,
    [
      'former-records',
      'deletion-scans',
      'resources-of-a-run',
      'run-without-a-slot',
      'run-cancel',
      'e2e/failure-policy',
      'e2e/sync-engine',
      'e2e/unclear-answers',
      'bystander',
    ],
  ],
  [
    /^src\/sync\/(stream-sync|filter-proof|follow-up)\.ts/,
    [
      'follow-up',
      'deletion-scans',
      'record-rows',
      'resources-of-a-run',
      'e2e/sync-engine',
      'e2e/unclear-answers',
      'e2e/provider-variants',
    ],
  ],
  [/^src\/sync\/(erase-run\.handler|sync-retention|sync-extensions)\.ts/, ['retention', 'erase-interrupted']],
  [
    /^src\/sync\/(jobs\/|sync-lifecycle)/,
    [
      'sync-lifecycle',
      'run-outcomes',
      'queue-room',
      'queue-loss',
      'run-deaths',
      'run-without-a-slot',
      'schedules',
      'e2e/failure-policy',
      'e2e/sync-engine',
      'e2e/settings',
      'bystander',
    ],
  ],
  [
    /^src\/sync\/(store\/log-retry|log-retries)/,
    ['log-retry-rows', 'e2e/sync-logs', 'e2e/payments', 'e2e/payment-balance'],
  ],
  [/^src\/sync\/(store|jobs)\/|^src\/sync\/(sync-|http\/)/, ['e2e/sync-logs', 'e2e/sync-engine', 'bystander']],
  [/^src\/integrations\/store\/provider-budget\.repository/, ['provider-budgets']],
  [/^src\/integrations\/.*key-management-gate/, ['probes', 'e2e/key-management-away']],
  [/^src\/integrations\/(drift-watch|store\/provider-sighting)/, ['e2e/provider-drift']],
  [/^src\/integrations\/(store\/|integration-access)/, ['integration-row', 'leases', 'e2e/lifecycle-races']],
  [/^src\/integrations\/provider-session\.ts/, ['deletion-scans', 'e2e/failure-policy', 'e2e/neighbours']],
  [/^src\/vault\/(store\/rotation|rotation|key-router|key-management)/, ['vault-rotation', 'vault']],
  [/^src\/vault\/(store\/|vault\.ts|cache-invalidation|secret-act|envelope-opener)/, ['vault', 'vault-rotation']],
  [/^src\/vault\/adapters\//, ['contract/key-management', 'contract/aws-kms']],
  [
    /^src\/idempotency\/(store|http|idempotency\.service|idempotent-effects|digests|record-context)/,
    ['idempotency-records', 'idempotency'],
  ],
  [/^src\/payments\/store/, ['payment-rows', 'payment-calls', 'e2e/payments', 'e2e/payment-balance']],
  [
    /^src\/payments\/(push-steps|push-run|payment-(requests|reviews|targets)|push-dispatcher|push-retries)/,
    ['push-handler', 'e2e/payments', 'e2e/payment-balance', 'e2e/payment-reviews'],
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

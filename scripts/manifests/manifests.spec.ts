import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { environmentVariableNames } from '../../src/platform/config';
import { root } from '../drift';
import { CHART, readManifests } from './chart';
import { podProblems } from './pod-rules';
import { schemaProblems, type Manifest } from './schemas';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const FOLDER = 'deploy/kubernetes';
const manifests = readdirSync(path.join(root, FOLDER)).flatMap((file) =>
  readManifests(read(`${FOLDER}/${file}`)).map(({ manifest }) => manifest),
);
const one = (kind: string, name: string): Manifest =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)!;
/** A copy with another text in it. */
const changed = (manifest: Manifest, from: string, to: string): Manifest => {
  const text = JSON.stringify(manifest);
  expect(text).toContain(from);
  return JSON.parse(text.replace(from, to)) as Manifest;
};
const paths = new Set(['/health/live', '/health/ready']);

describe('the manifests', () => {
  it('are of every kind that the chart can make', () => {
    const kinds = new Set(manifests.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'Job',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'ScaledObject',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]);
  });

  it('keep to the published schemas, and the check finds what does not', () => {
    const worker = one('Deployment', 'interlock-worker');
    const scaled = one('ScaledObject', 'interlock-worker');
    expect(schemaProblems([worker, scaled])).toEqual([]);
    expect(schemaProblems([changed(worker, '"replicas":2', '"replicas":"two"')])).not.toEqual([]);
    expect(schemaProblems([changed(worker, '"containerPort":3000', '"port":3000')])).not.toEqual([]);
    expect(schemaProblems([worker, changed(worker, '"revisionHistoryLimit"', '"revisionHistory"')])).toEqual([
      expect.stringMatching(/^Deployment interlock-worker: .*revisionHistory/),
    ]);
    expect(schemaProblems([changed(scaled, '"minReplicaCount"', '"minReplicas"')])).toEqual([
      expect.stringContaining('minReplicas'),
    ]);
  }, 120_000);

  it.each([
    ['"runAsNonRoot":true', '"runAsNonRoot":false', 'runs as root'],
    ['"runAsUser":1000', '"runAsUser":0', 'runs as root'],
    ['RuntimeDefault', 'Unconfined', 'seccomp'],
    ['"automountServiceAccountToken":false', '"automountServiceAccountToken":true', 'token'],
    ['"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true', 'privileges'],
    ['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false', 'root file system'],
    ['"drop":["ALL"]', '"drop":["KILL"]', 'capabilities'],
    ['"limits":', '"limit":', 'resources'],
    ['"name":"NODE_ENV"', '"name":"DATABASE_URL"', 'DATABASE_URL'],
    ['"path":"/health/ready"', '"path":"/ready"', 'probes'],
    ['"terminationGracePeriodSeconds":35', '"terminationGracePeriodSeconds":25', 'killed before 25 s'],
  ])('keep to the rules of pods: %s may not be %s', (from, to, problem) => {
    const api = one('Deployment', 'interlock-api');
    expect(podProblems(api, paths)).toEqual([]);
    expect(podProblems(changed(api, from, to), paths)).toEqual([expect.stringContaining(problem)]);
  });

  it('scale workers by a metric that the service has, as the alert asks for it', () => {
    const { spec } = one('ScaledObject', 'interlock-worker') as unknown as {
      spec: { triggers: { metadata: { query: string } }[] };
    };
    const { query } = spec.triggers[0]!.metadata;
    const metric = 'sync_lateness_seconds';
    expect(query).toContain(`interlock_${metric}_bucket{trigger="scheduled"`);
    expect(read('src/platform/metrics/service-metrics.ts')).toContain(`'${metric}'`);
    expect(read('docs/operations/alerts.yml')).toContain(`interlock_${metric}_bucket{trigger="scheduled"}`);
  });
});

describe('the values of the chart', () => {
  const schema = JSON.parse(read(`${CHART}/values.schema.json`)) as {
    properties: Record<string, { propertyNames?: { enum: string[] } }>;
  };
  const settable = schema.properties['config']!.propertyNames!.enum;
  const readme = read(`${CHART}/README.md`);

  it('take every variable of the service but those of the chart and those of the Secret', () => {
    const named = (heading: string): string[] =>
      [
        ...readme
          .split(`## ${heading}`)[1]!
          .split('\n## ')[0]!
          .matchAll(/`([A-Z][A-Z0-9_]+)`/g),
      ].map(([, name]) => name!);
    const elsewhere = new Set([...named('The Secret'), ...named('What the chart sets')]);
    expect(settable).toEqual(environmentVariableNames().filter((name) => !elsewhere.has(name)));
    expect([...elsewhere].filter((name) => settable.includes(name))).toEqual([]);
  });

  it('are all documented, with their defaults', () => {
    const values = parse(read(`${CHART}/values.yaml`)) as object;
    const leaves = (value: unknown, at: string): string[] =>
      value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0
        ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, at === '' ? key : `${at}.${key}`))
        : [at];
    const rows = [...readme.matchAll(/^\| `([a-z][\w.]*)`/gm)].map(([, name]) => name!);
    const documented = (leaf: string): boolean => rows.some((row) => leaf === row || leaf.startsWith(`${row}.`));
    expect(leaves(values, '').filter((leaf) => !documented(leaf))).toEqual([]);
  });

  const { PROGRAM } = jest.requireActual<{ PROGRAM: string }>('../helm.cjs');
  const withHelm = existsSync(PROGRAM) || process.env['REQUIRE_HELM'] === '1' ? it : it.skip;
  withHelm('refuse a secret, a misspelt name and a name that the service does not read', () => {
    const refusal = (set: string): string => {
      try {
        execFileSync(PROGRAM, ['template', 'x', CHART, '--set', set], { cwd: root, stdio: 'pipe', encoding: 'utf8' });
        return '';
      } catch (error) {
        return (error as { stderr: string }).stderr;
      }
    };
    expect(refusal('config.LOG_LEVEL=warn')).toBe('');
    for (const wrong of [
      'config.DATABASE_URL=postgres://x',
      'config.LOG_LEVL=warn',
      'config.ROLE=all',
      'apii.replicas=2',
    ])
      expect(refusal(wrong)).toMatch(
        /values don't meet the specifications of the schema|additional properties|propert/i,
      );
  });
});

describe('the chart', () => {
  it('has the version of the service', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(parse(read(`${CHART}/Chart.yaml`))).toMatchObject({ version, appVersion: version });
  });
});

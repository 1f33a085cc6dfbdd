import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, writeOrCheck } from './drift';
import { CHART, EVERYTHING, lintChart, readManifests, renderChart, type Rendered } from './manifests/chart';
import { podProblems } from './manifests/pod-rules';
import { schemaProblems } from './manifests/schemas';

const COMMAND = 'npm run manifests';
const FOLDER = 'deploy/kubernetes';

/** Which document goes into which file, and what the reader of that file is told. */
const FILES = {
  'migrate.yaml':
    'Before each version: apply it, and wait until the Job is complete. Delete the Job before the next one.',
  'interlock.yaml': 'Everything that runs. It needs the Secret "interlock" (deploy/helm/interlock/README.md).',
  'keda.yaml': 'Where KEDA runs: workers by lateness. Then remove `replicas` from the worker’s Deployment.',
  'monitoring.yaml': 'Where the Prometheus operator runs.',
} as const;
type FileName = keyof typeof FILES;

function fileOf({ manifest }: Rendered): FileName {
  if (manifest.metadata.annotations?.['helm.sh/hook']) return 'migrate.yaml';
  if (manifest.kind === 'ScaledObject') return 'keda.yaml';
  return manifest.kind === 'ServiceMonitor' ? 'monitoring.yaml' : 'interlock.yaml';
}

/** What the chart makes by itself, and of what has to be switched on the part that is new. */
function contents(helm: string): Map<FileName, string> {
  const rendered = [
    ...renderChart(helm),
    ...renderChart(helm, EVERYTHING).filter((one) => ['keda.yaml', 'monitoring.yaml'].includes(fileOf(one))),
  ];
  return new Map(
    (Object.keys(FILES) as FileName[]).map((file) => {
      const head = `# generated from ${CHART} by \`${COMMAND}\`; edit the chart, not this file\n# ${FILES[file]}\n`;
      const texts = rendered.filter((one) => fileOf(one) === file).map(({ text }) => withoutHelm(text));
      return [file, `${head}${texts.map((text) => `---\n${text}\n`).join('')}`];
    }),
  );
}

/** Who applies these files is not Helm. */
const withoutHelm = (text: string): string => text.replaceAll(/^ *app\.kubernetes\.io\/managed-by: Helm\n/gm, '');

function problemsOf(texts: readonly string[]): string[] {
  const manifests = texts.flatMap(readManifests).map(({ manifest }) => manifest);
  const { paths } = JSON.parse(readFileSync(path.join(root, 'openapi.json'), 'utf8')) as { paths: object };
  const served = new Set(Object.keys(paths));
  console.log(`${manifests.length} manifests keep to their schemas and to the rules of pods, or are told below.`);
  return [...schemaProblems(manifests), ...manifests.flatMap((manifest) => podProblems(manifest, served))];
}

function main(): void {
  const { findHelm } = require('./helm.cjs') as { findHelm(): string | null };
  const helm = findHelm();
  if (helm === null) {
    console.error(`Not compared with the chart: ${FOLDER}.`);
    if (!process.argv.includes('--check')) process.exitCode = 1;
  } else {
    lintChart(helm);
    for (const [file, text] of contents(helm)) writeOrCheck(`${FOLDER}/${file}`, text, COMMAND);
  }
  const files = (Object.keys(FILES) as FileName[]).map((file) => path.join(root, FOLDER, file)).filter(existsSync);
  const problems = problemsOf(files.map((file) => readFileSync(file, 'utf8')));
  if (files.length < Object.keys(FILES).length) problems.push(`${FOLDER} lacks a file: run \`${COMMAND}\`.`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

main();

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../drift';
import type { Manifest } from './schemas';

export const CHART = 'deploy/helm/interlock';
/** Everything that the chart can make. */
export const EVERYTHING = ['worker.autoscaling.enabled=true', 'serviceMonitor.enabled=true'];

/** One document of a file, as it was written and as it is read. */
export interface Rendered {
  readonly text: string;
  readonly manifest: Manifest;
}

/** Runs `helm template`; throws with what Helm says. */
export function renderChart(helm: string, values: readonly string[] = []): Rendered[] {
  const sets = values.flatMap((value) => ['--set', value]);
  const text = execFileSync(helm, ['template', 'interlock', CHART, '--namespace', 'interlock', ...sets], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return readManifests(text);
}

export const lintChart = (helm: string): string =>
  execFileSync(helm, ['lint', '--strict', path.join(root, CHART)], { encoding: 'utf8' });

export function readManifests(text: string): Rendered[] {
  return text
    .split(/^---$/m)
    .map((document) => document.replaceAll(/^# Source: .*\n/gm, '').trim())
    .filter((document) => document !== '' && !/^(#.*\n?)*$/.test(document))
    .map((document) => {
      const [parsed, ...others] = parseAllDocuments(document);
      if (!parsed || others.length > 0 || parsed.errors.length > 0)
        throw new Error(`Not one document of YAML: ${document.slice(0, 200)}`);
      return { text: document, manifest: parsed.toJS() as Manifest };
    });
}

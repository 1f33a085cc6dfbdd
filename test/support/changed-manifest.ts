import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { readManifest, type Manifest } from '../../src/providers/manifest';
import type { ConformanceResult } from '../../src/providers/manifest/conformance/conformance';

const ROOT = path.resolve(__dirname, '../..');
export const MANIFEST_FILES = [
  ...['examples/providers', 'providers'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).flatMap((file) => (file.endsWith('.yaml') ? [`${folder}/${file}`] : [])),
  ),
];
export const manifestText = (provider: string): string =>
  readFileSync(
    path.join(
      ROOT,
      MANIFEST_FILES.find((file) => file.endsWith(`/${provider}.yaml`))!,
    ),
    'utf8',
  );

/** Members by their path (`/` between them: a parameter may hold a dot); undefined: the member is left out. */
export type ManifestChange = Readonly<Record<string, unknown>>;

export function changedManifest(text: string, change: ManifestChange): string {
  const manifest = parse(text) as { streams: object[] };
  for (const [place, value] of Object.entries(change)) {
    const names = place.split('/');
    const holder = names.slice(0, -1).reduce((part, name) => ((part as any)[name] ??= {}), manifest) as any;
    if (value === undefined) delete holder[names.at(-1)!];
    else holder[names.at(-1)!] = value;
  }
  return stringify(manifest);
}

/** With one of its streams alone. */
export function cutToStream(text: string, index: number): string {
  const manifest = parse(text) as { streams: object[] };
  return stringify({ ...manifest, streams: [manifest.streams[index]] });
}

export function soundManifest(text: string): Manifest {
  const { manifest, faults } = readManifest(text);
  if (!manifest) throw new Error(JSON.stringify(faults));
  return manifest;
}

/** By check, stream and place. */
export const failuresOf = (results: readonly ConformanceResult[]): string[] =>
  results.flatMap(({ check, stream, outcome }) =>
    outcome.result === 'failed' ? [`${check} ${stream ?? '-'} at ${outcome.path.join('/')}`] : [],
  );

import { BrokenPageChain } from '../../page-chain';
import type { BadRow } from '../../provider';
import type { ManifestFields, ManifestLines, ManifestRule, StreamManifest } from '../manifest';
import type { ConformanceBench, TestedStream } from './conformance-bench';
import { failed, memberOf, type CheckOutcome } from './conformance-check';
import type { ConformanceScan } from './conformance-scan';

/** Why a list was not read as it should be: what the provider did not understand, else what the client did not. */
export function unread(
  bench: ConformanceBench,
  tested: TestedStream,
  scan: ConformanceScan,
  fallback: string,
): CheckOutcome {
  const { complaints } = bench.simulator;
  const [complaint] = complaints;
  const said = scan.failure?.message ?? 'The list was not read to its end.';
  if (scan.failure instanceof BrokenPageChain) return failed(said, ...memberOf(tested, 'paging'));
  if (!complaint) return failed(said, ...memberOf(tested, fallback));
  return failed(
    `${said} The provider: ${complaint.message}.`,
    ...memberOf(tested, ...member(tested.list, complaint.member)),
  );
}

/** Rows in quarantine that the provider means to be read. */
export function misread(tested: Pick<TestedStream, 'index' | 'list'>, bad: readonly BadRow[]): CheckOutcome {
  const [{ path, reason }] = bad as [BadRow];
  const note = `${bad.length} rows are in quarantine: ${path} ${reason}.`;
  return failed(note, ...memberOf(tested, ...memberReading(tested.list, path)));
}

/** Where the manifest says a parameter. */
export function member(
  { paging, changedSince, query = {} }: StreamManifest,
  told: readonly string[],
): readonly string[] {
  const [name = ''] = told;
  if (paging.by !== 'none' && paging.sizeParameter === name) return ['paging', 'sizeParameter'];
  if (paging.by !== 'none' && paging.by !== 'link' && paging.parameter === name) return ['paging', 'parameter'];
  if (changedSince?.parameter === name) return ['changedSince', 'parameter'];
  return Object.hasOwn(query, name) ? ['query', name] : told;
}

/** Which member of a stream reads a path of the row. */
export function memberReading(list: StreamManifest, path: string): readonly (string | number)[] {
  for (const name of ['where', 'id', 'updatedAt', 'createdAt'] as const) {
    if (path === name || list[name] === path) return [name];
  }
  return ['fields', ...(fieldReading(list.fields, path) ?? [])];
}

function fieldReading(fields: ManifestFields, path: string): readonly string[] | null {
  for (const [name, source] of Object.entries(fields)) {
    if (typeof source === 'string') {
      if (source === path) return [name];
    } else if ('each' in source) {
      const { each, fields: inner } = source as ManifestLines;
      if (path.startsWith(each)) return [name];
      const found = fieldReading(inner, path);
      if (found) return [name, 'fields', ...found];
    } else {
      const { from, cel } = source as ManifestRule;
      if (name === path || [from ?? (cel === undefined ? [] : name)].flat().includes(path)) return [name];
      const found = from === undefined && cel === undefined ? fieldReading(source as ManifestFields, path) : null;
      if (found) return [name, ...found];
    }
  }
  return null;
}

import { isRow } from '../row';
import type { StreamManifest } from './manifest';
import { pathIn } from './row-path';

/**
 * Whether an answer without the member of its rows is an empty list: it says nothing but what the manifest knows of. An
 * error with status 200 says something else, and would end the list.
 */
export function isEmptyList(body: unknown, { rows, paging }: Pick<StreamManifest, 'rows' | 'paging'>): boolean {
  if (!isRow(body) || pathIn(body, rows) !== undefined) return false;
  const ends = paging.by === 'none' ? [] : [paging.next, paging.total, paging.more];
  return saysOnly(
    body,
    [rows, ...ends].flatMap((path) => (path === undefined ? [] : [path.split('.')])),
  );
}

function saysOnly(body: object, paths: readonly (readonly string[])[]): boolean {
  return Object.entries(body).every(([name, value]: [string, unknown]) => {
    const below = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (below.length === 0) return false;
    return below.some(({ length }) => length === 0) || (isRow(value) && saysOnly(value, below));
  });
}

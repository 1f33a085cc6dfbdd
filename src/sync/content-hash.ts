import { hash } from 'node:crypto';

/** Hex. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** JSON with sorted keys and no line break: equal content is equal text, whatever order the fields came in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = value as Record<string, unknown>;
  const ordered: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) ordered[name] = sorted(members[name]);
  return ordered;
}

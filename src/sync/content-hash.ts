import { hash } from 'node:crypto';

/** Hex. */
export function sha256(data: string | Buffer): string {
  return hash('sha256', data, 'hex');
}

/**
 * JSON with sorted keys and no line break: equal content is equal text, whatever order the fields came in. For
 * normalised records, which come in a few shapes: a shape's keys are sorted once, which makes it faster than sorting a
 * copy for `JSON.stringify`.
 */
export function canonicalRecord(value: unknown): string {
  return textOf(value) ?? 'null';
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  if (value === null) return 'null';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalRecord).join(',')}]`;
  const members = value as Record<string, unknown>;
  const { sorted, names } = shapeOf(Object.keys(members));
  let text = '';
  for (let index = 0; index < sorted.length; index++) {
    const member = textOf(members[sorted[index]!]);
    if (member !== undefined) text += (text === '' ? '{' : ',') + names[index]! + member;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** What JSON writes as it is: ASCII without controls, quotation mark and backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The keys of an object as they come, sorted, and as JSON writes them. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly names: readonly string[];
}

const SHAPES: Shape[] = [];
const MAX_SHAPES = 64;

function shapeOf(keys: readonly string[]): Shape {
  for (const known of SHAPES) {
    if (known.keys.length === keys.length && keys.every((key, index) => key === known.keys[index])) return known;
  }
  const sorted = [...keys].sort();
  const shape = { keys, sorted, names: sorted.map((key) => `${JSON.stringify(key)}:`) };
  if (SHAPES.length < MAX_SHAPES) SHAPES.push(shape);
  return shape;
}

import fc from 'fast-check';
import { MAX_BODY_DEPTH } from '../platform/http/body-limits';
import { canonicalBody, MAX_CANONICAL_DEPTH, TooDeepError } from './canonical-json';

describe('canonical JSON', () => {
  it('does not depend on the order of members, nor on how numbers and texts are written', () => {
    expect(canonicalBody(JSON.parse('{"b":1.0,"a":{"d":"\\u0061","c":[1e2,null]}}'))).toBe(
      '{"a":{"c":[100,null],"d":"a"},"b":1}',
    );
  });

  it('keeps a member called __proto__', () => {
    expect(canonicalBody(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}');
    expect(canonicalBody(JSON.parse('{"__proto__":{"x":1}}'))).not.toBe(canonicalBody({}));
  });

  it('leaves out members without a value, and has null for items without one', () => {
    expect(canonicalBody({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
  });

  it.each([
    ['lists', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ a: inner })],
  ])('goes as deep as it may, and no deeper: %s', (_kind, around) => {
    const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>(around, 1);
    expect(() => canonicalBody(nested(MAX_CANONICAL_DEPTH))).not.toThrow();
    expect(() => canonicalBody(nested(MAX_CANONICAL_DEPTH + 1))).toThrow(TooDeepError);
  });

  it('goes deeper than any body that is let in', () => {
    expect(MAX_CANONICAL_DEPTH).toBeGreaterThanOrEqual(MAX_BODY_DEPTH);
  });

  it('tells types apart', () => {
    const texts = [
      '1',
      '"1"',
      'true',
      '"true"',
      'null',
      '"null"',
      '[]',
      '{}',
      '[1]',
      '{"0":1}',
      '""',
      '0',
      '-1',
      '1e400',
      '-1e400',
    ];
    expect(new Set(texts.map((text) => canonicalBody(JSON.parse(text)))).size).toBe(texts.length);
  });

  it('two values have one text exactly when they are equal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const parsed = JSON.parse(JSON.stringify(a)) as unknown;
        expect(canonicalBody(shuffled(parsed))).toBe(canonicalBody(parsed));
        expect(JSON.parse(canonicalBody(parsed))).toEqual(parsed);
        const other = JSON.parse(JSON.stringify(b)) as unknown;
        expect(canonicalBody(parsed) === canonicalBody(other)).toBe(isEqual(parsed, other));
      }),
    );
  });

  it('refuses what is nested too deeply, without exhausting the stack', () => {
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    expect(() => canonicalBody(deep(MAX_CANONICAL_DEPTH))).not.toThrow();
    expect(() => canonicalBody(deep(MAX_CANONICAL_DEPTH + 2))).toThrow(TooDeepError);
    expect(() => canonicalBody(deep(200_000))).toThrow(TooDeepError);
  });
});

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffled(member)]),
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

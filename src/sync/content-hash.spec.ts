import fc from 'fast-check';
import { canonicalRecord, sha256 } from './content-hash';

/** As plainly as it can be said. */
function sortedCopy(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sortedCopy);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sortedCopy(member)]),
  );
}

const value = fc.anything({
  // a number as a name comes first in every object, and in no record
  key: fc
    .oneof(fc.constantFrom('name', 'email', 'active', 'é"'), fc.string({ unit: 'binary' }))
    .filter((name) => !/^\d/.test(name)),
  values: [fc.string({ unit: 'binary' }), fc.integer(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined)],
  maxDepth: 3,
});

// before the others: later shapes are not kept
it('has the fields that the record itself has, also after a record that has more of them', () => {
  const more = JSON.parse('{"a":1,"__proto__":{"b":2}}') as unknown;
  expect(canonicalRecord(more)).toBe('{"__proto__":{"b":2},"a":1}');
  expect(canonicalRecord({ a: 1 })).toBe('{"a":1}');
  expect(canonicalRecord({ a: 1, c: 3 })).toBe('{"a":1,"c":3}');
  expect(canonicalRecord({ undefined: 1 })).toBe('{"undefined":1}');
});

it('is hashed with SHA-256, in hex', () => {
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect([sha256('abc'), sha256(Buffer.from('abc'))]).toEqual([digest, digest]);
});

it('is what JSON.stringify makes of a sorted copy', () => {
  fc.assert(
    fc.property(value, (any) => expect(canonicalRecord(any)).toBe(JSON.stringify(sortedCopy(any)) ?? 'null')),
    { numRuns: 2_000 },
  );
});

it('does not hang on the order of the fields, nor on how many shapes it has met', () => {
  for (let shape = 0; shape < 200; shape++) canonicalRecord({ [`field${shape}`]: shape });
  expect(canonicalRecord({ b: [{ d: 1, c: 'x\ny' }], a: undefined, e: null })).toBe(
    '{"b":[{"c":"x\\ny","d":1}],"e":null}',
  );
  expect(canonicalRecord({ e: null, b: [{ c: 'x\ny', d: 1 }] })).toBe('{"b":[{"c":"x\\ny","d":1}],"e":null}');
});

it('fits on one line', () => {
  fc.assert(fc.property(value, (any) => expect(canonicalRecord(any)).not.toContain('\n')));
});

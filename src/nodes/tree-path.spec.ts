import { randomUUID } from 'node:crypto';
import { depthOf, isWithin, pathBelow } from './tree-path';

describe('paths', () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  const root = pathBelow(null, a);
  const child = pathBelow(root, b);

  it('spell the way down from the root', () => {
    expect(root).toBe(`/${a}/`);
    expect(child).toBe(`/${a}/${b}/`);
    expect([root, child, pathBelow(child, c)].map(depthOf)).toEqual([1, 2, 3]);
  });

  it('know their ancestors, and nobody else', () => {
    expect(isWithin(child, root)).toBe(true);
    expect(isWithin(root, root)).toBe(true);
    expect(isWithin(root, child)).toBe(false);
    expect(isWithin(pathBelow(root, c), child)).toBe(false);
    expect(isWithin(pathBelow(null, c), root)).toBe(false);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS } from '../generated/operations';

const folder = path.resolve(__dirname, '..');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('generated'))
  .map((file) => readFileSync(path.join(folder, file), 'utf8'))
  .join('\n');
const sent = new Set([...sources.matchAll(/(?:\(this\.transport, |transport\.send\()'(\w+)'/g)].map(([, id]) => id));

describe('the methods of the SDK', () => {
  it('send every operation of the document: give a new one a method in sdk/typescript/src/resources', () => {
    expect(Object.keys(OPERATIONS).filter((id) => !sent.has(id))).toEqual([]);
    expect(Object.keys(OPERATIONS).length).toBeGreaterThan(50);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EVENT_TYPES } from './event-catalogue';

const SRC = path.join(__dirname, '..');
/** Files that append events: each names the types of those that it appends. */
const SOURCES = (readdirSync(SRC, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(path.join(SRC, file), 'utf8'))
  .filter((text) => text.includes('.append('));

describe('the types of events', () => {
  it.each(EVENT_TYPES)('%s is appended by somebody: nothing is promised that never comes', (type) =>
    expect(SOURCES.filter((text) => text.includes(`'${type}'`))).not.toEqual([]),
  );
});

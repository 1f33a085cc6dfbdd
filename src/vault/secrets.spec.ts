import { inspect } from 'node:util';
import { redact } from '../platform/logging';
import type { SealContext } from './seal-context';
import { PlaintextSecret, type SealedSecretId } from './secrets';
import type { Vault } from './vault';

/** The compiler tests this: `tsc` fails when a line below stops being true. */
type Assignable<From, To> = [From] extends [To] ? true : false;
const brands: [
  Assignable<string, SealedSecretId>,
  Assignable<string, PlaintextSecret>,
  Assignable<Buffer, PlaintextSecret>,
  Assignable<PlaintextSecret, string>,
  Assignable<PlaintextSecret, SealedSecretId>,
  Assignable<SealedSecretId, PlaintextSecret>,
  Assignable<{ reveal(): string; bytes(): Buffer; wipe(): void; toJSON(): string }, PlaintextSecret>,
  Assignable<string, Parameters<Vault['prepare']>[1]>,
  // the id is for storing and logging, the context is plain data
  Assignable<SealedSecretId, string>,
  Assignable<{ purpose: 'signing_key'; ownerId: string }, SealContext>,
] = [false, false, false, false, false, false, false, false, true, true];

const CANARY = 'canary-7c0b5b7e';

describe('PlaintextSecret', () => {
  it('is kept apart from strings and from sealed ids by the compiler', () => {
    expect(brands).toHaveLength(10);
  });

  it('prints a placeholder, whichever way it is printed', () => {
    const secret = PlaintextSecret.fromString(CANARY);
    const error = Object.assign(new Error(`${secret}`), { secret });
    const prints = [
      String(secret),
      `${secret}`,
      secret + '',
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [{ secret }] }, { depth: 9, showHidden: true }),
      inspect(secret, { customInspect: false, showHidden: true }),
      inspect(error),
      JSON.stringify(redact({ secret, error })),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(structuredClone({ ...secret })),
    ];
    for (const print of prints) expect(print).not.toContain(CANARY);
  });

  it('gives its text to reveal, until it is wiped', () => {
    const bytes = Buffer.from(CANARY);
    const secret = PlaintextSecret.fromBuffer(bytes);
    expect(secret.reveal()).toBe(CANARY);
    secret.wipe();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => secret.reveal()).toThrow('wiped');
    expect(() => secret.bytes()).toThrow('wiped');
    expect(() => secret.wipe()).not.toThrow();
  });
});

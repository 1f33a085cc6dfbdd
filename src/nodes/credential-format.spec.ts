import { redactText } from '../platform/logging';
import { generateCredential, isWellFormed, type CredentialKind } from './credential-format';

const KINDS: CredentialKind[] = ['apiKey', 'secret', 'refreshToken'];

describe('credential format', () => {
  it.each([
    ['apiKey', /^apex_[0-9A-Za-z]{38}$/, 160],
    ['secret', /^sk-apex_[0-9A-Za-z]{49}$/, 256],
    ['refreshToken', /^rt-apex_[0-9A-Za-z]{49}$/, 256],
  ] as const)('%s has its form and random bits', (kind, form, bits) => {
    const made = generateCredential(kind);
    expect(made).toMatch(form);
    const random = made.slice(made.indexOf('_') + 1, -6);
    expect(random.length * Math.log2(62)).toBeGreaterThanOrEqual(bits);
    expect(isWellFormed(kind, made)).toBe(true);
  });

  it('no two are alike', () => {
    for (const kind of KINDS) {
      expect(new Set(Array.from({ length: 1_000 }, () => generateCredential(kind))).size).toBe(1_000);
    }
  });

  it('one kind is not taken for another', () => {
    for (const kind of KINDS) {
      const others = KINDS.filter((other) => other !== kind);
      for (const other of others) expect(isWellFormed(other, generateCredential(kind))).toBe(false);
    }
    const secret = generateCredential('secret');
    expect(isWellFormed('refreshToken', secret.replace('sk-', 'rt-'))).toBe(false);
  });

  it('every typo of one character is recognised', () => {
    const made = generateCredential('apiKey');
    for (let i = 0; i < made.length; i++) {
      const other = made[i] === 'x' ? 'y' : 'x';
      expect(isWellFormed('apiKey', made.slice(0, i) + other + made.slice(i + 1))).toBe(false);
    }
    expect(isWellFormed('apiKey', `${made}x`)).toBe(false);
    expect(isWellFormed('apiKey', made.slice(0, -1))).toBe(false);
    expect(isWellFormed('apiKey', '')).toBe(false);
  });

  it.each(KINDS)('a log line shows none of %s', (kind) => {
    const made = generateCredential(kind);
    expect(redactText(`the value ${made} was sent`)).not.toContain(made.slice(made.indexOf('_') + 1).slice(0, 8));
  });
});

import { maskProviderMessage } from './masking';

describe('maskProviderMessage', () => {
  it.each<[string, string | null]>([
    ['Invalid API key', 'Invalid API key'],
    ['No account for jane.doe+x@mail.example.co.uk!', 'No account for [e-mail]'],
    ['key sk_live_4f9a8b7c6d5e4f3a2b1c is off', 'key [redacted] is off'],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc', 'Bearer [redacted]'],
    ['call +44 20 7946 0958 now', 'call [number] now'],
    ['card 4111 1111 1111 1111', 'card [number]'],
    ['updated since 2026-01-01 00:00:00 only', 'updated since 2026-01-01 00:00:00 only'],
    ['line\u0000one\nline\ttwo', 'line one line two'],
    ['   ', null],
  ])('%j', (message, masked) => {
    expect(maskProviderMessage(message, [])).toBe(masked);
  });

  it('masks whatever was sent in a header, in the forms in which it may come back', () => {
    const sent = ['short-key+1', 'RevKeen=billing'];
    for (const echo of [
      'short-key+1',
      encodeURIComponent('short-key+1'),
      Buffer.from('short-key+1').toString('base64'),
    ]) {
      expect(maskProviderMessage(`bad key ${echo}.`, sent)).toBe('bad key [redacted].');
    }
    expect(maskProviderMessage('app RevKeen unknown', sent)).toBe('app [redacted] unknown');
  });

  it('masks before it cuts, so that no half of a secret is left at the edge', () => {
    const secret = 'qwertyuiop-asdf';
    const masked = maskProviderMessage(`${'a '.repeat(95)}${secret}`, [secret])!;
    expect(masked.length).toBeLessThanOrEqual(200);
    expect(masked).not.toContain('qwerty');
  });

  it('is quick on a message made to be slow', () => {
    const started = performance.now();
    maskProviderMessage('a'.repeat(1_000_000), ['xxxxxx']);
    maskProviderMessage('1 '.repeat(1_000_000), []);
    maskProviderMessage('a@'.repeat(1_000_000), []);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('nothing stays nothing', () => {
    expect(maskProviderMessage(null, [])).toBeNull();
    expect(maskProviderMessage(undefined, [])).toBeNull();
  });
});

import { maskProviderMessage } from './masking';
import { showsSent } from './sent-values';

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

  const notations: [notation: string, (value: string) => string][] = [
    ['itself', (value) => value],
    ['an address', encodeURIComponent],
    ['an address in small letters', (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
    ['an address twice', (value) => encodeURIComponent(encodeURIComponent(value))],
    ['a form', (value) => new URLSearchParams({ _: value }).toString().slice(2)],
    ['JSON', (value) => JSON.stringify(value)],
    ['JSON in JSON in JSON', (value) => JSON.stringify(JSON.stringify(JSON.stringify(value)))],
    ['JSON of PHP', (value) => JSON.stringify(value).replaceAll('/', '\\/').replaceAll('é', '\\u00e9')],
    [
      'JSON of .NET',
      (value) => JSON.stringify(value).replace(/[<>&'+é]/g, (each) => `\\u${code(each, 4).toUpperCase()}`),
    ],
    ['HTML', (value) => value.replace(/[&<>"']/g, (each) => ENTITIES[each]!)],
    ['HTML in numbers', (value) => value.replace(/[^\w ]/gu, (each) => `&#${each.codePointAt(0)};`)],
    ['HTML in hex', (value) => value.replace(/[^\w ]/gu, (each) => `&#x${code(each, 2)};`)],
    ['HTML of HTML', (value) => value.replace(/[&<>]/g, (each) => ENTITIES[each]!.replace('&', '&amp;'))],
    ['base64', (value) => Buffer.from(value).toString('base64')],
    ['base64 for addresses', (value) => Buffer.from(value).toString('base64url')],
    ['lines', (value) => value.replaceAll(' ', '\r\n\t')],
  ];
  const code = (each: string, digits: number) => each.codePointAt(0)!.toString(16).padStart(digits, '0');
  const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  it.each(notations)('masks what was sent where it comes back as %s', (_, written) => {
    for (const sent of [
      'Pa!!(x)*z~',
      'a"b\\c-d\'e',
      'a&b<c>d',
      'one two+three',
      'x\\\\"y%z',
      'é/😀$^.|?{[',
      'a+ +a\\ b+c',
    ]) {
      const masked = maskProviderMessage(`bad ${written(sent)} !`, [sent])!;
      expect([sent, masked.replace(/\\*"/g, '')]).toEqual([sent, 'bad [redacted] !']);
    }
  });

  it.each([
    ['at the cut', `${' '.repeat(4_090)}secret-Pass`],
    ['behind blanks that become one', `a${' '.repeat(4_090)}secret-Pass`],
    ['behind what is masked', `${'a1'.repeat(2_044)} secret-Pass`],
    ['behind what is masked, by itself', `${'secret-Pass '.repeat(341)}secret-Pass`],
  ])('shows no beginning of a secret that stands %s', (_, message) => {
    expect(maskProviderMessage(message, ['secret-Pass']) ?? '').not.toMatch(/secr/);
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

  it.each(['\\', '+', '%', '%25', '&amp;', '\\u002b', '&', 'a'])('finds what was sent soon among many %s', (piece) => {
    const sent = ['\\"'.repeat(100), 'x+ '.repeat(100), '%&'.repeat(100), `${'\\'.repeat(50)}"`, 'aab'.repeat(50)];
    const started = performance.now();
    expect(showsSent(piece.repeat(4_000), sent)).toBe(false);
    // what grows faster than the text would take hours
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('nothing stays nothing', () => {
    expect(maskProviderMessage(null, [])).toBeNull();
    expect(maskProviderMessage(undefined, [])).toBeNull();
  });
});

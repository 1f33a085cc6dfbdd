import { credentialEndIn } from './credential-end';
import type { Manifest, ManifestEnd, ManifestTimes } from './manifest';

const END = '2099-05-01T09:30:00.000Z';

/** The end that an answer shows, as ISO-8601. */
function endIn(
  body: unknown,
  expires: ManifestEnd | undefined = 'expires_at',
  more: { times?: ManifestTimes; timezone?: string | null; headers?: Record<string, string>; tooDeep?: boolean } = {},
): string | undefined {
  const { times, timezone = null, headers = {}, tooDeep } = more;
  const manifest: Pick<Manifest, 'test' | 'times'> = { test: { path: '/me', expires }, times };
  return credentialEndIn({ headers, body, tooDeep }, manifest, { currency: 'GBP', timezone })?.toISOString();
}

describe('the end of credentials', () => {
  it.each([
    ['a time', { expires_at: END }, 'expires_at', END],
    ['a time of another zone', { expires_at: '2099-05-01T11:30:00+02:00' }, 'expires_at', END],
    ['a member within', { token: { ends: END } }, 'token.ends', END],
    ['an expression', { never: false, ends: END }, { cel: 'row.never ? null : row.ends' }, END],
    ['a day, which ends them where it begins', { expires_at: '2099-05-01' }, 'expires_at', '2099-05-01T00:00:00.000Z'],
  ] as const)('is read from %s', (_, body, expires, end) => expect(endIn(body, expires)).toBe(end));

  it.each([
    ['2099-05-01 09:30:00 UTC', END],
    ['2099-05-01 02:30:00 -0700', END],
    ['2099-05-01 09:30:00', undefined],
    ['soon', undefined],
  ])('is read from a header that says %s', (value, end) => {
    const headers = { 'github-authentication-token-expiration': value };
    expect(endIn({}, { header: 'GitHub-Authentication-Token-Expiration' }, { headers })).toBe(end);
    expect(endIn({}, { header: 'X-Other' }, { headers })).toBeUndefined();
  });

  it('is read as the manifest says that times are', () => {
    const wall = { expires_at: '2099-05-01T10:30:00' };
    expect(endIn({ expires_at: Date.parse(END) / 1_000 }, undefined, { times: { form: 'unix' } })).toBe(END);
    expect(endIn({ expires_at: '2099-05-01T09:30:00' }, undefined, { times: { zone: 'utc' } })).toBe(END);
    const times = { zone: 'merchant' } as const;
    expect(endIn(wall, undefined, { times, timezone: 'Europe/London' })).toBe(END);
    // nobody knows which hour it is where the merchant has set no zone
    expect(endIn(wall, undefined, { times })).toBeUndefined();
    expect(endIn({ expires_at: '2099-05-01' }, undefined, { times })).toBe('2099-05-01T00:00:00.000Z');
  });

  it.each([
    ['nothing', {}],
    ['null', { expires_at: null }],
    ['an empty text', { expires_at: '' }],
    ['a word', { expires_at: 'never' }],
    ['a number', { expires_at: 3_600 }],
    ['a list', { expires_at: [END] }],
    ['a day that is none', { expires_at: '2099-02-31' }],
    ['a time that names no zone', { expires_at: '2099-05-01T09:30:00' }],
    ['what stands for no date', { expires_at: '0000-00-00' }],
    ['a time of the past', { expires_at: '2020-01-01T00:00:00Z' }],
    ['no object', 'OK'],
  ])('is not told by %s, which is no failure', (_, body) => {
    expect(endIn(body)).toBeUndefined();
    expect(endIn(body, { cel: 'row.expires_at' })).toBeUndefined();
  });

  it('is not told by 0 in seconds, nor by an answer that is too deep for an expression', () => {
    expect(endIn({ expires_at: 0 }, undefined, { times: { form: 'unix' } })).toBeUndefined();
    expect(endIn({ expires_at: END }, { cel: 'row.expires_at' }, { tooDeep: true })).toBeUndefined();
  });

  it('is not looked for where the manifest names no place', () => {
    expect(endIn({ expires_at: END }, undefined)).toBe(END);
    const manifest = { test: { path: '/me' } };
    const answer = { headers: {}, body: { expires_at: END } };
    expect(credentialEndIn(answer, manifest, { currency: 'GBP', timezone: null })).toBeUndefined();
  });
});

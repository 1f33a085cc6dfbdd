import {
  changedManifest,
  failuresOf,
  manifestText,
  soundManifest,
  type ManifestChange,
} from '../../../../test/support/changed-manifest';
import { GuardedHttpClient } from '../../../platform/outbound';
import type { ProviderCall } from '../../provider';
import { dryRun } from '../dry-run';
import { ManifestAdapter } from '../manifest.adapter';
import { ManifestSimulator } from '../simulator/manifest-simulator';
import { readRecording, type Recording } from '../simulator/recording';
import { withLoginHere } from '../simulator/simulated-caller';
import { ExchangeRecorder } from './exchange-recorder';
import { recordingConformanceOf } from './recording-checks';

const SETTINGS = { currency: 'GBP', timezone: 'Australia/Sydney' };

/** What a dry run of so many pages over a simulator of the manifest records. */
async function recorded(provider: string, pages: number, change: ManifestChange = {}) {
  const manifest = withLoginHere(soundManifest(changedManifest(manifestText(provider), change)));
  const simulator = new ManifestSimulator(manifest);
  const http = new GuardedHttpClient({ allowPrivate: true });
  await simulator.start();
  try {
    const adapter = new ManifestAdapter(manifest, { liveHostSuffixes: null });
    const { signal } = new AbortController();
    const bound = http.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null });
    const recorder = new ExchangeRecorder(manifest, Object.values(simulator.fields));
    const credentials = adapter.normaliseCredentials({ ...simulator.fields, baseUrl: simulator.url }, 'sandbox');
    const listened = recorder.around(bound);
    const call: ProviderCall = { credentials, environment: 'sandbox', settings: SETTINGS, http: listened, signal };
    await adapter.testCredentials(call);
    for (const stream of adapter.streams) await dryRun(stream, call, pages);
    return { recording: recorder.recording(), fields: simulator.fields };
  } finally {
    await http.close();
    await simulator.close();
  }
}

describe('a recording', () => {
  const made = new Map<string, Awaited<ReturnType<typeof recorded>>>();
  beforeAll(async () => {
    for (const provider of ['acme', 'nookal', 'mindbody', 'stripe']) made.set(provider, await recorded(provider, 9));
  });
  const read = (provider: string, change: ManifestChange = {}, recording?: Recording) =>
    recordingConformanceOf(
      soundManifest(changedManifest(manifestText(provider), change)),
      recording ?? made.get(provider)!.recording,
      SETTINGS,
    );

  it.each(['acme', 'nookal', 'mindbody', 'stripe'])('of %s holds no secret and no text of a person', (provider) => {
    const { recording, fields } = made.get(provider)!;
    const said = JSON.stringify(recording);
    for (const secret of [fields['apiKey']!, fields['password'] ?? 'token-1', 'token-1'])
      expect(said).not.toContain(secret);
    expect(said).not.toMatch(/(?:first_?name|last_?name|email|city|zip) \d/i);
    expect(said).not.toContain('7946');
    expect(recording.log.entries.length).toBeGreaterThan(4);
  });

  it.each(['acme', 'nookal', 'mindbody', 'stripe'])('of %s is read by its manifest', async (provider) => {
    const results = await read(provider);
    expect(failuresOf(results)).toEqual([]);
    expect(results.filter(({ outcome }) => outcome.result === 'passed').length).toBeGreaterThan(10);
  });

  it('of links that repeat the key is read without it', async () => {
    const change = { 'streams/0/paging': { by: 'link', next: 'links.next' }, 'auth/in': 'query' };
    const { recording, fields } = await recorded('acme', 9, change);
    expect(JSON.stringify(recording)).not.toContain(fields['apiKey']);
    const results = await read('acme', change, recording);
    expect(failuresOf(results)).toEqual([]);
    expect(results.find(({ check }) => check === 'recorded-end')!.outcome).toMatchObject({ note: 'after 3 pages' });
  });

  it('with nothing below a place does not say what would be there', async () => {
    const entries = made.get('acme')!.recording.log.entries.map(({ request, response }) => {
      const { text = '', ...content } = response.content;
      const said = text
        .replaceAll(/"address":\{[^}]*\}/g, '"address":null')
        .replaceAll(/"items":\[[^\]]*\]/g, '"items":[]');
      return { request, response: { ...response, content: { ...content, text: said } } };
    });
    const fields = (await read('acme', {}, { log: { version: '1.2', entries } })).filter(
      ({ check }) => check === 'recorded-fields',
    );
    expect(fields.map(({ outcome }) => outcome.result)).toEqual(['passed', 'passed']);
  });

  it('that ends before the list does is no failure', async () => {
    const { recording } = await recorded('acme', 1);
    const results = await read('acme', {}, recording);
    expect(failuresOf(results)).toEqual([]);
    expect(results.find(({ check }) => check === 'recorded-end')!.outcome.result).toBe('not applicable');
  });

  it.each<[fails: string, provider: string, change: ManifestChange]>([
    ['recorded-test - at test', 'acme', { 'test/account': 'account.number' }],
    ['recorded-calls clients at streams/0/paging/parameter', 'acme', { 'streams/0/paging/parameter': 'p' }],
    ['recorded-calls clients at streams/0/paging/sizeParameter', 'acme', { 'streams/0/paging/sizeParameter': 'size' }],
    ['recorded-rows clients at streams/0/rows', 'acme', { 'streams/0/rows': 'customers' }],
    ['recorded-rows clients at streams/0/paging', 'acme', { 'streams/0/paging': { by: 'none' } }],
    [
      'recorded-words clients at streams/0/fields/active',
      'acme',
      { 'streams/0/fields/active/words': { active: true } },
    ],
    ['recorded-words clients at streams/0/updatedAt', 'acme', { 'times/form': 'unix' }],
    [
      'recorded-fields clients at streams/0/fields/address/city',
      'acme',
      { 'streams/0/fields/address/city': 'address.town' },
    ],
    [
      'recorded-fields bills at streams/1/fields/lines/fields/description',
      'acme',
      { 'streams/1/fields/lines/fields/description': 'title' },
    ],
    ['recorded-fields bills at streams/1/fields/lines', 'acme', { 'streams/1/fields/lines/each': 'entries' }],
    ['recorded-end bills at streams/1/paging', 'acme', { 'streams/1/paging/parameter': 'after' }],
    ['recorded-calls clients at streams/0/paging/parameter', 'mindbody', { 'streams/0/paging/by': 'page' }],
  ])('fails %s: %s read otherwise', async (fails, provider, change) => {
    expect(failuresOf(await read(provider, change))).toContain(fails);
  });

  it('without any list of the manifest is none of it', async () => {
    expect(failuresOf(await read('acme', {}, { log: { version: '1.2', entries: [] } }))).toEqual([
      'recorded-calls - at streams',
    ]);
  });

  it.each(['', '[]', '{"log":{"entries":[{"request":{"method":"GET","url":"file:///etc"}}]}}'])('is not %j', (json) => {
    expect(typeof readRecording(json)).toBe('string');
  });
});

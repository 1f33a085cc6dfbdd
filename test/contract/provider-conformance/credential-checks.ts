import assert from 'node:assert/strict';
import { InterlockError } from '../../../src/platform/errors';
import { ProviderFailure } from '../../../src/platform/outbound';
import { BUILT_IN_CATALOGUE, checkedCredentials } from '../../../src/providers';
import { failureOf, type Check } from './bench';

export const credentialChecks: readonly Check[] = [
  {
    name: 'the right key passes and says whose account it is',
    async run(bench) {
      const { accountId } = await bench.adapter.testCredentials(bench.call());
      assert.match(accountId, /\S/);
      assert.deepEqual(await bench.newAdapter().testCredentials(bench.call()), { accountId });
    },
  },
  {
    name: 'the credential test is small and not personal',
    async run(bench) {
      await bench.adapter.testCredentials(bench.call());
      for (const { method, path } of bench.requests()) {
        assert.equal(method, 'GET');
        assert.ok(bench.subject.credentialPaths.includes(path), `asked for ${path}`);
      }
      assert.ok(bench.requests().length <= 2);
    },
  },
  {
    name: 'a wrong key is a rejected credential, asked once',
    async run(bench) {
      const failure = await failureOf(bench.adapter.testCredentials(bench.call({ apiKey: 'wrong' })));
      assert.equal(failure.verdict, 'auth');
      assert.equal(bench.requests().length, 1);
    },
  },
  {
    name: 'a key without permission is a missing permission',
    async run(bench) {
      bench.fault({ kind: 'status', status: 403 });
      assert.equal((await failureOf(bench.adapter.testCredentials(bench.call()))).verdict, 'permission');
    },
  },
  {
    name: 'a place that does not know the API is told as a wrong base URL',
    async run(bench) {
      bench.fault({ kind: 'status', status: 404, body: { message: 'not here' } });
      const { verdict, field } = await failureOf(bench.adapter.testCredentials(bench.call()));
      assert.deepEqual({ verdict, field }, { verdict: 'configuration', field: 'credentials.baseUrl' });
    },
  },
  {
    name: 'normalising twice changes nothing',
    async run(bench) {
      const { credentials } = bench.call();
      assert.deepEqual(bench.adapter.normaliseCredentials(credentials, 'sandbox'), credentials);
      const slashed = { ...credentials, baseUrl: `${credentials.baseUrl}//` };
      assert.deepEqual(bench.adapter.normaliseCredentials(slashed, 'sandbox'), credentials);
    },
  },
  {
    name: 'a key that would break out of its header is refused by field, and not repeated',
    async run(bench) {
      for (const apiKey of ['', '   ', 'a\r\nhost: evil', 'a\u0000b', 'k\u00e9y', 'x'.repeat(5000)]) {
        const refuse = () =>
          checkedCredentials(BUILT_IN_CATALOGUE[bench.subject.provider], { apiKey, baseUrl: bench.origin });
        assert.throws(refuse, (error: unknown) => {
          // another error shows itself
          if (!(error instanceof InterlockError)) throw error;
          assert.deepEqual(Object.keys(error.fields ?? {}), ['credentials.apiKey']);
          assert.ok(apiKey.trim() === '' || !JSON.stringify(error.fields).includes(apiKey));
          return true;
        });
      }
    },
  },
  {
    name: 'live credentials lead to the provider’s own hosts only',
    async run(bench) {
      const { adapter } = bench;
      const live = (baseUrl: string) => () => adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live');
      if (adapter.liveHostSuffixes === null) {
        assert.doesNotThrow(live('https://api.somewhere.io'));
        return;
      }
      const [suffix] = adapter.liveHostSuffixes as [string];
      const host = suffix.startsWith('.') ? `account${suffix}` : suffix;
      assert.doesNotThrow(live(`https://${host}`));
      for (const other of [`${host}.evil.com`, `evil${suffix.replace(/^\./, '')}`, 'evil.com', '127.0.0.1']) {
        assert.throws(live(`https://${other}`), /must be a host of the provider/);
      }
    },
  },
  {
    name: 'a base URL that is none is refused by field',
    async run(bench) {
      for (const baseUrl of [
        '',
        'nonsense',
        'ftp://files.example.com',
        'https://me:pw@api.example.com',
        'javascript:1',
      ]) {
        assert.throws(
          () => {
            const checked = checkedCredentials(BUILT_IN_CATALOGUE[bench.subject.provider], { apiKey: 'k', baseUrl });
            bench.adapter.normaliseCredentials(checked, 'sandbox');
          },
          (error: unknown) => {
            if (error instanceof InterlockError)
              return Object.keys(error.fields ?? {}).join() === 'credentials.baseUrl';
            if (!(error instanceof ProviderFailure)) throw error;
            return error.field === 'credentials.baseUrl';
          },
        );
      }
    },
  },
];

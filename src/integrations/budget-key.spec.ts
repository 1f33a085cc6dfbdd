import { BUILT_IN_IDS } from '../providers';
import { budgetOf } from './budget-key';

const ENVIRONMENTS = ['sandbox', 'live'] as const;
const victim = { merchantId: 'victim', accountId: 'https://clinic.example' };
const credentials = { apiKey: 'the-key-1234', baseUrl: 'https://clinic.example/api' };

describe.each(BUILT_IN_IDS)('the call budget of %s', (provider) => {
  describe.each(ENVIRONMENTS)('%s', (environment) => {
    const of = (who: object, sent: object = {}, perKey = false) =>
      budgetOf(
        { provider, environment, ...victim, ...who },
        { ...credentials, ...sent },
        { keyOf: perKey ? { ...credentials, ...sent }.apiKey : null },
      );

    it.each([true, false])('is the merchant’s own while its credential is unproven (by key: %s)', (perKey) => {
      const own = of({ accountId: null }, {}, perKey);
      expect(own).toEqual({ key: `${provider}/${environment}/unproven/victim`, proven: false });
      // one for all that it tries
      expect(of({ accountId: null }, { apiKey: 'other', baseUrl: 'https://other.example' }, perKey)).toEqual(own);
      expect(of({ accountId: null, merchantId: 'stranger' }, {}, perKey).key).not.toBe(own.key);
    });

    it('is the account’s, whoever holds a proven credential of it', () => {
      const account = of({});
      expect(account.proven).toBe(true);
      expect(of({ merchantId: 'partner' }, { apiKey: 'another-of-its-keys' })).toEqual(account);
      expect(of({ accountId: 'https://other.example' }).key).not.toBe(account.key);
    });

    it('is not shared with a server that says it is the same account', () => {
      expect(of({ merchantId: 'stranger' }, { baseUrl: 'https://stranger.example' }).key).not.toBe(of({}).key);
    });

    it('is the key’s where the provider counts by key', () => {
      expect(of({}, { apiKey: 'other' }, true).key).not.toBe(of({}, {}, true).key);
      expect(of({}, {}, true).key).not.toBe(of({}).key);
    });

    it('names neither key nor account', () => {
      for (const perKey of [true, false]) expect(of({}, {}, perKey).key).not.toMatch(/1234|clinic/);
    });
  });
});

import * as fc from 'fast-check';
import { contextBytes, encryptionContext, sameContext, type SealContext } from './seal-context';

const credential: SealContext = {
  purpose: 'integration_credential',
  ownerId: 'i-1',
  merchantId: 'm-1',
  environment: 'sandbox',
  integrationId: 'i-1',
  provider: 'wodify',
};

describe('seal context', () => {
  it('names the version, the purpose and the whole tuple of a credential', () => {
    expect(encryptionContext(credential)).toEqual({
      aad_version: '1',
      purpose: 'integration_credential',
      owner_id: 'i-1',
      merchant_id: 'm-1',
      environment: 'sandbox',
      integration_id: 'i-1',
      provider: 'wodify',
    });
  });

  it.each(['merchantId', 'environment', 'integrationId', 'provider'] as const)(
    'refuses a credential without its %s',
    (name) => {
      expect(() => encryptionContext({ ...credential, [name]: undefined })).toThrow(/does not fit/);
      expect(() => encryptionContext({ purpose: 'signing_key', ownerId: 'k', [name]: credential[name] })).toThrow(
        /does not fit/,
      );
    },
  );

  it('refuses an empty value: it would bind to nobody', () => {
    expect(() => encryptionContext({ ...credential, ownerId: '' })).toThrow(/does not fit/);
    expect(() => encryptionContext({ ...credential, merchantId: '' })).toThrow(/does not fit/);
  });

  it('has one byte form, whatever the order of its fields', () => {
    const context = encryptionContext(credential);
    const reversed = Object.fromEntries(Object.entries(context).reverse());
    expect(contextBytes(reversed)).toEqual(contextBytes(context));
    expect(contextBytes(context).toString()).toBe(
      '[["aad_version","1"],["environment","sandbox"],["integration_id","i-1"],["merchant_id","m-1"],' +
        '["owner_id","i-1"],["provider","wodify"],["purpose","integration_credential"]]',
    );
  });

  it('has another byte form for every other context', () => {
    // few names and values, so that they meet; and values that look like the form itself
    const forged = 'x"],["b","y';
    const names = fc.constantFrom('a', 'b', '__proto__', 'a"');
    const values = fc.constantFrom('', 'x', 'y', '"', '\\', 'ü', forged);
    const dictionary = fc.oneof(fc.dictionary(names, values), fc.dictionary(fc.string(), fc.string()));
    fc.assert(
      fc.property(dictionary, dictionary, (one, other) => {
        const equal =
          Object.keys(one).length === Object.keys(other).length &&
          Object.entries(one).every(([name, value]) => Object.hasOwn(other, name) && other[name] === value);
        return sameContext(one, other) === equal && contextBytes(one).equals(contextBytes(other)) === equal;
      }),
      { numRuns: 2_000 },
    );
    expect(contextBytes({ a: forged })).not.toEqual(contextBytes({ a: 'x', b: 'y' }));
    expect(sameContext({ a: 'x' }, { a: 'y' })).toBe(false);
  });
});

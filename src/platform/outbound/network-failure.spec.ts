import { networkFailure } from './network-failure';
import { WireError } from './wire-exchange';

const failureOf = (code: string) => networkFailure(new WireError(false, Object.assign(new Error('x'), { code })));

describe('a broken exchange', () => {
  it.each(['ENOTFOUND', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER'])(
    'may be the fault of the address after %s, and then has a rule for it',
    (code) => {
      expect(failureOf(code)).toMatchObject({
        verdict: 'network',
        final: true,
        addressRule: expect.stringMatching(/^must /),
      });
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ESERVFAIL', 'ETIMEDOUT', 'CERT_HAS_EXPIRED', 'HPE_INVALID_CONSTANT'])(
    'is the provider’s own trouble after %s',
    (code) => {
      expect(failureOf(code).addressRule).toBeNull();
    },
  );
});

import { toInterlockError } from '../platform/http';
import { VAULT_ERROR_REASONS, VaultError } from './vault-error';

describe('VaultError', () => {
  it.each(VAULT_ERROR_REASONS)('%s is answered without saying which defect it was', (reason) => {
    const answered = toInterlockError(new VaultError(reason));
    const transient = reason === 'throttled' || reason === 'unavailable';
    expect(answered.code).toBe(transient ? 'unavailable' : 'internal_error');
    expect(answered.message).not.toMatch(/vault|key|envelope/);
    if (transient) expect(answered.nextAction).toBe('wait');
  });

  it('says in its cause which defect it was, for the log', () => {
    const error = new VaultError('bad_nonce', { cause: new Error('deeper') });
    expect((error.cause as Error).message).toBe('vault: the envelope’s nonce has the wrong length (bad_nonce)');
    expect(((error.cause as Error).cause as Error).message).toBe('deeper');
  });
});

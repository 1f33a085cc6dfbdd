import { InterlockError } from '../platform/errors';

/** One reason per defect. `unavailable` and `throttled` pass by themselves; every other one needs a person. */
export const VAULT_ERROR_REASONS = [
  'secret_not_found',
  'secret_destroyed',
  'unknown_algorithm',
  'unknown_aad_version',
  'bad_nonce',
  'bad_tag',
  'bad_ciphertext',
  'bad_wrapped_key',
  'context_mismatch',
  'authentication_failed',
  'wrong_context',
  'wrong_key',
  'key_not_found',
  'key_disabled',
  'denied',
  'throttled',
  'unavailable',
] as const;
export type VaultErrorReason = (typeof VAULT_ERROR_REASONS)[number];

const TEXTS: Readonly<Record<VaultErrorReason, string>> = {
  secret_not_found: 'there is no such sealed secret',
  secret_destroyed: 'the secret was destroyed',
  unknown_algorithm: 'the envelope names an unknown algorithm',
  unknown_aad_version: 'the envelope names an unknown context version',
  bad_nonce: 'the envelope’s nonce has the wrong length',
  bad_tag: 'the envelope’s tag has the wrong length',
  bad_ciphertext: 'the envelope’s ciphertext is empty or too long',
  bad_wrapped_key: 'the envelope’s wrapped key is missing or malformed',
  context_mismatch: 'the secret belongs to another owner',
  authentication_failed: 'the ciphertext does not authenticate',
  wrong_context: 'the wrapped key does not open under this context',
  wrong_key: 'the wrapped key belongs to another key',
  key_not_found: 'the key that wraps this secret does not exist here',
  key_disabled: 'the key that wraps this secret is disabled',
  denied: 'key management refused access',
  throttled: 'key management is throttling',
  unavailable: 'key management cannot be reached',
};

const TRANSIENT: ReadonlySet<VaultErrorReason> = new Set(['throttled', 'unavailable']);
/** The secret may be sound: its key is not to be had here. */
const KEYLESS: ReadonlySet<VaultErrorReason> = new Set(['key_not_found', 'key_disabled', 'denied']);

/**
 * A caller of the API sees `unavailable` with `wait` for transient failures, and `internal_error` for the rest. The
 * defect itself is for the log (in the cause) and for code that branches on `reason`.
 */
export class VaultError extends InterlockError {
  readonly reason: VaultErrorReason;

  constructor(reason: VaultErrorReason, options: { cause?: unknown } = {}) {
    super(TRANSIENT.has(reason) ? 'unavailable' : 'internal_error', {
      cause: new Error(
        `vault: ${TEXTS[reason]} (${reason})`,
        options.cause === undefined ? undefined : { cause: options.cause },
      ),
    });
    this.name = 'VaultError';
    this.reason = reason;
  }

  /** Transient: answer 503, try again later, blame nobody. */
  get transient(): boolean {
    return TRANSIENT.has(this.reason);
  }

  /** An operator can mend it: the key that wraps the secret is not set up here, is disabled, or refuses the service. */
  get lacksKey(): boolean {
    return KEYLESS.has(this.reason);
  }

  /** For logs and operators. */
  get detail(): string {
    return TEXTS[this.reason];
  }
}

/** The transaction of `audited` failed for the cause: the secret was not opened. */
export class NotAudited extends Error {
  constructor(cause: unknown) {
    super('the opening of a secret could not be audited', { cause });
    this.name = 'NotAudited';
  }
}

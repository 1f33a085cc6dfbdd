import { Logger } from '@nestjs/common';
import type { V2KeysVerifyKeyResponseData } from '@unkey/api/models/components' with { 'resolution-mode': 'import' };
import type { Clock } from '../platform/clock';
import { InterlockError } from '../platform/errors';
import { ENVIRONMENTS, type Environment } from '../platform/http';
import { boundedFetch } from './bounded-fetch';
import { KeyAuthority, type VerifiedKey } from './key-authority';
import { GRANTABLE_SCOPES } from './scopes';
import type { ApiKeyRepository } from './store/api-key.repository';
import { verificationOf } from './unkey-verification';
import { credentialDigest, DEFAULT_VERIFICATION_BOUNDS, VerificationCache } from './verification-cache';

export interface UnkeyOptions {
  readonly rootKey: string;
  readonly baseUrl: string;
  /** How long a verification is kept: Unkey sends no signal when a key is revoked. 0: every request asks. */
  readonly cacheMs: number;
}

/**
 * Keys are made in Unkey with the prefix `rk_sandbox` or `rk_live`; their random part and its length are Unkey's
 * affair.
 */
const FORM = new RegExp(`^rk_(${ENVIRONMENTS.join('|')})_[0-9A-Za-z]{8,200}$`);
/** Holds if the key has any of them; asking is also what makes Unkey name the key's permissions. */
const ANY_SCOPE = GRANTABLE_SCOPES.join(' OR ');
const TIMEOUT_MS = 1_500;
/**
 * A connection that was just being closed, or a node that restarts, deserves a second try; a caller waits two seconds
 * at most.
 */
const RETRIES = { initialInterval: 50, maxInterval: 200, exponent: 2, maxElapsedTime: 400 };
/** Every made-up key needs a call. More than this many at once are refused, so memory and sockets stay bounded. */
const MAX_ASKING = 500;
const LOG_INTERVAL_MS = 10_000;

type AskUnkey = (
  key: string,
) => Promise<
  | { readonly ok: true; readonly value: { readonly data: V2KeysVerifyKeyResponseData } }
  | { readonly ok: false; readonly error: Error }
>;

/**
 * The authority over keys that are made in Unkey. While it cannot be asked nobody is let in that it has not just let
 * in.
 */
export class UnkeyKeys extends KeyAuthority {
  readonly managedBy = 'Unkey';
  private readonly logger = new Logger('auth');
  private readonly cache: VerificationCache;
  private loggedAt = -Infinity;

  private constructor(
    private readonly askUnkey: AskUnkey,
    options: UnkeyOptions,
    private readonly keys: ApiKeyRepository,
    private readonly clock: Clock,
  ) {
    super();
    const { cacheMs } = options;
    const bounds = { connectedTtlMs: cacheMs, disconnectedTtlMs: cacheMs, negativeTtlMs: cacheMs };
    this.cache = new VerificationCache(() => true, { ...DEFAULT_VERIFICATION_BOUNDS, ...bounds });
  }

  /** Loads the client first: it is large, and most installations have no use for it. */
  static async connect(options: UnkeyOptions, keys: ApiKeyRepository, clock: Clock): Promise<UnkeyKeys> {
    const [{ UnkeyCore }, { keysVerifyKey }, { HTTPClient }] = await Promise.all([
      import('@unkey/api/core.js'),
      import('@unkey/api/funcs/keysVerifyKey.js'),
      import('@unkey/api/lib/http.js'),
    ]);
    const core = new UnkeyCore({
      rootKey: options.rootKey,
      serverURL: options.baseUrl,
      timeoutMs: TIMEOUT_MS,
      retryConfig: { strategy: 'backoff', backoff: RETRIES, retryConnectionErrors: true },
      httpClient: new HTTPClient({ fetcher: boundedFetch }),
      // else UNKEY_DEBUG would print the root key and the keys of callers
      debugLogger: { group: () => undefined, groupEnd: () => undefined, log: () => undefined },
    });
    return new UnkeyKeys((key) => keysVerifyKey(core, { key, permissions: ANY_SCOPE }), options, keys, clock);
  }

  async verify(key: string): Promise<VerifiedKey | null> {
    const environment = FORM.exec(key)?.[1] as Environment | undefined;
    if (environment === undefined) return null;
    const digest = credentialDigest(key);
    const now = this.clock.now();
    let verified = this.cache.get(digest);
    if (verified === undefined || isLimitOver(verified, now)) {
      if (this.cache.asking >= MAX_ASKING) throw new InterlockError('unavailable', { retryAfterSeconds: 1 });
      verified = await this.cache.ask(digest, () => this.load(key, environment));
    }
    if (verified === null || (verified.expiresAt !== null && verified.expiresAt <= now)) return null;
    return verified;
  }

  private async load(key: string, environment: Environment): Promise<VerifiedKey | null> {
    const result = await this.askUnkey(key);
    if (!result.ok) throw new InterlockError('unavailable', { cause: new Error(describe(result.error)) });
    const { data } = result.value;
    const verified = verificationOf(data, environment, this.clock.now().getTime());
    if (verified.problem !== undefined) this.report(data.keyId, verified.problem);
    if (verified.key === null) return null;
    if (await this.keys.hasMerchant(verified.key.merchantId)) return verified.key;
    this.report(data.keyId, 'its merchant does not exist here');
    return null;
  }

  /** An operator has to mend such a key in Unkey; a caller that repeats itself must not fill the log. */
  private report(keyId: string | undefined, problem: string): void {
    const now = performance.now();
    if (now - this.loggedAt < LOG_INTERVAL_MS) return;
    this.loggedAt = now;
    this.logger.warn({ msg: `an Unkey key is refused: ${problem}`, keyId });
  }
}

function isLimitOver(verified: VerifiedKey | null, now: Date): boolean {
  return verified?.limited !== undefined && verified.limited.resetAtSeconds * 1000 <= now.getTime();
}

/** In words of our own: the client's errors carry the request with the root key, and the key that was asked for. */
function describe(error: Error): string {
  const status = 'statusCode' in error ? Number(error.statusCode) : null;
  if (status === null || status < 400) return `a key could not be verified by Unkey (${error.name})`;
  const hint = status === 401 || status === 403 ? ': UNKEY_ROOT_KEY is not accepted, or may not verify keys' : '';
  return `Unkey answered ${status}${hint}`;
}

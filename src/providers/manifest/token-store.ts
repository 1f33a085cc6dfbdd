import { hash } from 'node:crypto';
import { unlessAborted } from '../../platform/clock';
import { ProviderFailure } from '../../platform/outbound';
import type { ProviderCall } from '../provider';
import { renewalMarginMs } from '../token-life';

/** Of one environment. */
const MAX_TOKENS = 500;
/** Whatever a provider says, a token is not kept longer. */
const MAX_LIFE_MS = 24 * 3_600_000;
export interface IssuedProviderToken {
  readonly value: string;
  /** From the moment in which it was asked for. */
  readonly lifeMs: number;
}

/** Where a token comes from that goes with each call. */
export interface TokenSource {
  /** `refused`: one that the provider does not take any more. */
  tokenFor(call: ProviderCall, refused?: string | null): Promise<string>;
  /** The next call asks for another one; `token`: if it is still this one. */
  forget(call: ProviderCall, token?: string): void;
}

interface HeldToken {
  readonly value: string;
  /** The server that takes it. */
  readonly origin: string;
  readonly renewAt: number;
  readonly forget: NodeJS.Timeout;
}

interface Issuing {
  readonly token: Promise<string>;
  readonly signal: AbortSignal;
}

/**
 * The tokens of one provider, in the memory of this process alone. They are found by a digest of the whole credential:
 * one that has changed in any field never meets a token of before. Whoever needs the same one waits for one login.
 */
export class TokenStore implements TokenSource {
  private readonly held = { sandbox: new Map<string, HeldToken>(), live: new Map<string, HeldToken>() };
  private readonly issuing = new Map<string, Issuing>();

  constructor(
    private readonly issue: (call: ProviderCall) => Promise<IssuedProviderToken>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async tokenFor(call: ProviderCall, refused: string | null = null): Promise<string> {
    const key = keyOf(call);
    for (;;) {
      call.signal.throwIfAborted();
      const known = this.known(call, key);
      if (known !== null && known !== refused) return known;
      const other = this.issuing.get(key);
      if (other === undefined) return this.issueAs(key, call);
      try {
        const token = await unlessAborted(other.token, call.signal);
        if (token !== refused) return token;
      } catch (error) {
        call.signal.throwIfAborted();
        if (!isOfAll(error) || other.signal.aborted) continue;
        throw error;
      }
    }
  }

  forget(call: ProviderCall, token?: string): void {
    const key = keyOf(call);
    const found = this.held[call.environment].get(key);
    if (found === undefined || (token !== undefined && found.value !== token)) return;
    clearTimeout(found.forget);
    this.held[call.environment].delete(key);
  }

  private known({ environment }: ProviderCall, key: string): string | null {
    const tokens = this.held[environment];
    const found = tokens.get(key);
    if (found === undefined || this.now() >= found.renewAt) return null;
    tokens.delete(key);
    tokens.set(key, found);
    return found.value;
  }

  private async issueAs(key: string, call: ProviderCall): Promise<string> {
    const token = this.issueAndHold(key, call).finally(() => this.issuing.delete(key));
    this.issuing.set(key, { token, signal: call.signal });
    return token;
  }

  private async issueAndHold(key: string, call: ProviderCall): Promise<string> {
    const askedAt = this.now();
    const { value, lifeMs } = await this.issue(call);
    const life = Math.min(lifeMs, MAX_LIFE_MS);
    const tokens = this.held[call.environment];
    this.forget(call);
    while (tokens.size >= MAX_TOKENS) this.drop(tokens, leastWanted(tokens));
    const forget = setTimeout(() => this.drop(tokens, key), life).unref();
    const { origin } = new URL(call.credentials.baseUrl);
    tokens.set(key, { value, origin, renewAt: askedAt + life - renewalMarginMs(life), forget });
    return value;
  }

  private drop(tokens: Map<string, HeldToken>, key: string): void {
    clearTimeout(tokens.get(key)?.forget);
    tokens.delete(key);
  }
}

/**
 * Of the servers with the most tokens the one that was used least lately: whoever brings many servers or many
 * credentials for one gets no more room than the others.
 */
function leastWanted(tokens: ReadonlyMap<string, HeldToken>): string {
  const counts = new Map<string, number>();
  for (const { origin } of tokens.values()) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...tokens].find(([, { origin }]) => counts.get(origin) === most)![0];
}

/**
 * Whether a failed login says something about the credential or the provider. A budget, an abort or a fence is of the
 * call that logged in: those that waited for it try for themselves.
 */
function isOfAll(error: unknown): boolean {
  return error instanceof ProviderFailure && !error.ours;
}

function keyOf({ credentials, environment }: ProviderCall): string {
  const fields = Object.entries(credentials).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', JSON.stringify([environment, fields]), 'base64url');
}

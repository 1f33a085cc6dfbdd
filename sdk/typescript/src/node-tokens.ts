import type { Credentials } from './credentials';
import type { Transport } from './transport';
import type { AnswerOf } from './types';

type TokenPair = AnswerOf<'authenticate'>;

/** A token this close to its end is renewed first. */
const EARLY_MS = 60_000;

/** The key of a node and its secret, as they were shown when the key was made. */
export interface NodeKey {
  readonly apiKey: string;
  readonly secret: string;
}

/** The token of a node: had when it is first needed, renewed before it ends or when it is refused. */
export class NodeTokens implements Credentials {
  private tokens: (TokenPair & { readonly renewAt: number }) | undefined;
  private renewal: Promise<TokenPair> | undefined;

  constructor(
    private readonly key: NodeKey,
    /** Without credentials: these calls have theirs in the body. */
    private readonly transport: Transport,
  ) {}

  async headers(): Promise<Record<string, string>> {
    const { tokens } = this;
    if (tokens && Date.now() < tokens.renewAt) return bearer(tokens);
    // calls that find it is time share one renewal, as a refresh token is good once; none of them may abort it
    this.renewal ??= this.obtain().finally(() => (this.renewal = undefined));
    return bearer(await this.renewal);
  }

  renew(refused: Record<string, string>): boolean {
    const { tokens } = this;
    if (tokens && bearer(tokens).authorization === refused['authorization']) this.tokens = { ...tokens, renewAt: 0 };
    return true;
  }

  private async obtain(): Promise<TokenPair> {
    const { tokens } = this;
    this.tokens = undefined;
    const pair = (tokens && (await this.refreshed(tokens.refresh_token))) ?? (await this.exchanged());
    // by this machine's clock alone: how far the service's is off does not matter
    this.tokens = { ...pair, renewAt: Date.now() + Math.max(pair.expires_in * 1000 - EARLY_MS, pair.expires_in * 500) };
    return pair;
  }

  private async exchanged(): Promise<TokenPair> {
    const body = { api_key: this.key.apiKey, secret_key: this.key.secret };
    return (await this.transport.send('authenticate', { body })).body;
  }

  /** Undefined where it cannot be had: the key and its secret may still be taken, and say why if not. */
  private async refreshed(refreshToken: string): Promise<TokenPair | undefined> {
    try {
      // sent once: a refresh token that is used twice ends its whole session
      const args = { body: { refresh_token: refreshToken } };
      return (await this.transport.send('refreshToken', args, { maxRetries: 0 })).body;
    } catch {
      return undefined;
    }
  }
}

function bearer({ access_token: token }: TokenPair): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

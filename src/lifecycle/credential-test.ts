import { Injectable } from '@nestjs/common';
import { ProviderSession, type IntegrationKey } from '../integrations';
import { ProviderFailure } from '../platform/outbound';
import {
  ProviderRegistry,
  type ProviderCredentials,
  type ProviderId,
  type ProviderSettings,
  type Stream,
} from '../providers';

/** All attempts together: longer than the guarded client's own limit for one, shorter than a claim's lease. */
const TEST_TIMEOUT_MS = 25_000;

export interface TestedCredentials {
  readonly credentials: ProviderCredentials;
  readonly accountId: string;
  /** When they end, as the provider says it; null: it does not say. */
  readonly expiresAt: Date | null;
  readonly streams: readonly Stream[];
}

/** Asks the provider whether credentials work, in bounded time, with nothing stored. */
@Injectable()
export class CredentialTest {
  constructor(
    private readonly sessions: ProviderSession,
    private readonly registry: ProviderRegistry,
  ) {}

  isSameAccount(provider: ProviderId, before: string, now: string): boolean {
    return this.registry.get(provider).adapter.isSameAccount(before, now);
  }

  /** Throws a ProviderFailure when they do not, or when the provider cannot be asked. */
  async run(
    key: IntegrationKey,
    credentials: ProviderCredentials,
    settings: ProviderSettings,
    { willStore }: { readonly willStore: boolean },
  ): Promise<TestedCredentials> {
    const signal = AbortSignal.timeout(TEST_TIMEOUT_MS);
    const session = this.sessions.openUnstored(key, credentials, { settings, signal, willStore });
    try {
      const { accountId, expiresAt = null } = await session.adapter.testCredentials(session.call);
      return { credentials: session.toStore(), accountId, expiresAt, streams: session.adapter.streams };
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new ProviderFailure('network', 'The provider did not answer in time.', { timedOut: true, cause: error });
    }
  }
}

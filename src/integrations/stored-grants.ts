import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { unlessAborted, within } from '../platform/clock';
import { UnitOfWork } from '../platform/database';
import { hasEnded, HeldLease, leaseOwner } from '../platform/lease';
import { ProviderFailure } from '../platform/outbound';
import { servesAsToken, withGrant, type ProviderCredentials, type RefreshedGrant } from '../providers';
import { PlaintextSecret, Vault, type ReplacementSealer, type SealContext } from '../vault';
import { GrantRefreshRepository, type RefreshLease } from './store/grant-refresh.repository';

/** Longer than a refresh and its commit take, so that whoever has lost it is not still at it. */
const LEASE_MS = 60_000;
/** One call, with its redirects and its last byte. */
export const REFRESH_TIMEOUT_MS = 25_000;
const LOOK_AGAIN_MS = 150;
const SAVE_AGAIN_MS = 250;
/** For refreshes that are under way when the process is told to stop. */
const DRAIN_MS = 10_000;

/** The grant of a stored credential, as its session knows it. */
export interface StoredGrant {
  readonly integrationId: string;
  readonly credentialId: string;
  readonly context: SealContext;
  /** As the session has opened them. */
  readonly credentials: ProviderCredentials;
  readonly signal: AbortSignal;
  /** As they are stored now. */
  read(): Promise<ProviderCredentials>;
  /** Asks the provider, once. `mayDispatch`: in the tick that writes the first byte. */
  refresh(credentials: ProviderCredentials, mayDispatch: () => void): Promise<RefreshedGrant>;
}

/** Somebody else refreshes by now: what this process was given is not stored. */
class LeaseTaken extends Error {}
/** The secret was sealed anew meanwhile, under another data key. */
class SealedAnew extends Error {}

/**
 * The access tokens of stored grants. A provider that rotates its refresh tokens takes each of them once and ends the
 * grant when one comes twice. So one process at a time refreshes, by a lease that is checked in the moment of sending;
 * nothing breaks the call off but its own time limit; and what it brings is sealed in the transaction that ends the
 * lease.
 */
@Injectable()
export class StoredGrants implements BeforeApplicationShutdown {
  private readonly logger = new Logger('integrations');
  private readonly owner = leaseOwner();
  private readonly underWay = new Map<string, Promise<ProviderCredentials>>();

  constructor(
    private readonly refreshes: GrantRefreshRepository,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await within(DRAIN_MS, Promise.allSettled(this.underWay.values()));
  }

  /** `refused`: a token that the provider does not take any more. */
  async accessToken(grant: StoredGrant, refused: string | null): Promise<string> {
    if (servesAsToken(grant.credentials, refused)) return grant.credentials.accessToken!;
    for (;;) {
      const { accessToken } = await unlessAborted(this.renewed(grant, refused), grant.signal);
      // whoever began to renew may not have known that this one is refused
      if (accessToken !== undefined && accessToken !== refused) return accessToken;
    }
  }

  /** Those who need the same grant wait for one refresh, which goes on when they do not. */
  private renewed(grant: StoredGrant, refused: string | null): Promise<ProviderCredentials> {
    const { credentialId } = grant;
    let renewal = this.underWay.get(credentialId);
    if (!renewal) {
      renewal = this.renew(grant, refused).finally(() => this.underWay.delete(credentialId));
      this.underWay.set(credentialId, renewal);
    }
    return renewal;
  }

  private async renew(grant: StoredGrant, refused: string | null): Promise<ProviderCredentials> {
    for (let waitedMs = 0; waitedMs < 2 * LEASE_MS; waitedMs += LOOK_AGAIN_MS) {
      const held = new HeldLease(LEASE_MS);
      const lease = await this.refreshes.take(grant.integrationId, this.owner, LEASE_MS);
      if (lease) return this.renewAs(lease, held, grant, refused);
      const owner = await this.refreshes.owner(grant.integrationId);
      if (owner !== null && hasEnded(owner)) await this.refreshes.endLease(grant.integrationId, owner);
      await sleep(LOOK_AGAIN_MS);
    }
    throw new ProviderFailure('network', 'Another process refreshes this grant and does not come to its end.', {
      nothingSent: true,
      ours: true,
    });
  }

  private async renewAs(
    lease: RefreshLease,
    held: HeldLease,
    grant: StoredGrant,
    refused: string | null,
  ): Promise<ProviderCredentials> {
    let isAsked = lease.wasAsked;
    let sealer: ReplacementSealer | null = null;
    try {
      const stored = await grant.read();
      if (servesAsToken(stored, refused)) {
        await this.refreshes.letGo(lease, isAsked);
        return stored;
      }
      sealer = await this.vault.replacementSealer(grant.credentialId, grant.context);
      const askedAt = Date.now();
      const mayDispatch = (): void => {
        held.assertHeld();
        isAsked = true;
      };
      const renewed = withGrant(stored, askedAt, await grant.refresh(stored, mayDispatch));
      await this.save(lease, held, grant, renewed, sealer);
      return renewed;
    } catch (error) {
      const isCertain = error instanceof ProviderFailure && saysWhatCameOfIt(error);
      await this.refreshes.letGo(lease, isAsked && !isCertain).catch(() => undefined);
      throw isEnd(error) && lease.wasAsked ? lostGrant(error) : error;
    } finally {
      sealer?.end();
    }
  }

  /** Until it is saved, or the lease has ended: what the provider has given out, it gives out once. */
  private async save(
    lease: RefreshLease,
    held: HeldLease,
    { credentialId, context, integrationId }: StoredGrant,
    renewed: ProviderCredentials,
    first: ReplacementSealer,
  ): Promise<void> {
    const plaintext = PlaintextSecret.fromString(JSON.stringify(renewed));
    let sealer = first;
    try {
      for (;;) {
        const replacement = sealer.seal(plaintext);
        try {
          return await this.unitOfWork.run(async (tx) => {
            if (!(await this.refreshes.settle(tx, lease))) throw new LeaseTaken();
            if (!(await this.vault.replace(tx, replacement))) throw new SealedAnew();
          });
        } catch (error) {
          if (error instanceof LeaseTaken || held.leftMs < SAVE_AGAIN_MS) throw error;
          this.logger.warn({ msg: 'refreshed tokens could not be stored; trying again', integrationId, err: error });
          if (!(error instanceof SealedAnew)) {
            await sleep(SAVE_AGAIN_MS);
            continue;
          }
          const next = await this.vault.replacementSealer(credentialId, context);
          if (sealer !== first) sealer.end();
          sealer = next;
        }
      }
    } finally {
      plaintext.wipe();
      if (sealer !== first) sealer.end();
    }
  }
}

/** The provider has answered that it did not refresh, or was never asked. */
function saysWhatCameOfIt({ verdict, nothingSent }: ProviderFailure): boolean {
  return nothingSent || ['auth', 'permission', 'rate_limited', 'configuration'].includes(verdict);
}

function isEnd(error: unknown): error is ProviderFailure {
  return error instanceof ProviderFailure && error.verdict === 'auth';
}

function lostGrant(cause: ProviderFailure): ProviderFailure {
  const message =
    'The answer to an earlier refresh was lost, and the provider does not take its refresh token any more.';
  return new ProviderFailure('auth', message, {
    ...(cause.status === null ? {} : { status: cause.status }),
    providerMessage: cause.providerMessage,
    cause,
  });
}

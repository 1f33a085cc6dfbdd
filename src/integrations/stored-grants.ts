import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { unlessAborted, within } from '../platform/clock';
import { UnitOfWork } from '../platform/database';
import { hasEnded, HeldLease, leaseOwner } from '../platform/lease';
import { ProviderFailure } from '../platform/outbound';
import { servesAsToken, withGrant, type ProviderCredentials, type RefreshedGrant } from '../providers';
import { PlaintextSecret, Vault, VaultError, type ReplacementSealer, type SealContext } from '../vault';
import { GrantRefreshRepository, type RefreshLease } from './store/grant-refresh.repository';

/** From the first byte that is asked for to the last one of the answer. */
export const REFRESH_TIMEOUT_MS = 15_000;
/** For what the answer has brought: as long as it takes to get over a failover. */
const SAVING_MS = 30_000;
const LEASE_MS = 60_000;
const LOOK_AGAIN_MS = 150;
const SAVE_AGAIN_MS = 250;
/** A connection that has fallen silent must not take the time of the next try. */
const ONE_SAVE_MS = 5_000;
/** When the process is told to stop: a refresh that was asked for, and what it has brought. */
const DRAIN_MS = REFRESH_TIMEOUT_MS + 5_000;

/** The grant of a stored credential, as its session knows it. */
export interface StoredGrant {
  readonly credentialId: string;
  readonly context: SealContext;
  readonly signal: AbortSignal;
  /** As the session knows them: they become those of each refresh that it waits for. */
  credentials: ProviderCredentials;
  /** As they are stored now. */
  read(): Promise<ProviderCredentials>;
  /** Asks the provider, once. `mayDispatch`: in the tick that writes the first byte. */
  refresh(credentials: ProviderCredentials, mayDispatch: () => void): Promise<RefreshedGrant>;
}

interface Renewal {
  readonly credentials: ProviderCredentials;
  /** The provider has given the token now, whatever it is worth. */
  readonly isNew: boolean;
}

/** Somebody else refreshes by now: what this process was given is not stored. */
class LeaseTaken extends Error {}
/** The secret was sealed anew meanwhile, under another data key. */
class SealedAnew extends Error {}
class SavedTooSlowly extends Error {}

/**
 * The access tokens of stored grants. A provider that rotates its refresh tokens takes each of them once and ends the
 * grant when one comes twice. So one process at a time refreshes, by a lease that is checked in the moment of sending
 * and outlasts the call; nothing breaks the call off but its own time limit; and what it brings is sealed in the
 * transaction that ends the lease.
 */
@Injectable()
export class StoredGrants implements BeforeApplicationShutdown {
  private readonly logger = new Logger('integrations');
  private readonly owner = leaseOwner();
  private readonly underWay = new Map<string, Promise<Renewal>>();
  private stopped = false;

  constructor(
    private readonly refreshes: GrantRefreshRepository,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await within(DRAIN_MS, Promise.allSettled(this.underWay.values()));
  }

  /** `refused`: a token that the provider does not take any more. */
  async accessToken(grant: StoredGrant, refused: string | null): Promise<string> {
    while (!servesAsToken(grant.credentials, refused)) {
      grant.signal.throwIfAborted();
      const others = this.underWay.get(grant.credentialId);
      try {
        const { credentials, isNew } = await unlessAborted(others ?? this.begin(grant, refused), grant.signal);
        grant.credentials = credentials;
        // one that is refused again says something of the account, and not of the token
        if (isNew && credentials.accessToken !== undefined) break;
      } catch (error) {
        grant.signal.throwIfAborted();
        // what failed for whoever began it need not fail here
        if (others === undefined || (error instanceof ProviderFailure && !error.ours)) throw error;
      }
    }
    return grant.credentials.accessToken!;
  }

  /** Those who need the same grant wait for one refresh, which goes on when they do not. */
  private begin(grant: StoredGrant, refused: string | null): Promise<Renewal> {
    const { credentialId } = grant;
    const renewal = this.renew(grant, refused).finally(() => this.underWay.delete(credentialId));
    this.underWay.set(credentialId, renewal);
    return renewal;
  }

  private async renew(grant: StoredGrant, refused: string | null): Promise<Renewal> {
    const { credentialId } = grant;
    for (const until = performance.now() + 2 * LEASE_MS; performance.now() < until && !this.stopped;) {
      const stored = await grant.read();
      if (servesAsToken(stored, refused)) return { credentials: stored, isNew: false };
      const held = new HeldLease(LEASE_MS);
      const lease = await this.refreshes.take(credentialId, this.owner, LEASE_MS);
      const renewal = lease && (await this.renewAs(lease, held, grant, refused));
      if (renewal) return renewal;
      await this.othersEnd(credentialId, until);
    }
    const why = this.stopped
      ? 'This process stops, and refreshes no grant any more.'
      : 'Another process refreshes this grant and does not come to its end.';
    throw new ProviderFailure('network', why, { nothingSent: true, ours: true });
  }

  private async othersEnd(credentialId: string, until: number): Promise<void> {
    while (performance.now() < until && !this.stopped) {
      const owner = await this.refreshes.owner(credentialId);
      if (owner === null) return;
      if (hasEnded(owner)) return this.refreshes.endLease(credentialId, owner);
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** null: another process has taken over, and what it has stored is to be read. */
  private async renewAs(
    lease: RefreshLease,
    held: HeldLease,
    grant: StoredGrant,
    refused: string | null,
  ): Promise<Renewal | null> {
    let isAsked = lease.wasAsked;
    let sealer: ReplacementSealer | null = null;
    try {
      const stored = await grant.read();
      if (servesAsToken(stored, refused)) {
        await this.refreshes.letGo(lease, isAsked);
        return { credentials: stored, isNew: false };
      }
      sealer = await this.vault.replacementSealer(grant.credentialId, grant.context);
      await this.refreshes.ask(lease);
      const askedAt = Date.now();
      const mayDispatch = (): void => {
        if (held.leftMs < REFRESH_TIMEOUT_MS + SAVING_MS) throw tooLate();
        isAsked = true;
      };
      const refreshed = await grant.refresh(stored, mayDispatch);
      const credentials = withGrant(stored, askedAt, refreshed);
      await this.save(lease, held, grant, credentials, sealer);
      if (typeof refreshed.accessToken !== 'string') throw refreshed.accessToken;
      return { credentials, isNew: true };
    } catch (error) {
      await this.refreshes.letGo(lease, isStillAsked(error, lease, isAsked)).catch(() => undefined);
      if (error instanceof LeaseTaken) return null;
      throw isEnd(error) && lease.wasAsked ? lostGrant(error) : error;
    } finally {
      sealer?.end();
    }
  }

  /** Until it is saved, or the lease has ended: what the provider has given out, it gives out once. */
  private async save(
    lease: RefreshLease,
    held: HeldLease,
    { credentialId, context }: StoredGrant,
    renewed: ProviderCredentials,
    first: ReplacementSealer,
  ): Promise<void> {
    const plaintext = PlaintextSecret.fromString(JSON.stringify(renewed));
    let sealer: ReplacementSealer | null = first;
    try {
      for (;;) {
        try {
          sealer ??= await this.vault.replacementSealer(credentialId, context);
          return await this.saveOnce(lease, sealer, plaintext);
        } catch (error) {
          const isGone = error instanceof VaultError && !error.transient;
          if (isGone || error instanceof LeaseTaken || held.leftMs < SAVE_AGAIN_MS) throw error;
          this.logger.warn({ msg: 'refreshed tokens could not be stored; trying again', credentialId, err: error });
          if (error instanceof SealedAnew) {
            if (sealer !== first) sealer?.end();
            sealer = null;
          } else await sleep(SAVE_AGAIN_MS);
        }
      }
    } finally {
      plaintext.wipe();
      if (sealer !== first) sealer?.end();
    }
  }

  private async saveOnce(lease: RefreshLease, sealer: ReplacementSealer, plaintext: PlaintextSecret): Promise<void> {
    const replacement = sealer.seal(plaintext);
    const saving = this.unitOfWork.run(async (tx) => {
      if (!(await this.refreshes.settle(tx, lease))) throw new LeaseTaken();
      if (!(await this.vault.replace(tx, replacement))) throw new SealedAnew();
    });
    const slow = AbortSignal.timeout(ONE_SAVE_MS);
    await unlessAborted(saving, slow).catch((error: unknown) => {
      throw slow.aborted && error === slow.reason ? new SavedTooSlowly() : error;
    });
  }
}

/** Whether nobody knows what came of a refresh, now that this one has failed. */
function isStillAsked(error: unknown, { wasAsked }: RefreshLease, isAsked: boolean): boolean {
  if (!(error instanceof ProviderFailure)) return isAsked;
  // the provider has not carried this one out; where the grant is over, one of before stays the reason
  const isKnown = error.nothingSent || ['auth', 'permission', 'rate_limited', 'configuration'].includes(error.verdict);
  return isKnown ? wasAsked : isAsked;
}

function isEnd(error: unknown): error is ProviderFailure {
  return error instanceof ProviderFailure && error.verdict === 'auth';
}

function tooLate(): ProviderFailure {
  return new ProviderFailure('network', 'The grant was not refreshed: this process was held up for too long.', {
    nothingSent: true,
    ours: true,
  });
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

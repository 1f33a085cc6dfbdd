import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { JWK } from 'jose';
import { AuditLog } from '../audit';
import { Notifications, UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { PlaintextSecret, Vault } from '../vault';
import { SigningKeyRepository, type SigningKeyRow } from './store/signing-key.repository';
import { CLOCK_SKEW_SECONDS, MAX_TOKEN_TTL_SECONDS, OWN_ALGORITHM } from './token-rules';

/** Signals that the set of signing keys changed. */
export const SIGNING_KEY_CHANNEL = 'auth_signing_key';

/** Rotations are signalled; this bounds how long a process that heard nothing trusts a key that was withdrawn. */
const MAX_AGE_MS = 30_000;
/** An unknown kid causes a read, but not more often than this. */
const MIN_RELOAD_INTERVAL_MS = 1_000;

interface TrustedKey {
  readonly row: SigningKeyRow;
  readonly publicKey: KeyObject;
}

interface KeySet {
  readonly keys: ReadonlyMap<string, TrustedKey>;
  readonly loadedAt: number;
}

/** Our own ES256 keys: the private parts are sealed by the vault, one at a time signs, older ones still verify. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  private set: KeySet | null = null;
  private loading: Promise<KeySet> | null = null;
  private signer: { kid: string; key: KeyObject } | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: Notifications,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    const changed = () => this.forget();
    this.notifications.subscribe(SIGNING_KEY_CHANNEL, changed, changed);
  }

  /** Runs when a key may have been withdrawn: what was concluded from the old set does not hold any more. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  async verificationKey(kid: string): Promise<KeyObject | null> {
    let set = await this.fresh();
    if (!set.keys.has(kid) && performance.now() - set.loadedAt >= MIN_RELOAD_INTERVAL_MS) set = await this.load();
    const trusted = set.keys.get(kid);
    if (!trusted || (trusted.row.notAfter !== null && trusted.row.notAfter.getTime() <= Date.now())) return null;
    return trusted.publicKey;
  }

  /** What other services verify our tokens with. */
  async publicKeys(): Promise<JWK[]> {
    const set = await this.fresh();
    return [...set.keys.values()].map(({ row }) => ({
      ...row.publicJwk,
      kid: row.kid,
      alg: row.algorithm,
      use: 'sig',
    }));
  }

  /** The key that signs now; the first call of all makes it. */
  async activeSigner(): Promise<{ kid: string; key: KeyObject }> {
    const active = await this.active();
    if (this.signer?.kid === active.kid) return this.signer;
    try {
      return await this.openSigner(active);
    } catch (error) {
      // another process may have rotated a moment ago, and destroyed what we looked for
      this.set = null;
      const current = await this.active();
      if (current.kid === active.kid) throw error;
      return this.openSigner(current);
    }
  }

  /** A new key signs from now on. Tokens of the old one stay good until they expire; its private part is destroyed. */
  async rotate(): Promise<{ kid: string; retiring: string | null }> {
    const { active, previous } = await this.change(true);
    return { kid: active.kid, retiring: previous };
  }

  /** For a key that leaked: every token that it signed is refused at once. The next token is signed by a new one. */
  async withdraw(kid: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.repository.lockKeySet(tx);
      const row = await this.repository.find(tx, kid);
      if (!row) throw new InterlockError('not_found');
      await this.repository.retire(tx, kid);
      if (row.secretId) await this.vault.destroy(tx, row.secretId);
      await this.announce(tx, 'signing_key.withdrawn', kid);
    });
  }

  private async active(): Promise<SigningKeyRow> {
    const set = await this.fresh();
    for (const { row } of set.keys.values()) if (row.status === 'active') return row;
    const { active } = await this.change(false);
    // when another process made it, no signal may have come yet
    this.set = null;
    return active;
  }

  private async openSigner({ kid, secretId }: SigningKeyRow): Promise<{ kid: string; key: KeyObject }> {
    if (!secretId) throw new Error('the private part of this signing key is gone');
    const secret = await this.vault.open(secretId, contextOf(kid), { purpose: 'token.sign' });
    try {
      this.signer = { kid, key: createPrivateKey(secret.reveal()) };
      return this.signer;
    } finally {
      secret.wipe();
    }
  }

  private async change(replace: boolean): Promise<{ active: SigningKeyRow; previous: string | null }> {
    const kid = randomUUID();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const plaintext = PlaintextSecret.fromString(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    // key management is asked before the transaction holds the lock
    const prepared = await this.vault.prepare(contextOf(kid), plaintext).finally(() => plaintext.wipe());
    return this.unitOfWork.run(async (tx) => {
      await this.repository.lockKeySet(tx);
      const current = await this.repository.findActive(tx);
      // another process was first: use its key
      if (current && !replace) return { active: current, previous: null };
      if (current) {
        await this.repository.startRetiring(tx, current.kid, MAX_TOKEN_TTL_SECONDS + CLOCK_SKEW_SECONDS);
        if (current.secretId) await this.vault.destroy(tx, current.secretId);
      }
      const active = await this.repository.insertActive(tx, {
        kid,
        algorithm: OWN_ALGORITHM,
        publicJwk: pair.publicKey.export({ format: 'jwk' }) as JWK,
        secretId: await this.vault.store(tx, prepared),
      });
      await this.announce(tx, 'signing_key.created', kid);
      return { active, previous: current?.kid ?? null };
    });
  }

  private async announce(tx: Tx, action: string, kid: string): Promise<void> {
    await this.audit.record(tx, { action, subject: { type: 'signing_key', id: kid } });
    await this.notifications.publish(tx, SIGNING_KEY_CHANNEL, kid);
    tx.afterCommit(() => this.forget());
  }

  private async fresh(): Promise<KeySet> {
    if (this.set && performance.now() - this.set.loadedAt < MAX_AGE_MS) return this.set;
    return this.load();
  }

  private load(): Promise<KeySet> {
    if (this.loading) return this.loading;
    const loadedAt = performance.now();
    const loading: Promise<KeySet> = this.repository
      .listTrusted()
      .then((rows) => {
        const keys = new Map(
          rows.map((row) => [row.kid, { row, publicKey: createPublicKey({ key: row.publicJwk, format: 'jwk' }) }]),
        );
        const set = { keys, loadedAt };
        // evicted meanwhile: valid for earlier callers, and not kept
        if (this.loading === loading) this.set = set;
        return set;
      })
      .finally(() => {
        if (this.loading === loading) this.loading = null;
      });
    this.loading = loading;
    return loading;
  }

  private forget(): void {
    this.set = null;
    this.loading = null;
    this.signer = null;
    for (const listener of this.listeners) listener();
  }
}

function contextOf(kid: string): { purpose: 'signing_key'; ownerId: string } {
  return { purpose: 'signing_key', ownerId: kid };
}

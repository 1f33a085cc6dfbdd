import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { TokenService, TryLimits } from '../auth';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { generateCredential, isWellFormed, secretDigest } from './credential-format';
import { RevokedTokens } from './revoked-tokens';
import { SecretHasher } from './secret-hasher';
import {
  isSessionOpen,
  REFRESH_TTL_SECONDS,
  secondsUntilRefresh,
  tokenLifetime,
  type TokenLifetime,
} from './session-rules';
import { NodeIntegrationRepository, type ExchangeCandidate } from './store/node-integration.repository';
import { NodeSessionRepository } from './store/node-session.repository';

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly expiresAt: Date;
}

/** A minute. */
const TRIES_PER_KEY = 50;
/** An integration that is changed under our hands is read again; so often in a row it is not. */
const MAX_ATTEMPTS = 3;

/** Key and secret, or a refresh token, for a pair of tokens. Every refusal has one text. */
@Injectable()
export class TokenExchangeService {
  constructor(
    private readonly integrations: NodeIntegrationRepository,
    private readonly sessions: NodeSessionRepository,
    private readonly limits: TryLimits,
    private readonly hasher: SecretHasher,
    private readonly tokens: TokenService,
    private readonly endedTokens: RevokedTokens,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  async authenticate(apiKey: string, secret: string): Promise<TokenPair> {
    await this.limits.take(`key ${apiKey}`, TRIES_PER_KEY);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      // the same steps for every cause of a refusal, so that none shows in the time that it takes
      const candidate = await this.integrations.findByApiKey(isWellFormed('apiKey', apiKey) ? apiKey : '');
      const known = candidate && { id: candidate.id, hashes: hashesOf(candidate) };
      const matched = await this.hasher.match(secret, known);
      const lifetime = candidate && tokenLifetime(candidate, matched === 1 ? candidate.previousSecretUntil : null);
      if (!candidate || matched < 0 || !candidate.live || !lifetime) return this.refuse(candidate);
      const secretNumber = candidate.secretNumber - matched;
      const pair = await this.issue(candidate, lifetime, async (tx, sessionId) => {
        await this.sessions.open(tx, { id: sessionId, integrationId: candidate.id, secretNumber });
        return true;
      });
      if (pair) return pair;
    }
    throw new InterlockError('unavailable', { retryAfterSeconds: 1 });
  }

  /** A refresh token is good once. Used again, somebody has it who should not: all that came of its session ends. */
  async refresh(refreshToken: string): Promise<TokenPair> {
    if (!isWellFormed('refreshToken', refreshToken)) throw refused();
    const tokenHash = secretDigest(refreshToken);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const candidate = await this.sessions.findByToken(tokenHash);
      if (!candidate) throw refused();
      const { sessionId } = candidate;
      if (candidate.used) {
        if (!candidate.revoked) await this.revoke(candidate, sessionId);
        throw refused();
      }
      const usesOldSecret = candidate.openedBySecret !== candidate.secretNumber;
      const lifetime = tokenLifetime(candidate, usesOldSecret ? candidate.previousSecretUntil : null);
      if (!isSessionOpen(candidate) || !lifetime) throw refused();
      const waitSeconds = secondsUntilRefresh(candidate);
      if (waitSeconds > 0) throw new InterlockError('rate_limited', { retryAfterSeconds: waitSeconds });
      const pair = await this.issue(
        candidate,
        lifetime,
        async (tx) => (await this.sessions.hold(tx, sessionId)) && (await this.sessions.useToken(tx, tokenHash)),
        // one entry an hour for each session: its rotation must not fill the log
        { sessionId, once: `${sessionId} ${Math.floor(Date.now() / 3_600_000)}` },
      );
      if (pair) return pair;
    }
    throw refused();
  }

  /** null: the integration, the session or the token is not any more what it was when it was checked. */
  private async issue(
    candidate: ExchangeCandidate,
    lifetime: TokenLifetime,
    claim: (tx: Tx, sessionId: string) => Promise<boolean>,
    { sessionId, once }: { sessionId: string; once?: string } = { sessionId: randomUUID() },
  ): Promise<TokenPair | null> {
    // signed first: what fails here costs nobody a refresh token
    const access = await this.sign(candidate, lifetime);
    const refreshToken = generateCredential('refreshToken');
    const issued = await this.unitOfWork.run(async (tx) => {
      if (!(await this.integrations.holdUnchanged(tx, candidate.id, candidate.version))) return false;
      if (!(await claim(tx, sessionId))) return false;
      await this.sessions.addToken(tx, {
        tokenHash: secretDigest(refreshToken),
        sessionId,
        accessJti: access.jti,
        ttlSeconds: REFRESH_TTL_SECONDS,
        endsAt: lifetime.endsAt,
      });
      await this.record(tx, 'node_token.issued', candidate, { sessionId, jti: access.jti }, once);
      return true;
    });
    if (!issued) return null;
    return {
      accessToken: access.token,
      refreshToken,
      expiresInSeconds: lifetime.ttlSeconds,
      expiresAt: access.expiresAt,
    };
  }

  private sign(candidate: ExchangeCandidate, lifetime: TokenLifetime): ReturnType<TokenService['issue']> {
    const { merchantId, environment } = candidate;
    return this.tokens.issue({
      subject: candidate.id,
      // no role: what it may do is its permissions
      roles: [],
      permissions: candidate.permissions,
      nodeIds: [candidate.nodeId],
      ...(merchantId !== null && environment !== null ? { merchantId, environment } : {}),
      ttlSeconds: lifetime.ttlSeconds,
      now: lifetime.from,
    });
  }

  /** One entry a minute for each key that exists, and one for all that do not: a flood must not fill the log. */
  private async refuse(candidate: ExchangeCandidate | null): Promise<never> {
    await this.unitOfWork.run((tx) =>
      this.audit.record(tx, {
        action: 'node_token.refused',
        subject: { type: 'node_integration', id: candidate?.id ?? 'unknown' },
        actor: { kind: 'system', id: 'interlock' },
        merchantId: candidate?.merchantId ?? null,
        environment: candidate?.environment ?? null,
        once: String(Math.floor(Date.now() / 60_000)),
      }),
    );
    throw refused();
  }

  private async revoke(candidate: ExchangeCandidate, sessionId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.sessions.revoke(tx, sessionId))) return;
      await this.endedTokens.announce(tx, candidate.id);
      await this.record(tx, 'node_session.revoked', candidate, { sessionId, cause: 'refresh token used twice' });
    });
  }

  private async record(
    tx: Tx,
    action: string,
    candidate: ExchangeCandidate,
    details: Record<string, unknown>,
    once?: string,
  ): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'node_integration', id: candidate.id },
      actor: { kind: 'token', id: candidate.id },
      merchantId: candidate.merchantId,
      environment: candidate.environment,
      details: { nodeId: candidate.nodeId, ...details },
      once,
    });
  }
}

function hashesOf(candidate: ExchangeCandidate): string[] {
  const { secretHash, previousSecretHash } = candidate;
  return previousSecretHash === null ? [secretHash] : [secretHash, previousSecretHash];
}

function refused(): InterlockError {
  return new InterlockError('unauthenticated');
}

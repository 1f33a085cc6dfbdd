import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditLog } from '../audit';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { currentActor } from '../platform/http';
import { AccessTokenRepository, type AccessToken } from './store/access-token.repository';
import { TokenRevocations } from './token-revocations';
import { CLOCK_SKEW_SECONDS, JTI_FORM } from './token-rules';
import { TokenService, type IssuedToken, type TokenRequest } from './token.service';

const CHANNEL = 'access_tokens_revoked';
const MAX_LISTED = 1_000;

/** What is known of a token by whoever revokes it. */
export interface TokenToRevoke {
  readonly jti: string;
  readonly subject?: string;
  /** null or left out: not known. */
  readonly expiresAt?: Date;
}

/** Tokens of people: issued on record, listed, and revoked one by one, also those of another issuer. */
@Injectable()
export class AccessTokens implements OnModuleInit {
  constructor(
    private readonly repository: AccessTokenRepository,
    private readonly tokens: TokenService,
    private readonly revocations: TokenRevocations,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    this.revocations.register({
      channel: CHANNEL,
      load: async () => {
        const jtis = new Set(await this.repository.listRevoked(CLOCK_SKEW_SECONDS));
        return (token) => jtis.has(token.jti);
      },
    });
  }

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const issued = await this.tokens.issue(request);
    const { jti, expiresAt } = issued;
    const { subject, roles, permissions, nodeIds, merchantId = null, environment = null } = request;
    await this.unitOfWork.run(async (tx) => {
      const rights = { subject, roles, permissions, nodeIds, merchantId, environment };
      await this.repository.insert(tx, { id: randomUUID(), jti, ...rights, issuedBy: currentActor().id, expiresAt });
      await this.audit.record(tx, {
        action: 'token.issued',
        subject: { type: 'token', id: jti },
        merchantId,
        environment,
        details: { jti, subject, roles, permissions, nodeIds, expiresAt: expiresAt.toISOString() },
      });
    });
    return issued;
  }

  /** The newest first, revoked ones too, until a day after they have expired. */
  list(): Promise<AccessToken[]> {
    return this.repository.list(MAX_LISTED);
  }

  /** null: it was not issued here on record, nor revoked. */
  find(jti: string): Promise<AccessToken | null> {
    return this.repository.find(jti);
  }

  /**
   * Refused at once by this process, by the others as soon as they hear of it, within 20 seconds when no signal
   * arrives. Revoking twice is no error. A jti that nobody knows here is taken too: another issuer's.
   */
  async revoke(token: TokenToRevoke, details: Readonly<Record<string, unknown>> = {}): Promise<AccessToken> {
    const { jti, subject = null, expiresAt = null } = token;
    if (!JTI_FORM.test(jti)) throw InterlockError.invalidField('jti', 'must be 1 to 255 printable characters');
    await this.unitOfWork.run(async (tx) => {
      const by = currentActor().id;
      const revoked = await this.repository.revoke(tx, { id: randomUUID(), jti, subject, expiresAt, by });
      if (!revoked) return;
      await this.revocations.announce(tx, CHANNEL, '');
      await this.audit.record(tx, {
        action: 'token.revoked',
        subject: { type: 'token', id: jti },
        merchantId: revoked.merchantId,
        environment: revoked.environment,
        details: { jti, subject: revoked.subject, roles: revoked.roles, ...details },
      });
    });
    return (await this.repository.find(jti))!;
  }
}

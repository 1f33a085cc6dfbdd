import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditLog } from '../audit';
import { TokenRevocations } from '../auth';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { currentActor } from '../platform/http';
import { personOf } from './person';
import {
  OperatorRepository,
  type Operator,
  type SessionEnd,
  type SignedIn,
  type Standing,
} from './store/operator.repository';

const CHANNEL = 'operator_sessions_ended';

/** The people and machines that use the admin API: seen, listed, disabled everywhere at once, and enabled again. */
@Injectable()
export class Operators implements OnModuleInit {
  constructor(
    private readonly repository: OperatorRepository,
    private readonly revocations: TokenRevocations,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    this.revocations.register({
      channel: CHANNEL,
      load: async () => {
        const { disabled, sessions, subjects, unnamed } = await this.repository.ended();
        return ({ subject, signIn }) => {
          if (disabled.has(personOf(subject))) return true;
          if (signIn === null) return false;
          const { sessionId, identifiedAt } = signIn;
          if (sessionId !== null && sessions.has(sessionId)) return true;
          const ended = sessionId === null ? unnamed.get(subject) : undefined;
          return identifiedAt <= Math.max(subjects.get(subject) ?? -1, ended ?? -1);
        };
      },
    });
  }

  list(): Promise<Operator[]> {
    return this.repository.list();
  }

  isDisabled(subject: string): Promise<boolean> {
    return this.repository.isDisabled(subject);
  }

  /** Whoever is disabled or loses a role at the same time does so afterwards: it stands until the transaction ends. */
  standingIn(tx: Tx, subjects: readonly string[]): Promise<Standing[]> {
    return this.repository.standingIn(tx, subjects);
  }

  /** The OpenID provider names no group of theirs that grants a role. */
  lostRoles(tx: Tx, subject: string): Promise<void> {
    return this.repository.lostRoles(tx, subject);
  }

  async signedIn(operator: SignedIn): Promise<void> {
    const { subject, roles, method } = operator;
    await this.unitOfWork.run(async (tx) => {
      await this.repository.signedIn(tx, operator);
      await this.audit.record(tx, {
        action: 'operator.signed_in',
        actor: { kind: 'token', id: subject },
        subject: { type: 'operator', id: subject },
        details: { method, roles },
      });
    });
  }

  /** Refused by every process within 20 seconds, mostly within milliseconds, whatever token they hold. */
  async disable(subject: string): Promise<Operator> {
    if (personOf(currentActor().id) === personOf(subject)) {
      throw new InterlockError('invalid_request', { message: 'Operators cannot disable themselves.' });
    }
    return this.switch(subject, 'operator.disabled', (tx, by) => this.repository.disable(tx, subject, by));
  }

  async enable(subject: string): Promise<Operator> {
    return this.switch(subject, 'operator.enabled', (tx) => this.repository.enable(tx, subject));
  }

  /** The session's tokens, also later ones; of a subject, those of sign-ins by then. A logout token counts once. */
  async endSessions(end: SessionEnd): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if (!(await this.repository.end(tx, end))) return;
      await this.revocations.announce(tx, CHANNEL, '');
      await this.audit.record(tx, {
        action: 'operator.session_ended',
        actor: { kind: 'system', id: 'openid_provider' },
        subject: { type: 'operator', id: end.subject ?? `session:${end.sessionId}` },
      });
    });
  }

  private async switch(
    subject: string,
    action: string,
    change: (tx: Tx, by: string) => Promise<boolean>,
  ): Promise<Operator> {
    await this.unitOfWork.run(async (tx) => {
      if (!(await change(tx, currentActor().id))) return;
      await this.revocations.announce(tx, CHANNEL, '');
      await this.audit.record(tx, { action, subject: { type: 'operator', id: subject } });
    });
    const operator = await this.repository.find(subject);
    if (!operator) throw new InterlockError('not_found');
    return operator;
  }
}

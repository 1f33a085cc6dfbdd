import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { type Holder, type KeyAct, refusalOf } from './delegation';
import { isUuid, type NodeActor } from './node-access';
import { NodeIntegrationRepository } from './store/node-integration.repository';

/** What a caller holds now: its token says what it was given, the row of its key what is left of that. */
@Injectable()
export class Holders {
  constructor(
    private readonly integrations: NodeIntegrationRepository,
    private readonly clock: Clock,
  ) {}

  /** The caller's own key stays as it is until the transaction ends. 401 when it has ended. */
  async of(tx: Tx, actor: NodeActor): Promise<Holder> {
    const given = givenByToken(actor);
    if (actor.admin) return given;
    const key = isUuid(actor.id) ? await this.integrations.holdRights(tx, actor.id) : null;
    const until = key ? key.expiresAt : actor.heldUntil;
    if (key?.deleted || (until !== null && until <= this.clock.now())) throw new InterlockError('unauthenticated');
    return { ...given, until, permissions: key ? shared(given.permissions, key.permissions) : given.permissions };
  }
}

/** What the token alone says, without its end: refuses at little cost what the transaction would refuse anyway. */
export function givenByToken({ admin, permissions }: NodeActor): Holder {
  return { admin, permissions, until: null };
}

/** @throws 403 with the reason. */
export function requireMay(holder: Holder, act: KeyAct): void {
  const refusal = refusalOf(holder, act);
  if (refusal !== null) throw new InterlockError('permission_denied', { message: refusal });
}

function shared(token: ReadonlySet<string>, key: readonly string[]): ReadonlySet<string> {
  return new Set(key.filter((permission) => token.has(permission)));
}

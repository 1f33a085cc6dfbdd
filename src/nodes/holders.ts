import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { isUuid } from '../platform/http';
import { bindingOf, delegationRefusal, mayBind, type Holder, type KeyOperation } from './delegation';
import type { NodeActor } from './node-access';
import { NodeIntegrationRepository, type HeldKey } from './store/node-integration.repository';

const ENDED = new Date(0);

/**
 * What a caller holds now: its token says what it was given, the row of its key what is left of that. What came from a
 * secret that a rotation replaced ends with that secret.
 */
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
    const key = isUuid(actor.id)
      ? await this.integrations.holdRights(tx, actor.id, isUuid(actor.tokenId) ? actor.tokenId : null)
      : null;
    const until = key ? earlier(key.expiresAt, secretEnd(key, actor)) : actor.heldUntil;
    if (key?.deleted || (until !== null && until <= this.clock.now())) throw new InterlockError('unauthenticated');
    return { ...given, until, permissions: key ? shared(given.permissions, key.permissions) : given.permissions };
  }
}

/** What the token alone says, without its end: refuses at little cost what the transaction would refuse anyway. */
export function givenByToken({ admin, permissions }: NodeActor): Holder {
  return { admin, permissions, until: null };
}

/** @throws 403 with the reason. */
export function requireMay(holder: Holder, operation: KeyOperation): void {
  const refusal = delegationRefusal(holder, operation);
  if (refusal !== null) throw new InterlockError('permission_denied', { message: refusal });
}

/** null: the secret that the token comes from is the present one. */
function secretEnd({ openedBySecret, secretNumber, previousSecretUntil }: HeldKey, actor: NodeActor): Date | null {
  // a token of ours that came from no secret holds no longer than it lasts
  if (openedBySecret === null) return actor.heldUntil;
  if (openedBySecret === secretNumber) return null;
  return (openedBySecret === secretNumber - 1 && previousSecretUntil) || ENDED;
}

function earlier(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other < one) ? other : one;
}

/** Whoever is given a bound node's secret acts for its merchant. @throws 403 */
export function requireMaySpeakFor(actor: NodeActor, node: Parameters<typeof bindingOf>[0]): void {
  if (mayBind(actor, bindingOf(node), actor.binding)) return;
  throw new InterlockError('permission_denied', {
    message:
      'A key of a node that is bound to a merchant and environment is given only to callers with the same binding.',
  });
}

function shared(token: ReadonlySet<string>, key: readonly string[]): ReadonlySet<string> {
  return new Set(key.filter((permission) => token.has(permission)));
}

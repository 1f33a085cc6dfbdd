import { isUuid, type Caller } from '../platform/http';
import { bindingOf, type Binding } from './delegation';

/** What a caller may do to the tree: nodes by reach, permissions and end as a ceiling for what it hands on. */
export interface NodeActor {
  /** The token's subject: of a node's token, the id of its key. */
  readonly id: string;
  /** Reaches every node and may grant every permission. */
  readonly admin: boolean;
  /** Each stands for itself and all of its descendants. */
  readonly nodeIds: readonly string[];
  readonly permissions: ReadonlySet<string>;
  /** When the token's right ends by itself; null: not known to end. The row of a key knows better. */
  readonly heldUntil: Date | null;
  /** Names its token among ours: the session of a node's token knows the secret that opened it. */
  readonly tokenId: string | null;
  /** The merchant and environment that it may act for itself. */
  readonly binding: Binding;
}

/** Nodes that may be seen: null is all of them. */
export type Reach = readonly string[] | null;

/** For the command line and the service's own operations. */
export const ADMINISTRATOR: NodeActor = {
  id: 'interlock',
  admin: true,
  nodeIds: [],
  permissions: new Set(),
  heldUntil: null,
  tokenId: null,
  binding: null,
};

export function nodeActor(caller: Caller): NodeActor {
  return {
    id: caller.id.toLowerCase(),
    admin: caller.roles.includes('admin'),
    // an outside issuer may name nodes of its own making
    nodeIds: caller.nodeIds.filter(isUuid).map((id) => id.toLowerCase()),
    permissions: new Set(caller.permissions),
    heldUntil: caller.heldUntil,
    tokenId: caller.tokenId,
    binding: bindingOf(caller),
  };
}

export function reachOf(actor: NodeActor): Reach {
  return actor.admin ? null : actor.nodeIds;
}

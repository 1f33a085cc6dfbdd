import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { IdempotentEffects } from '../idempotency';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { Environment } from '../platform/http';
import { bindingOf, mayBind } from './delegation';
import { Holders, requireMay } from './holders';
import { reachOf, type NodeActor } from './node-access';
import { NodeIntegrationRepository } from './store/node-integration.repository';
import { NodeRepository, type Listed, type Node, type NodePage, type NodeType } from './store/node.repository';
import { depthOf, isWithin, MAX_TREE_DEPTH, pathBelow } from './tree-path';

export interface NewNode {
  readonly parentId: string | null;
  readonly name: string;
  readonly type: NodeType;
  readonly merchantId: string | null;
  readonly environment: Environment | null;
}

export interface NodeChanges {
  readonly name?: string;
  /** null: to the root. */
  readonly parentId?: string | null;
}

const FOREIGN_KEY_VIOLATION = '23503';

export function nodeNotFound(): InterlockError {
  return new InterlockError('not_found', { message: 'Node not found' });
}

/** The tree. What an actor does not reach is not there for it. */
@Injectable()
export class NodeService {
  constructor(
    private readonly nodes: NodeRepository,
    private readonly integrations: NodeIntegrationRepository,
    private readonly holders: Holders,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly effects: IdempotentEffects,
  ) {}

  async get(actor: NodeActor, id: string): Promise<Node> {
    const node = await this.nodes.find(reachOf(actor), id);
    if (!node) throw nodeNotFound();
    return node;
  }

  list(actor: NodeActor, page: NodePage): Promise<Listed<Node>> {
    return this.nodes.list(reachOf(actor), page);
  }

  async children(actor: NodeActor, parentId: string, page: NodePage): Promise<Listed<Node>> {
    const children = await this.nodes.children(reachOf(actor), parentId, page);
    if (!children) throw nodeNotFound();
    return children;
  }

  async create(actor: NodeActor, input: NewNode): Promise<Node> {
    const earlier = await this.effects.recall<{ id: string }>();
    if (earlier) return this.get(actor, earlier.outcome.id);
    if (input.parentId === null) requireAdmin(actor);
    requireWholeBinding(input);
    const binding = bindingOf(input);
    try {
      return await this.unitOfWork.run(async (tx) => {
        await this.nodes.holdPaths(tx);
        const parent = await this.parentOf(tx, actor, input.parentId);
        const holder = await this.holders.of(tx, actor);
        if (!mayBind(holder, binding, parent && bindingOf(parent))) throw new InterlockError('permission_denied');
        requireDepth((parent ? depthOf(parent.path) : 0) + 1);
        const id = randomUUID();
        const node = await this.nodes.insert(tx, { ...input, id, path: pathBelow(parent?.path ?? null, id) });
        await this.record(tx, 'node.created', node, { parentId: node.parentId, type: node.type });
        await this.effects.keep(tx, { id });
        return node;
      });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION) {
        throw new InterlockError('not_found', { message: 'Merchant not found' });
      }
      throw error;
    }
  }

  async update(actor: NodeActor, id: string, changes: NodeChanges): Promise<Node> {
    return this.unitOfWork.run(async (tx) => {
      // before anything is read: what is read must still be so when the subtree is written
      if (changes.parentId !== undefined) await this.nodes.lockPaths(tx);
      const node = await this.nodes.lock(tx, reachOf(actor), id);
      if (!node) throw nodeNotFound();
      if (changes.name !== undefined && changes.name !== node.name) {
        await this.nodes.rename(tx, id, changes.name);
        await this.record(tx, 'node.renamed', node, {});
      }
      if (changes.parentId !== undefined && changes.parentId !== node.parentId) {
        await this.move(tx, actor, node, changes.parentId);
      }
      return (await this.nodes.read(tx, null, id))!;
    });
  }

  /** Whoever holds a key above the new place gains the subtree, and whoever holds one above the old place loses it. */
  private async move(tx: Tx, actor: NodeActor, node: Node, parentId: string | null): Promise<void> {
    if (parentId === null || node.parentId === null) requireAdmin(actor);
    const parent = await this.parentOf(tx, actor, parentId);
    // what is taken from a parent that the caller does not reach is not its own
    await this.parentOf(tx, actor, node.parentId);
    if (parent && isWithin(parent.path, node.path)) {
      throw new InterlockError('conflict', { message: 'A node cannot be moved below itself.' });
    }
    const path = pathBelow(parent?.path ?? null, node.id);
    const longest = await this.nodes.longestPathBelow(tx, node.path);
    requireDepth(depthOf(path) + depthOf(longest) - depthOf(node.path));
    const moved = await this.integrations.rightsMovedBy(tx, node.path, path);
    const holder = await this.holders.of(tx, actor);
    if (moved) requireMay(holder, { touches: [moved] });
    const nodes = await this.nodes.move(tx, node, parentId, path);
    await this.record(tx, 'node.moved', node, { from: node.parentId, to: parentId, nodes });
  }

  private async parentOf(tx: Tx, actor: NodeActor, parentId: string | null): Promise<Node | null> {
    if (parentId === null) return null;
    const parent = await this.nodes.read(tx, reachOf(actor), parentId);
    if (!parent) throw nodeNotFound();
    return parent;
  }

  private async record(tx: Tx, action: string, node: Node, details: Record<string, unknown>): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'node', id: node.id },
      merchantId: node.merchantId,
      environment: node.environment,
      details,
    });
  }
}

function requireWholeBinding({ merchantId, environment }: NewNode): void {
  if ((merchantId === null) === (environment === null)) return;
  throw InterlockError.invalidField(
    merchantId === null ? 'merchant_id' : 'environment',
    'must come with the other of merchant_id and environment',
  );
}

/** What has no parent belongs to the platform itself. */
function requireAdmin(actor: NodeActor): void {
  if (!actor.admin) throw new InterlockError('permission_denied');
}

function requireDepth(depth: number): void {
  if (depth > MAX_TREE_DEPTH) {
    throw InterlockError.invalidField('parent_id', `must leave the tree ${MAX_TREE_DEPTH} levels deep at most`);
  }
}

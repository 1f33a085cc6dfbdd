import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { EventLog } from '../events';
import { IdempotentEffects } from '../idempotency';
import { Clock } from '../platform/clock';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { generateCredential } from './credential-format';
import { endOf } from './delegation';
import { givenByToken, Holders, requireMay, requireMaySpeakFor } from './holders';
import { reachOf, type NodeActor } from './node-access';
import { nodeNotFound } from './node.service';
import { collapsePermissions } from './permissions';
import { RevokedTokens } from './revoked-tokens';
import { SecretHasher } from './secret-hasher';
import { NodeIntegrationRepository, type NodeIntegration } from './store/node-integration.repository';
import { NodeRepository, type Listed, type Node, type NodePage } from './store/node.repository';

export interface NewNodeIntegration {
  readonly nodeId: string;
  readonly name: string;
  readonly permissions: readonly string[];
  /** null: never; left out: when its maker ends. */
  readonly expiresAt?: Date | null;
}

/** What is left out stays as it is. */
export interface NodeIntegrationChanges {
  readonly name: string;
  readonly permissions?: readonly string[];
  readonly expiresAt?: Date | null;
}

/** The secret in clear is here once and nowhere else. */
export interface IssuedNodeIntegration {
  readonly integration: NodeIntegration;
  readonly secret: string;
}

export interface RotatedNodeIntegration extends IssuedNodeIntegration {
  /** Until when the old secret works; null: it does not. */
  readonly previousSecretUntil: Date | null;
}

const MAX_OVERLAP_SECONDS = 7 * 86_400;
const MAX_KEY_ATTEMPTS = 5;

/** API keys and secrets that belong to one node. */
@Injectable()
export class NodeIntegrationService {
  constructor(
    private readonly integrations: NodeIntegrationRepository,
    private readonly nodes: NodeRepository,
    private readonly holders: Holders,
    private readonly hasher: SecretHasher,
    private readonly endedTokens: RevokedTokens,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly events: EventLog,
    private readonly effects: IdempotentEffects,
    private readonly clock: Clock,
  ) {}

  async create(actor: NodeActor, input: NewNodeIntegration): Promise<IssuedNodeIntegration> {
    const earlier = await this.effects.recall<{ id: string }>();
    if (earlier) return { integration: await this.get(actor, earlier.outcome.id), secret: earlier.secret! };
    const { nodeId, name } = input;
    const permissions = collapsePermissions(input.permissions);
    this.requireFuture(input.expiresAt ?? null);
    const found = await this.nodes.find(reachOf(actor), nodeId);
    if (!found) throw nodeNotFound();
    requireMaySpeakFor(actor, found);
    requireMay(givenByToken(actor), { hands: [{ permissions, expiresAt: null }] });
    if (await this.integrations.nameIsTaken(nodeId, name)) throw nameTaken();
    const secret = generateCredential('secret');
    // neither a connection nor a lock is held while the hash is made
    const secretHash = await this.hasher.hash(actor.id, secret);
    const sealed = await this.effects.seal(secret);
    const integration = await this.unitOfWork.run(async (tx) => {
      const node = await this.nodes.lock(tx, reachOf(actor), nodeId);
      if (!node) throw nodeNotFound();
      const holder = await this.holders.of(tx, actor);
      const expiresAt = endOf(holder, input.expiresAt);
      requireMay(holder, { hands: [{ permissions, expiresAt }] });
      if (await this.integrations.othersHaveName(tx, nodeId, name, null)) throw nameTaken();
      const created = await this.insert(tx, { nodeId, name, permissions, expiresAt, secretHash });
      await this.record(tx, 'node_integration.created', node, created);
      await this.effects.keep(tx, { id: created.id }, sealed);
      return created;
    });
    return { integration, secret };
  }

  async list(actor: NodeActor, nodeId: string, page: NodePage): Promise<Listed<NodeIntegration>> {
    const listed = await this.integrations.list(reachOf(actor), nodeId, page);
    if (!listed) throw nodeNotFound();
    return listed;
  }

  async get(actor: NodeActor, id: string): Promise<NodeIntegration> {
    const integration = await this.integrations.find(reachOf(actor), id);
    if (!integration) throw integrationNotFound();
    return integration;
  }

  async update(actor: NodeActor, id: string, changes: NodeIntegrationChanges): Promise<void> {
    const wanted = changes.permissions && collapsePermissions(changes.permissions);
    this.requireFuture(changes.expiresAt ?? null);
    await this.change(actor, id, async (tx, node, current) => {
      const next = {
        name: changes.name,
        permissions: wanted ?? current.permissions,
        expiresAt: changes.expiresAt === undefined ? current.expiresAt : changes.expiresAt,
      };
      // a repetition of what was done already
      if (isSame(next, current)) return;
      requireMay(await this.holders.of(tx, actor), { hands: [next], touches: [current] });
      const willLive = next.expiresAt === null || next.expiresAt > this.clock.now();
      if (willLive && (await this.integrations.othersHaveName(tx, node.id, next.name, id))) throw nameTaken();
      // live tokens carry the old permissions and the old end
      const endTokens = isNarrower(next, current);
      await this.integrations.update(tx, id, next, { endTokens });
      if (endTokens) await this.endedTokens.announce(tx, id);
      await this.record(tx, 'node_integration.updated', node, { ...current, ...next });
    });
  }

  /** The row stays, as evidence; the key stops authenticating at once, its live tokens with it. */
  async remove(actor: NodeActor, id: string): Promise<void> {
    await this.change(actor, id, async (tx, node, current) => {
      requireMay(await this.holders.of(tx, actor), { touches: [current] });
      await this.integrations.remove(tx, id);
      await this.endedTokens.announce(tx, id);
      await this.record(tx, 'node_integration.deleted', node, current);
    });
  }

  /** The secret opens everything that the integration may: it is for a caller that holds all of that itself. */
  async rotateSecret(
    actor: NodeActor,
    id: string,
    options: { overlapSeconds: number },
  ): Promise<RotatedNodeIntegration> {
    const { overlapSeconds } = options;
    if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
      throw InterlockError.invalidField('overlap_seconds', `must be an integer from 0 to ${MAX_OVERLAP_SECONDS}`);
    }
    const found = await this.get(actor, id);
    const earlier = await this.effects.recall<{ previousSecretUntil: string | null }>();
    if (earlier) {
      const { previousSecretUntil: until } = earlier.outcome;
      return {
        integration: found,
        secret: earlier.secret!,
        previousSecretUntil: until === null ? null : new Date(until),
      };
    }
    requireMay(givenByToken(actor), { touches: [found] });
    const secret = generateCredential('secret');
    const secretHash = await this.hasher.hash(actor.id, secret);
    const sealed = await this.effects.seal(secret);
    return this.change(actor, id, async (tx, node, current) => {
      requireMaySpeakFor(actor, node);
      requireMay(await this.holders.of(tx, actor), { touches: [current] });
      const previousSecretUntil = await this.integrations.replaceSecret(tx, id, secretHash, overlapSeconds);
      if (overlapSeconds === 0) await this.endedTokens.announce(tx, id);
      await this.record(tx, 'node_integration.secret_rotated', node, current, { overlapSeconds });
      await this.effects.keep(tx, { previousSecretUntil }, sealed);
      return { integration: current, secret, previousSecretUntil };
    });
  }

  /** Locks the node before the integration, as creating does: two operations on one node never wait in a ring. */
  private async change<T>(
    actor: NodeActor,
    id: string,
    work: (tx: Tx, node: Node, current: NodeIntegration) => Promise<T>,
  ): Promise<T> {
    const { nodeId } = await this.get(actor, id);
    return this.unitOfWork.run(async (tx) => {
      const node = await this.nodes.lock(tx, reachOf(actor), nodeId);
      const current = node && (await this.integrations.lock(tx, id));
      if (!current) throw integrationNotFound();
      return work(tx, node, current);
    });
  }

  /** A key that another one has already is as likely as two equal grains of sand; it must not surface all the same. */
  private async insert(
    tx: Tx,
    row: Omit<NodeIntegration, 'id' | 'apiKey' | 'createdAt'> & { secretHash: string },
  ): Promise<NodeIntegration> {
    for (let attempt = 1; attempt <= MAX_KEY_ATTEMPTS; attempt++) {
      const apiKey = generateCredential('apiKey');
      const created = await this.integrations.insert(tx, { ...row, id: randomUUID(), apiKey });
      if (created) return created;
    }
    throw new Error('every generated API key was there already: the random source is broken');
  }

  private requireFuture(expiresAt: Date | null): void {
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw InterlockError.invalidField('expires_at', 'must be in the future');
    }
  }

  private async record(
    tx: Tx,
    action: string,
    node: Node,
    integration: NodeIntegration,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'node_integration', id: integration.id },
      merchantId: node.merchantId,
      environment: node.environment,
      details: {
        nodeId: node.id,
        permissions: integration.permissions,
        expiresAt: integration.expiresAt?.toISOString() ?? null,
        ...details,
      },
    });
    const { merchantId, environment } = node;
    const type = TOLD[action];
    if (type === undefined || merchantId === null || environment === null) return;
    const told = { nodeIntegrationId: integration.id, nodeId: node.id };
    this.events.append(tx, { merchantId, environment }, type, told);
  }
}

/** The acts that the merchant of the node is told of. */
const TOLD: Readonly<
  Record<string, 'node_integration.created' | 'node_integration.rotated' | 'node_integration.deleted'>
> = {
  'node_integration.created': 'node_integration.created',
  'node_integration.secret_rotated': 'node_integration.rotated',
  'node_integration.deleted': 'node_integration.deleted',
};

type Rights = Pick<NodeIntegration, 'permissions' | 'expiresAt'>;

function isSame(next: Rights & { name: string }, current: Rights & { name: string }): boolean {
  const { permissions } = next;
  return (
    next.name === current.name &&
    endsAt(next) === endsAt(current) &&
    permissions.length === current.permissions.length &&
    permissions.every((each, index) => each === current.permissions[index])
  );
}

const endsAt = ({ expiresAt }: Rights): number => expiresAt?.getTime() ?? Infinity;

function isNarrower(next: Rights, current: Rights): boolean {
  return endsAt(next) < endsAt(current) || !current.permissions.every((each) => next.permissions.includes(each));
}

function nameTaken(): InterlockError {
  return new InterlockError('conflict', { message: 'API key already exists for this node' });
}

function integrationNotFound(): InterlockError {
  return new InterlockError('not_found', { message: 'Integration not found' });
}

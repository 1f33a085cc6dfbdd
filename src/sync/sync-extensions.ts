import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import type { Tx } from '../platform/database';
import type { RunKind } from './run';
import type { RunHandler } from './run-handler';

/** Removes what a module keeps about an integration. Runs in the erasing run's last transaction, under the row lock. */
export type DataEraser = (tx: Tx, integration: Integration) => Promise<void>;

/** Of these runs of pushes, those that have something left that a retry would push. */
export type OpenPushes = (tx: Tx, runIds: readonly string[]) => Promise<readonly string[]>;

/**
 * What modules add to the engine while they start: kinds of run, and what else goes when an integration's data is
 * erased.
 */
@Injectable()
export class SyncExtensions {
  private readonly handlers = new Map<RunKind, RunHandler>();
  private readonly erasers: DataEraser[] = [];
  private openPushes: OpenPushes | null = null;

  registerHandler(handler: RunHandler): void {
    if (this.handlers.has(handler.kind)) throw new Error(`two handlers for runs of kind ${handler.kind}`);
    this.handlers.set(handler.kind, handler);
  }

  handlerOf(kind: RunKind): RunHandler {
    const handler = this.handlers.get(kind);
    if (!handler) throw new Error(`no handler for runs of kind ${kind}`);
    return handler;
  }

  registerOpenPushes(openPushes: OpenPushes): void {
    this.openPushes = openPushes;
  }

  async runsWithOpenPushes(tx: Tx, runIds: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(runIds.length === 0 ? [] : await this.openPushes?.(tx, runIds));
  }

  registerEraser(eraser: DataEraser): void {
    this.erasers.push(eraser);
  }

  async eraseAll(tx: Tx, integration: Integration): Promise<void> {
    for (const eraser of this.erasers) await eraser(tx, integration);
  }
}

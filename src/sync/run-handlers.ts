import { Injectable } from '@nestjs/common';
import type { RunKind } from './run';
import type { RunHandler } from './run-handler';

/** The kinds of run that this installation knows. Modules register theirs while they start. */
@Injectable()
export class RunHandlers {
  private readonly handlers = new Map<RunKind, RunHandler>();

  register(handler: RunHandler): void {
    if (this.handlers.has(handler.kind)) throw new Error(`two handlers for runs of kind ${handler.kind}`);
    this.handlers.set(handler.kind, handler);
  }

  get(kind: RunKind): RunHandler {
    const handler = this.handlers.get(kind);
    if (!handler) throw new Error(`no handler for runs of kind ${kind}`);
    return handler;
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { groupedBy } from '../platform/collections';
import type { Tx } from '../platform/database';
import type { EventData, EventType } from './event-catalogue';
import type { EventScope } from './event-scope';
import { EventRepository, type NewEvent } from './store/event.repository';

interface ScopedEvent extends NewEvent {
  readonly scope: EventScope;
}

/** Events of one statement. */
const PART = 500;

/**
 * What happened, for whoever wants to know: an act appends its event in its own transaction, so both commit or neither
 * does. One log for each merchant and environment, in the order of the commits.
 */
@Injectable()
export class EventLog {
  /** Of each transaction under way: written as its last statement, so that the log's row is the last lock it takes. */
  private readonly collected = new WeakMap<Tx, ScopedEvent[]>();

  constructor(private readonly events: EventRepository) {}

  append<T extends EventType>(tx: Tx, { merchantId, environment }: EventScope, type: T, data: EventData<T>): void {
    const event = { scope: { merchantId, environment }, id: randomUUID(), type, data };
    const events = this.collected.get(tx);
    if (events) return void events.push(event);
    this.collected.set(tx, [event]);
    tx.beforeCommit(() => this.write(tx));
  }

  private async write(tx: Tx): Promise<void> {
    const events = this.collected.get(tx) ?? [];
    const logs = groupedBy(events, ({ scope }) => `${scope.merchantId}/${scope.environment}`);
    this.collected.delete(tx);
    // in one order, so that two that write to several logs do not wait in a ring
    for (const [, ofOne] of [...logs].sort(([left], [right]) => (left < right ? -1 : 1))) {
      // in parts, so that what one act tells does not hold the event loop
      for (let from = 0; from < ofOne.length; from += PART) {
        await this.events.append(tx, ofOne[0]!.scope, ofOne.slice(from, from + PART));
      }
    }
  }
}

/** The members of `data` that say which integration an event is about. */
export function aboutIntegration<P>({ id, provider }: { readonly id: string; readonly provider: P }): {
  readonly integrationId: string;
  readonly provider: P;
} {
  return { integrationId: id, provider };
}

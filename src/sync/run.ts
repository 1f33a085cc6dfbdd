import type { ResourceType } from '../providers';

export type RunKind = 'sync' | 'push' | 'erase';
export type RunLane = 'sync' | 'push';
export type RunTrigger = 'scheduled' | 'manual' | 'single_retry' | 'batch_retry';
export type RunState = 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A run as its worker holds it: the lease's fence is what every commit checks. */
export interface LeasedRun {
  readonly id: string;
  readonly integrationId: string;
  readonly kind: RunKind;
  readonly lane: RunLane;
  readonly trigger: RunTrigger;
  readonly fullResync: boolean;
  readonly probe: boolean;
  /** null: all that the integration's settings ask for. */
  readonly resources: readonly ResourceType[] | null;
  readonly attempt: number;
  /**
   * A person asked for it: it may ask the provider once, although the provider has told all to stay away for a while.
   */
  readonly insists: boolean;
  /** Workers that ended without a word while they held it, since it last yielded. */
  readonly deaths: number;
  /** How often in a row it has met a gate that was closed to all. */
  readonly gateWaits: number;
  /** Which attempt of the same work this is, for the log: retries count on. */
  readonly retryAttempt: number;
  readonly fence: number;
  readonly dueAt: Date;
  /** The span that asked for the run (W3C); null for what the schedule began. */
  readonly traceParent: string | null;
  /** The database's clock when the lease was taken. */
  readonly leasedAt: Date;
  /** Of the integration, then. */
  readonly epoch: number;
  /** Records of a former account were left then: they leave the feed first. */
  readonly formerRecords: boolean;
  /** Then the provider's breaker was open, or this merchant had failed lately: the run asks, and says that it works. */
  readonly providerTrouble: boolean;
}

export const LANE_OF_KIND: Readonly<Record<RunKind, RunLane>> = { sync: 'sync', erase: 'sync', push: 'push' };

/** What an attempt of a run leaves in its row. */
export interface RunUse {
  /** Of the provider. */
  readonly calls: number;
  /** The span of the attempt (W3C); null while traces are off. */
  readonly traceParent: string | null;
}

/** The lease was lost, the run cancelled or its fence passed: whatever was being done must not be written. */
export class FencedOut extends Error {
  constructor() {
    super('the run is no longer held by this worker');
    this.name = 'FencedOut';
  }
}

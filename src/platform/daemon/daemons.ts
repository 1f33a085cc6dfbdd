import { Injectable, Optional } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Metrics } from '../metrics/metrics';

/** The process's daemons, and when each came round last. */
@Injectable()
export class Daemons {
  /** Monotonic, in milliseconds; of those alone without which the process is of no use. */
  private readonly cameRound = new Map<string, number>();
  private readonly abandonedTicks: Counter | undefined;

  constructor(@Optional() metrics?: Metrics) {
    this.abandonedTicks = metrics?.counter('daemon_ticks_abandoned_total', 'Ticks that took longer than their limit.', [
      'daemon',
    ]);
  }

  /** A tick has ended, well or badly; or the daemon has begun. */
  roundEnded(name: string): void {
    this.cameRound.set(name, performance.now());
  }

  abandoned(name: string): void {
    this.abandonedTicks?.inc({ daemon: name });
  }

  stopped(name: string): void {
    this.cameRound.delete(name);
  }

  /** Those that have not come round for so long, and for how long. */
  silentFor(ms: number): { name: string; silentMs: number }[] {
    const now = performance.now();
    return [...this.cameRound]
      .map(([name, at]) => ({ name, silentMs: now - at }))
      .filter(({ silentMs }) => silentMs > ms);
  }
}

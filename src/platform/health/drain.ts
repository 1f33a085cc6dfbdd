import { Injectable, Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Knows that the process is stopping, who must be told first, and which requests are still being served. */
@Injectable()
export class Drain {
  private readonly logger = new Logger('drain');
  private readonly listeners: (() => void)[] = [];
  private readonly inFlight = new Set<Response>();
  private idle: (() => void) | null = null;
  private begun = false;

  /** From here on no new work is taken; work in hand goes on. */
  get started(): boolean {
    return this.begun;
  }

  /**
   * Called the moment the process is told to stop, long before the shutdown hooks: to stop taking work, not to wait.
   */
  onStart(listener: () => void): void {
    this.listeners.push(listener);
  }

  start(): void {
    if (this.begun) return;
    this.begun = true;
    for (const response of this.inFlight) askToClose(response);
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        this.logger.error({ msg: 'a drain listener failed', err: error });
      }
    }
  }

  /** Express middleware, before everything that answers. */
  readonly track = (_request: Request, response: Response, next: NextFunction): void => {
    this.inFlight.add(response);
    response.once('close', () => {
      this.inFlight.delete(response);
      if (this.inFlight.size === 0) this.idle?.();
    });
    if (this.begun) askToClose(response);
    next();
  };

  /** Resolves when no request is being served. */
  async requestsServed(): Promise<void> {
    if (this.inFlight.size === 0) return;
    await new Promise<void>((resolve) => (this.idle = resolve));
  }
}

/** A connection kept alive would bring the next request to a process that is leaving. */
function askToClose(response: Response): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import type { Account } from './account';
import { injectFault } from './fault-injection';
import type { FaultRule } from './fault-rules';
import type { SimulatorSettings } from './settings';

/** What a provider does with calls, apart from what every simulator does in the same way. */
export interface ProviderBehaviour {
  /** The path without what is optional in it (`/api`, `/v1`). */
  normalise(path: string): string;
  apiKeyOf(headers: IncomingHttpHeaders): string | undefined;
  /** The account that may make the call; answers itself and returns nothing when there is none. */
  authenticate(exchange: Exchange, account: Account | undefined): Account | undefined;
  /** `settings` are absent where a fault speaks. */
  errorBody(status: number, message: string, settings?: SimulatorSettings): object;
  /** The HTTP status of a failure, where it may differ from the one in the body. */
  httpStatusOf?(status: number, settings: SimulatorSettings): number;
  handle(exchange: Exchange, account: Account): void;
}

/** One call being answered. */
export class Exchange {
  /** Spoils the answer after the call has taken effect. */
  spoiledBy: FaultRule | undefined;

  constructor(
    readonly req: Request,
    readonly res: Response,
    readonly path: string,
    readonly query: URLSearchParams,
    readonly settings: SimulatorSettings,
    private readonly behaviour: ProviderBehaviour,
  ) {}

  get method(): string {
    return this.req.method;
  }

  get body(): unknown {
    return this.req.body;
  }

  reply(status: number, body: object): void {
    const answer = JSON.stringify(body);
    this.res.statusCode = status;
    if (this.spoiledBy) {
      injectFault(
        this.res,
        this.spoiledBy,
        answer,
        this.behaviour.errorBody(this.spoiledBy.status ?? 500, 'Server error'),
      );
      return;
    }
    this.res.setHeader('Content-Type', 'application/json; charset=utf-8');
    this.res.end(answer);
  }

  fail(status: number, message: string): void {
    this.reply(
      this.behaviour.httpStatusOf?.(status, this.settings) ?? status,
      this.behaviour.errorBody(status, message, this.settings),
    );
  }

  /** The address of this call with another page in it. */
  urlOfPage(page: number): string {
    const url = new URL(this.req.originalUrl, `${this.req.protocol}://${this.req.get('host') ?? 'localhost'}`);
    url.searchParams.set('page', String(page));
    return url.href;
  }
}

import type { Dispatcher } from 'undici';
import type { AnswerPace } from './answer-pace';
import { ACCEPTED_ENCODINGS } from './body-reader';
import { checkDestination, DestinationRefused, type Destination, type DestinationPolicy } from './destination';
import { parseAnswer } from './json-answer';
import { maskProviderMessage } from './masking';
import { networkFailure } from './network-failure';
import type { Classification, OutboundRequest, OutboundResponse } from './outbound-http';
import type { RateBudget } from './rate-budget';
import { isRead, mayRepeat, nextWaitMs, retryAfterMs } from './retry-policy';
import { ProviderFailure, type Verdict } from './verdict';
import { exchange, WireError, type WireAnswer } from './wire-exchange';

/** The facts of one attempt; no URL, no header, no body. */
export interface CallMetrics {
  readonly method: string;
  readonly status: number | null;
  /** null: the answer was good. */
  readonly verdict: Verdict | 'gone' | 'aborted' | null;
  readonly durationMs: number;
  /** From 1. */
  readonly attempt: number;
  /** Of the answer, on the wire. */
  readonly bytes: number;
}

export interface CallTools {
  readonly headersTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxBytes: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  dispatcherFor(destination: Destination, method: OutboundRequest['method']): Dispatcher;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly budget: RateBudget | null;
  readonly mayDispatch?: () => void;
  readonly onCall?: (metrics: CallMetrics) => void;
  /** null: large answers are not spread. */
  readonly pace: AnswerPace | null;
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** One `request()`: its attempts, the hops of each attempt, and the classification of what came back. */
export class GuardedCall {
  private readonly headers: Record<string, string>;
  private readonly body: string | null;
  private status: number | null = null;
  private bytes = 0;

  constructor(
    private readonly request: OutboundRequest,
    private readonly policy: DestinationPolicy,
    private readonly options: CallOptions,
    private readonly tools: CallTools,
  ) {
    const { body, form } = request;
    this.body =
      form !== undefined ? new URLSearchParams(form).toString() : body === undefined ? null : JSON.stringify(body);
    this.headers = {
      accept: 'application/json',
      'accept-encoding': ACCEPTED_ENCODINGS,
      'user-agent': 'Interlock',
      ...(this.body === null ? {} : { 'content-type': form === undefined ? 'application/json' : FORM_TYPE }),
      ...lowerCased(request.headers),
    };
  }

  async run(): Promise<OutboundResponse> {
    const { now, random, sleep } = this.tools;
    // waiting for the budget is not the provider's slowness: it does not use up the time for retries
    let elapsedMs = 0;
    for (let retries = 0; ; retries += 1) {
      await this.waitForBudget();
      const started = now();
      try {
        const response = await this.attempt();
        this.report(retries + 1, started, response.gone ? 'gone' : null);
        return response;
      } catch (error) {
        this.report(retries + 1, started, error instanceof ProviderFailure ? error.verdict : 'aborted');
        if (!(error instanceof ProviderFailure) || !mayRepeat(this.request, error)) throw error;
        elapsedMs += now() - started;
        const waitMs = nextWaitMs(error, retries, elapsedMs, random);
        if (waitMs === null) throw error;
        await this.unsent(() => sleep(waitMs, this.options.signal));
        elapsedMs += waitMs;
      }
    }
  }

  private waitForBudget(): Promise<void> {
    const { signal, budget } = this.options;
    return this.unsent(async () => {
      signal.throwIfAborted();
      await this.options.pace?.wait((ms) => this.tools.sleep(ms, signal));
      await budget?.acquire(signal);
    });
  }

  /** What a wait before an attempt is broken off by says to callers that must know it: this call has had no effect. */
  private async unsent(wait: () => Promise<void>): Promise<void> {
    try {
      await wait();
    } catch (cause) {
      if (isRead(this.request) || cause instanceof ProviderFailure) throw cause;
      throw new ProviderFailure('network', 'The call was cancelled before it was sent.', {
        nothingSent: true,
        ours: true,
        cause,
      });
    }
  }

  private async attempt(): Promise<OutboundResponse> {
    this.status = null;
    this.bytes = 0;
    const deadline = this.tools.now() + this.tools.totalTimeoutMs;
    let destination = checkDestination(this.request.url, this.policy);
    for (let hop = 0; ; hop += 1) {
      const answer = await this.send(destination, deadline);
      this.status = answer.status;
      this.bytes += answer.bytes;
      if (Buffer.isBuffer(answer.body)) this.options.pace?.took(answer.body.length);
      const location = answer.headers['location'];
      if (!REDIRECTS.has(answer.status) || location === undefined) return this.classify(answer);
      if (hop >= MAX_REDIRECTS) throw this.failure('contract', 'The provider redirects without end.', answer);
      destination = this.redirected(destination, location);
      await this.waitForBudget();
    }
  }

  /**
   * Only to the same origin, and only what may be repeated: a key must not travel, and a POST must not be sent twice.
   */
  private redirected(from: Destination, location: string): Destination {
    if (this.request.method !== 'GET') throw new DestinationRefused('redirect');
    let target: URL;
    try {
      target = new URL(location, from.url);
    } catch {
      throw new DestinationRefused('redirect');
    }
    if (target.origin !== from.url.origin) throw new DestinationRefused('redirect');
    return checkDestination(target.href, this.policy);
  }

  private async send(destination: Destination, deadline: number): Promise<WireAnswer> {
    try {
      return await exchange(this.tools.dispatcherFor(destination, this.request.method), {
        url: destination.url,
        method: this.request.method,
        headers: this.headers,
        body: this.body,
        headersTimeoutMs: this.tools.headersTimeoutMs,
        totalTimeoutMs: Math.max(deadline - this.tools.now(), 1),
        maxBytes: Math.min(this.request.maxBytes ?? Infinity, this.tools.maxBytes),
        signal: this.options.signal,
        mayDispatch: this.request.method === 'GET' ? null : (this.options.mayDispatch ?? null),
      });
    } catch (error) {
      throw error instanceof WireError ? networkFailure(error) : error;
    }
  }

  /** Status before content type: the adapter classifies first, and only a good answer must be JSON. */
  private async classify(answer: WireAnswer): Promise<OutboundResponse> {
    const parsed = await parseAnswer(answer, this.request);
    const { status, headers } = answer;
    const classified = this.request.classify({ status, headers, body: parsed.body });
    if (classified !== null && classified.verdict !== 'gone') throw this.failureOf(classified, answer);
    if (classified === null) {
      if (status < 200 || status > 299) throw this.failure('contract', `The provider answered ${status}.`, answer);
      if (parsed.problem !== null) {
        const addressRule = parsed.isWebPage ? 'must lead to the provider’s API, not to a web page' : null;
        throw this.failure('contract', parsed.problem, answer, { tooLarge: parsed.tooLarge, addressRule });
      }
    }
    const date = Date.parse(headers['date'] ?? '');
    return {
      status,
      headers,
      body: parsed.body,
      tooDeep: parsed.tooDeep ?? false,
      elements: parsed.elements ?? null,
      providerTime: Number.isNaN(date) ? null : new Date(date),
      gone: classified !== null,
    };
  }

  private failureOf(classified: Classification, answer: WireAnswer): ProviderFailure {
    const verdict = classified.verdict as Verdict;
    return this.failure(verdict, MESSAGES[verdict], answer, classified);
  }

  private failure(
    verdict: Verdict,
    message: string,
    answer: WireAnswer,
    {
      providerMessage = null,
      tooLarge,
      addressRule,
    }: { providerMessage?: string | null; tooLarge?: boolean; addressRule?: string | null } = {},
  ): ProviderFailure {
    return new ProviderFailure(verdict, message, {
      status: answer.status,
      tooLarge,
      addressRule,
      providerMessage: maskProviderMessage(providerMessage, [
        ...Object.values(this.request.headers),
        ...(this.request.secrets ?? []),
      ]),
      retryAfterMs: retryAfterMs(answer.headers, this.tools.now()),
    });
  }

  private report(attempt: number, started: number, verdict: CallMetrics['verdict']): void {
    this.options.onCall?.({
      method: this.request.method,
      status: this.status,
      verdict,
      durationMs: this.tools.now() - started,
      attempt,
      bytes: this.bytes,
    });
  }
}

const MESSAGES: Readonly<Record<Verdict, string>> = {
  auth: 'The provider rejected the credentials.',
  permission: 'The provider refused: the credentials lack a permission.',
  rate_limited: 'The provider’s rate limit was reached.',
  provider_down: 'The provider answered with an error.',
  network: 'The provider could not be reached.',
  contract: 'The provider’s answer cannot be understood.',
  configuration: 'The provider did not understand the request.',
  internal: 'The call went wrong on our side.',
};

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

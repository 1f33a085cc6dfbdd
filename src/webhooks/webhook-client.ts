import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { DestinationRefused, GuardedHttpClient, maskText, ProviderFailure, retryAfterMs } from '../platform/outbound';
import { LONGEST_WISH_MS, resultOf, type DeliveryResult } from './delivery-rules';
import type { WebhookEndpoint } from './endpoint';
import { signedHeaders, type Signer } from './endpoint-secret';

const SHOWN_ANSWER_LENGTH = 1_024;
/** Masking takes longer the longer a run is: no answer may hold up the others. */
const MASKED_ANSWER_LENGTH = 2_048;
/** What the beginning of a cut secret or address, and of a cut number, is made of. */
const CUT_OFF = [/[^\s"'<>,;]/, /[\d\s().+-]/];

export interface Delivery {
  readonly result: DeliveryResult;
  readonly attemptedAt: Date;
  readonly durationMs: number;
  /** The first kilobyte, masked; null: none. */
  readonly answer: string | null;
}

export interface Message {
  readonly id: string;
  readonly body: string;
}

/** Sends one signed message to an endpoint, once. */
@Injectable()
export class WebhookClient {
  constructor(
    private readonly http: GuardedHttpClient,
    private readonly config: AppConfig,
  ) {}

  /** Throws what `signal` was aborted with, and nothing else that happens on the way. */
  async send(
    endpoint: WebhookEndpoint,
    signers: readonly Signer[],
    message: Message,
    control: { readonly signal: AbortSignal; readonly mayDispatch: () => void },
  ): Promise<Delivery> {
    const attemptedAt = new Date();
    const begun = performance.now();
    const done = (result: DeliveryResult, answer: string | null): Delivery => ({
      result,
      attemptedAt,
      durationMs: Math.round(performance.now() - begun),
      answer,
    });
    const timestamp = Math.floor(attemptedAt.getTime() / 1000);
    try {
      const { status, headers, body } = await this.http.post({
        url: endpoint.url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Interlock',
          ...(await signedHeaders(signers, { ...message, timestamp }, endpoint.mirroredSignature)),
        },
        body: message.body,
        timeoutMs: this.config.webhooks.timeoutMs,
        owner: endpoint.merchantId,
        ...control,
      });
      const wait = retryAfterMs(headers, Date.now(), LONGEST_WISH_MS);
      return done(resultOf(status, wait), shown(body));
    } catch (error) {
      if (control.signal.aborted) throw control.signal.reason;
      if (!(error instanceof ProviderFailure)) throw error;
      const message = error instanceof DestinationRefused ? `The URL ${error.message}.` : error.message;
      const { timedOut } = error;
      return done({ kind: 'failed', status: null, message, timedOut, retryAfterMs: null }, null);
    }
  }
}

/** What PostgreSQL and people can read of an answer; masked before it is cut, so that no half of a secret survives. */
export function shown(body: Buffer | null): string | null {
  if (body === null || body.length === 0) return null;
  const isCut = body.length > MASKED_ANSWER_LENGTH;
  const text = body.subarray(0, MASKED_ANSWER_LENGTH).toString('utf8').toWellFormed();
  return (
    maskText(isCut ? withoutLastWord(text) : text, [])
      .slice(0, SHOWN_ANSWER_LENGTH)
      .toWellFormed() || null
  );
}

function withoutLastWord(text: string): string {
  let end = text.length;
  for (const characters of CUT_OFF) while (end > 0 && characters.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

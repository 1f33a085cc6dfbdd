import type { JsonElement } from './json-list';
import type { Verdict } from './verdict';

/** The guarded outbound client, bound to one integration: its address policy, rate budget, abort signal and retries. */
export interface OutboundHttp {
  request(request: OutboundRequest): Promise<OutboundResponse>;
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /** Authentication goes here; never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form, instead of `body`. */
  readonly form?: Readonly<Record<string, string>>;
  /** It changes nothing, although its method may: it is repeated as a GET is. */
  readonly isRead?: boolean;
  /** What no message of a failure may show, beside the values of the headers. */
  readonly secrets?: readonly string[];
  /** A good answer may have no body at all, as some APIs answer a write. Otherwise it must be JSON. */
  readonly acceptEmpty?: boolean;
  /** Cap of the decompressed answer in bytes, below the client's own: what is asked while somebody waits is small. */
  readonly maxBytes?: number;
  /**
   * Where a good answer has the array whose elements are to be left unparsed: a path of members (`data.rows`), or `$`
   * for the answer itself. The response has them as `elements`.
   */
  readonly list?: string;
  /**
   * Classifies the answer, status before content type: null when it is good. `body` is the parsed JSON, or undefined
   * when it is not JSON. Called for every answer, also for status 200, because some providers put errors there.
   */
  classify(answer: { status: number; headers: Readonly<Record<string, string>>; body: unknown }): Classification | null;
}

export interface Classification {
  readonly verdict: Verdict | 'gone';
  /** The provider's own words, unmasked: the client masks and cuts them. */
  readonly providerMessage?: string | null;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** `body` is deeper than anybody needs: whatever walks it must not recurse. */
  readonly tooDeep?: boolean;
  /**
   * The elements of the array that the request named, as they came; each may still prove not to be JSON
   * (`parseJsonBody`). In `body` that array is empty. null: none was named, or the answer has no such array in a form
   * that can be told apart, and `body` is all of it.
   */
  readonly elements: readonly JsonElement[] | null;
  /** The provider's own clock: its `Date` header. */
  readonly providerTime: Date | null;
  /** `classify` said `gone`: the resource does not exist (404). Every other class is thrown as a ProviderFailure. */
  readonly gone: boolean;
}

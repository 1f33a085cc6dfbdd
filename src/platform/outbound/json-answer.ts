import { asUtf8, UnknownText } from './body-charset';
import { NotUtf8, parseJsonBody } from './json-body';
import { parseJsonList, type JsonElement } from './json-list';
import { isTooDeep, JsonTooLarge } from './json-shape';
import type { OutboundRequest } from './outbound-http';
import type { WireAnswer } from './wire-exchange';

export interface ParsedAnswer {
  /** undefined: it is no JSON. */
  readonly body: unknown;
  readonly tooDeep?: boolean;
  readonly elements?: readonly JsonElement[] | null;
  /** Why this is no good answer, whatever its status; null: it is one. */
  readonly problem: string | null;
  /** The problem is its size. */
  readonly tooLarge?: boolean;
  /** The problem is that people, and not programs, read it. */
  readonly isWebPage?: boolean;
}

const JSON_TYPE = /^(application|text)\/([\w.-]+\+)?json\s*(;|$)/i;
const WEB_PAGE_TYPE = /^(text\/html|application\/xhtml\+xml)\s*(;|$)/i;
const WEB_PAGE = /^\s*<(!doctype html|html)\b/i;

/** The parsed body of an answer, if it is JSON. */
export async function parseAnswer(answer: WireAnswer, { acceptEmpty, list }: OutboundRequest): Promise<ParsedAnswer> {
  if (answer.body === 'too_large') return { ...notGood('is too large'), tooLarge: true };
  if (answer.body === 'unreadable') return notGood('cannot be decompressed');
  if (answer.body.length === 0) {
    return acceptEmpty === true ? { body: undefined, problem: null } : notGood('is empty');
  }
  const type = answer.headers['content-type'];
  try {
    if (type !== undefined && !JSON_TYPE.test(type)) {
      return WEB_PAGE_TYPE.test(type) ? webPage('not JSON') : notGood('is not JSON');
    }
    const body = asUtf8(answer.body, type);
    if (WEB_PAGE.test(body.toString('latin1', 0, 200))) {
      return webPage('not valid JSON');
    }
    if (list !== undefined) return { ...(await parseJsonList(body, list)), problem: null };
    return { tooDeep: isTooDeep(body), body: parseJsonBody(body), problem: null };
  } catch (error) {
    if (error instanceof JsonTooLarge) return { ...notGood(`holds ${error.message}`), tooLarge: true };
    if (error instanceof UnknownText) return notGood(error.message);
    return notGood(error instanceof NotUtf8 ? 'holds bytes that are no UTF-8' : 'is not valid JSON');
  }
}

function notGood(what: string): ParsedAnswer {
  return { body: undefined, problem: `The provider’s answer ${what}.` };
}

function webPage(what: string): ParsedAnswer {
  const problem = `The provider’s answer is a web page and ${what}: is the address that of its API?`;
  return { body: undefined, problem, isWebPage: true };
}

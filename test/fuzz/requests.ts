import type { ApiContract, ApiOperation } from '../support/api-client-contract';
import { Random } from './random';
import { CANARY, Values } from './values';

export interface FuzzTarget {
  readonly url: string;
  readonly apiKey: string;
  readonly adminToken: string;
  /** The providers that are served at this moment: a request may add one. */
  readonly served: () => readonly string[];
  /** Values of parameters and fields that lead somewhere: ids of what exists, credentials that work. */
  readonly known: Readonly<Record<string, unknown>>;
}

export interface FuzzRequest {
  readonly operation: ApiOperation;
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
  /** How the body goes over the wire. */
  readonly framing: 'length' | 'chunked' | 'truncated';
}

const CONTENT_TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json;;;',
  '',
];
const NOISE: readonly (readonly [string, string])[] = [
  ['accept', 'text/html;q=0.1, */*'],
  ['accept-encoding', 'br;q=x'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'nonsense'],
  ['x-request-id', 'x'.repeat(500)],
  ['x-request-id', '<script>'],
  ['x-http-method-override', 'DELETE'],
  ['x-forwarded-for', '127.0.0.1, , ::1'],
  ['revkeen-version', '2026-05-01'],
  ['revkeen-version', '1999-01-01'],
  ['idempotency-key', 'a'],
  ['idempotency-key', ' '],
  ['idempotency-key', 'k'.repeat(256)],
  ['idempotency-key', 'é'],
  ['cookie', 'interlock_admin=a.b.c; ='],
  ['origin', 'https://evil.example'],
  ['expect', '100-continue'],
  ['if-none-match', '*'],
  ['range', 'bytes=0-1'],
  ['x-noise', 'x'.repeat(4_000)],
];

/** The request of this number: the same for the same seed, whatever ran before it. */
export function drawRequest(contract: ApiContract, target: FuzzTarget, seed: number, index: number): FuzzRequest {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const values = new Values(contract, random, target.known);
  // a stream has no end to wait for
  const operations = contract.operations.filter(
    ({ operation }) => !operation.responses['200']?.content?.['text/event-stream'],
  );
  const found = random.pick(operations);
  const wrong = random.chance(0.6);
  const headers: [string, string][] = [...credentials(found, target, random)];
  if (random.chance(0.25)) headers.push([...random.pick(NOISE)]);
  const media = found.operation.requestBody?.content?.['application/json'];
  let body: Buffer | null = null;
  let framing: FuzzRequest['framing'] = 'length';
  if (media || random.chance(0.05)) {
    const valid = media ? values.valid(media.schema) : values.wrong();
    const value = wrong && random.chance(0.6) ? values.mutated(valid) : valid;
    body = Buffer.from(JSON.stringify(value) ?? '');
    if (wrong && random.chance(0.15)) body = broken(body, random);
    headers.push(['content-type', wrong && random.chance(0.1) ? random.pick(CONTENT_TYPES) : 'application/json']);
    if (random.chance(0.1)) framing = 'chunked';
    if (wrong && random.chance(0.05)) framing = 'truncated';
    if (random.chance(0.05)) body = null;
  }
  return {
    operation: found,
    method: found.method.toUpperCase(),
    target: pathOf(found, values, random, wrong) + queryOf(contract, found, values, random, wrong),
    headers,
    body,
    framing,
  };
}

function credentials({ path }: ApiOperation, target: FuzzTarget, random: Random): [string, string][] {
  const key: [string, string] = ['x-api-key', target.apiKey];
  const token: [string, string] = ['authorization', `Bearer ${target.adminToken}`];
  if (random.chance(0.04)) return [];
  if (random.chance(0.03)) return [key, token];
  if (random.chance(0.03)) return [['x-api-key', CANARY]];
  if (random.chance(0.03)) return [['authorization', `Bearer ${CANARY}.${CANARY}.${CANARY}`]];
  return path.startsWith('/v2') ? [key] : [token];
}

function pathOf({ path, operation }: ApiOperation, values: Values, random: Random, wrong: boolean): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = (operation.parameters ?? []).find((each: any) => each.in === 'path' && each.name === name);
    if (wrong && random.chance(0.25)) return random.chance(0.1) ? '%ff%' : encode(values.wrongText() || '-');
    return encode(String(values.valid(parameter?.schema ?? { type: 'string' }, name)));
  });
  return wrong && random.chance(0.02) ? `${filled}/${'y'.repeat(9_000)}` : filled;
}

function queryOf(
  contract: ApiContract,
  { operation }: ApiOperation,
  values: Values,
  random: Random,
  wrong: boolean,
): string {
  const parts: string[] = [];
  for (const written of operation.parameters ?? []) {
    const parameter = contract.resolve(written);
    if (parameter.in !== 'query' || !(parameter.required || random.chance(0.4))) continue;
    const value =
      wrong && random.chance(0.5) ? values.wrongText() : String(values.valid(parameter.schema, parameter.name));
    parts.push(`${parameter.name}=${encode(value)}`);
    if (wrong && random.chance(0.1)) parts.push(`${parameter.name}=${encode(values.wrongText())}`);
    if (wrong && random.chance(0.05)) parts.push(`${parameter.name}[a][b]=1`);
  }
  if (wrong && random.chance(0.1)) parts.push(`${encode(values.wrongText())}=${encode(values.wrongText())}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

function broken(body: Buffer, random: Random): Buffer {
  if (random.chance(0.3)) return body.subarray(0, random.int(body.length + 1));
  if (random.chance(0.3)) return Buffer.concat([body, Buffer.from([0xff, 0xfe, 0x00])]);
  if (random.chance(0.3)) return Buffer.from(`{"a":${'['.repeat(50_000)}`);
  return Buffer.from(`{"a":1${'0'.repeat(400)},"__proto__":{"b":1},"a":2}`);
}

/** Half a surrogate pair has no form in a URL. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
}

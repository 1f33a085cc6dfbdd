import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A key as Unkey keeps it; what is left out it has not. */
export interface UnkeyKey {
  readonly keyId: string;
  readonly permissions: readonly string[];
  /** The external id of its identity. */
  readonly externalId?: string;
  readonly meta?: Record<string, unknown>;
  /** Unix milliseconds. */
  readonly expires?: number;
  enabled: boolean;
  credits?: number;
  /** An auto-applied limit. */
  readonly ratelimit?: { readonly limit: number; readonly durationMs: number };
  /** Its list of addresses does not hold ours. */
  readonly addressRefused?: boolean;
}

export type UnkeyFault = 'error_500' | 'too_many_requests' | 'hang' | 'garbage' | 'huge' | 'redirect' | 'unknown_code';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/**
 * `POST /v2/keys.verifyKey` of Unkey, as its public API reference and the schemas of its client have it: every outcome
 * of a verification is 200 with a `code`, failures of the call itself are problem documents.
 */
export class UnkeyStandIn {
  readonly rootKey = `unkey_${randomBytes(16).toString('hex')}`;
  /** Every verification that was asked for, by its key. */
  readonly asked: string[] = [];
  /** Every call, also one that was refused. */
  calls = 0;
  /** What the next calls meet, until it is taken away. */
  fault: UnkeyFault | null = null;
  /** Where `redirect` sends to. */
  elsewhere = '';
  private readonly keys = new Map<string, UnkeyKey>();
  private readonly windows = new Map<string, { since: number; used: number }>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  static async start(): Promise<UnkeyStandIn> {
    const standIn = new UnkeyStandIn();
    await new Promise<void>((resolve) => standIn.server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** `prefix`: `rk_sandbox` or `rk_live`; Unkey adds an underscore and its own base 58. */
  createKey(prefix: string, settings: Partial<UnkeyKey> = {}): string {
    const random = [...randomBytes(22)].map((byte) => BASE58[byte % 58]).join('');
    const key = `${prefix}_${random}`;
    this.keys.set(key, { keyId: `key_${randomBytes(8).toString('hex')}`, permissions: [], enabled: true, ...settings });
    return key;
  }

  deleteKey(key: string): void {
    this.keys.delete(key);
  }

  disableKey(key: string): void {
    this.keys.get(key)!.enabled = false;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls++;
    if (this.fault !== null && this.fault !== 'unknown_code') return this.fail(this.fault, response);
    if (request.method !== 'POST' || request.url !== '/v2/keys.verifyKey') return problem(response, 404, 'Not Found');
    if (request.headers.authorization !== `Bearer ${this.rootKey}`) return problem(response, 401, 'Unauthorized');
    const body = (await json(request)) as { key: string; permissions?: string };
    if (typeof body.key !== 'string' || body.key.length === 0) return problem(response, 400, 'Bad Request');
    this.asked.push(body.key);
    answer(response, 200, { meta: { requestId: requestId() }, data: this.verify(body.key, body.permissions) });
  }

  private verify(text: string, query: string | undefined): object {
    const key = this.keys.get(text);
    if (!key) return { valid: false, code: 'NOT_FOUND' };
    const limit = this.window(key);
    const code = this.codeOf(key, query, limit?.remaining ?? 1);
    if (code === 'VALID') {
      if (limit) limit.spend();
      if (key.credits !== undefined) key.credits--;
    }
    return {
      valid: code === 'VALID',
      code: this.fault === 'unknown_code' ? 'ON_HOLIDAY' : code,
      keyId: key.keyId,
      name: '',
      enabled: key.enabled,
      ...(key.permissions.length > 0 ? { permissions: key.permissions } : {}),
      ...(key.credits === undefined ? {} : { credits: key.credits }),
      ...(key.expires === undefined ? {} : { expires: key.expires }),
      ...(key.meta === undefined ? {} : { meta: key.meta }),
      ...(key.externalId === undefined ? {} : { identity: { id: `id_${key.keyId}`, externalId: key.externalId } }),
      ...(limit === null ? {} : { ratelimits: [limit.shown()] }),
    };
  }

  private codeOf(key: UnkeyKey, query: string | undefined, remaining: number): string {
    if (!key.enabled) return 'DISABLED';
    if (key.expires !== undefined && key.expires <= Date.now()) return 'EXPIRED';
    if (key.addressRefused) return 'FORBIDDEN';
    // of its query language only what a list of alternatives needs; `*` is a letter there
    const wanted = query?.split(' OR ') ?? [];
    if (wanted.length > 0 && !wanted.some((name) => key.permissions.includes(name))) return 'INSUFFICIENT_PERMISSIONS';
    if (remaining <= 0) return 'RATE_LIMITED';
    if (key.credits !== undefined && key.credits <= 0) return 'USAGE_EXCEEDED';
    return 'VALID';
  }

  private window(key: UnkeyKey): { remaining: number; spend: () => void; shown: () => object } | null {
    const { ratelimit } = key;
    if (!ratelimit) return null;
    let window = this.windows.get(key.keyId);
    if (!window || Date.now() - window.since >= ratelimit.durationMs) window = { since: Date.now(), used: 0 };
    this.windows.set(key.keyId, window);
    const current = window;
    const before = ratelimit.limit - current.used;
    return {
      remaining: before,
      spend: () => void current.used++,
      shown: () => ({
        exceeded: before <= 0,
        id: 'requests',
        name: 'requests',
        limit: ratelimit.limit,
        duration: ratelimit.durationMs,
        reset: current.since + ratelimit.durationMs,
        remaining: Math.max(0, ratelimit.limit - current.used),
        autoApply: true,
      }),
    };
  }

  private fail(fault: UnkeyFault, response: ServerResponse): void {
    if (fault === 'hang') return;
    if (fault === 'error_500') return problem(response, 500, 'Internal Server Error');
    if (fault === 'too_many_requests') return problem(response, 429, 'Too Many Requests');
    if (fault === 'redirect') {
      response.writeHead(307, { location: `${this.elsewhere}/v2/keys.verifyKey` }).end();
      return;
    }
    if (fault === 'huge') {
      const data = { valid: true, code: 'VALID', name: 'x'.repeat(1024 * 1024) };
      return answer(response, 200, { meta: { requestId: requestId() }, data });
    }
    // what a stray proxy says
    answer(response, 200, { ok: true });
  }
}

function requestId(): string {
  return `req_${randomUUID()}`;
}

function answer(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, title: string): void {
  const error = { title, detail: title, status, type: `https://unkey.com/docs/errors/${status}` };
  const type = status === 429 ? 'application/problem+json' : 'application/json';
  answer(response, status, { meta: { requestId: requestId() }, error }, type);
}

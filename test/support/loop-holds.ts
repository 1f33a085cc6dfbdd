import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { FuzzTarget } from '../fuzz/requests';
import { makeTarget } from '../fuzz/target';
import { apiContract, type ApiOperation } from './api-client-contract';
import { startTestApp } from './app';
import { migratedDatabase } from './database';
import { freePort } from './ports';
import { startTestProcess } from './process';
import { maxBytesOf, operationsWithBody, worstBodies } from './worst-bodies';

const PACKED = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes: Buffer) => deflateSync(bytes, { level: 1 }),
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
} as const;
type Encoding = keyof typeof PACKED;

/** One request to a running service, and how long it held the event loop there. */
export interface Hold {
  readonly operation: string;
  readonly what: string;
  readonly encoding: string;
  readonly bytes: number;
  readonly status: number;
  /** Processor time of the longest hold. */
  readonly heldMs: number;
  /** The longest delay by the clock, neighbours included. */
  readonly delayMs: number;
}

/**
 * Sends the worst bodies of every operation, for real, to a service in a process of its own: one after the other, with a
 * fresh Idempotency-Key each. `encodings`: plain always; of the packed ones all, or one in turns.
 */
export async function measureHolds(encodings: 'all' | 'in turns', log: (line: string) => void): Promise<Hold[]> {
  const database = await migratedDatabase();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-holds-'));
  const watchPort = await freePort();
  const beside = await startTestApp({ databaseUrl: database.url, dataDir });
  const service = await startTestProcess(
    {
      NODE_ENV: 'test',
      ROLE: 'api',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'warn',
      LOOP_WATCH_PORT: String(watchPort),
      RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
      EXCHANGE_LIMIT_PER_ADDRESS: '0',
    },
    { preload: path.join(__dirname, 'loop-watch.cjs') },
  );
  try {
    const target = { ...(await makeTarget(beside)), url: service.url };
    await service.ready();
    const watch = async () =>
      (await (await fetch(`http://127.0.0.1:${watchPort}`)).json()) as { heldMs: number; delayMs: number };
    const holds: Hold[] = [];
    // twice: the first requests of a process compile it
    for (const round of ['warm up', 'measured']) {
      for (const [at, operation] of operationsWithBody(apiContract()).entries()) {
        for (const [nth, { what, text }] of worstBodies(apiContract(), operation).entries()) {
          const bytes = Buffer.from(text);
          if (bytes.length > maxBytesOf(operation)) throw new Error(`${what}: larger than the operation takes`);
          for (const encoding of round === 'warm up' ? (['identity'] as const) : chosen(encodings, at + nth)) {
            await watch();
            const status = await send(target, operation, PACKED[encoding](bytes), encoding);
            const { heldMs, delayMs } = await watch();
            const { operationId } = operation.operation;
            if (round === 'measured')
              holds.push({ operation: operationId, what, encoding, bytes: bytes.length, status, heldMs, delayMs });
          }
        }
      }
    }
    holds.sort((a, b) => b.heldMs - a.heldMs);
    log(`${holds.length} requests; the ten that held the loop longest:`);
    for (const each of holds.slice(0, 10)) {
      log(
        `${each.heldMs.toFixed(0)} ms (${each.delayMs.toFixed(0)} by the clock): ${each.operation}, ${each.what}, ${each.encoding}, ${each.bytes} bytes → ${each.status}`,
      );
    }
    return holds;
  } finally {
    await service.kill();
    await beside.close();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function chosen(encodings: 'all' | 'in turns', turn: number): Encoding[] {
  const packed = Object.keys(PACKED).slice(1) as Encoding[];
  return ['identity', ...(encodings === 'all' ? packed : [packed[turn % packed.length]!])];
}

async function send(target: FuzzTarget, found: ApiOperation, body: Buffer, encoding: Encoding): Promise<number> {
  const filled = found.path.replace(/\{(\w+)\}/g, (_, name: string) => String(target.known[name] ?? randomUUID()));
  const known: Record<string, string> = filled.startsWith('/v2')
    ? { 'x-api-key': target.apiKey }
    : { authorization: `Bearer ${target.adminToken}` };
  const answer = await fetch(target.url + filled, {
    method: found.method.toUpperCase(),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(found.operation.security.length > 0 ? known : {}),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
    body: new Uint8Array(body),
  });
  await answer.text();
  return answer.status;
}

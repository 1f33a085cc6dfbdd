import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { Random } from '../fuzz/random';
import type { FuzzTarget } from '../fuzz/requests';
import { makeTarget } from '../fuzz/target';
import { apiContract, type ApiOperation } from './api-client-contract';
import { startTestApp } from './app';
import { migratedDatabase } from './database';
import { freePort } from './ports';
import { startTestProcess } from './process';
import { sample, SEED } from './sample';
import { maxBytesOf, operationsWithBody, worstBodies } from './worst-bodies';

const PACKED = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes: Buffer) => deflateSync(bytes, { level: 1 }),
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
} as const;
type Encoding = keyof typeof PACKED;
const PLAIN: readonly Encoding[] = ['identity'];

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
 * Sends the worst bodies of every operation, for real, to a service in a process of its own: one after the other, with
 * a fresh Idempotency-Key each. `encodings`: plain always; packed in every way, or a third of them in one way by the
 * seed.
 */
export async function measureHolds(encodings: 'all' | 'some', log: (line: string) => void): Promise<Hold[]> {
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
    const random = new Random(SEED);
    // some of each operation twice: the first requests of a process compile it
    for (const round of ['warm up', 'measured']) {
      for (const operation of operationsWithBody(apiContract())) {
        const bodies = worstBodies(apiContract(), operation);
        // the last one comes furthest
        const warming = [...sample(bodies.slice(0, -1), 4, random), bodies.at(-1)!];
        for (const { what, text } of round === 'warm up' ? warming : bodies) {
          const bytes = Buffer.from(text);
          if (bytes.length > maxBytesOf(operation)) throw new Error(`${what}: larger than the operation takes`);
          for (const encoding of round === 'warm up' ? PLAIN : chosen(encodings, random)) {
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
    log(`TEST_SEED=${SEED}: ${holds.length} requests; the ten that held the loop longest:`);
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

function chosen(encodings: 'all' | 'some', random: Random): readonly Encoding[] {
  const packed = Object.keys(PACKED).slice(1) as Encoding[];
  if (encodings === 'all') return [...PLAIN, ...packed];
  return random.chance(1 / 3) ? [...PLAIN, random.pick(packed)] : PLAIN;
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

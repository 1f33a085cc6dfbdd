import { gzipSync } from 'node:zlib';
import type { Response } from 'express';
import type { FaultRule } from './fault-rules';

const mebibyte = 1024 * 1024;
const longestHangMs = 120_000;
const mostBytes = 1024 * mebibyte;

/** Answers that a provider's own code would never give. `answer` is the honest one, `undefined` when none was made. */
export function injectFault(res: Response, rule: FaultRule, answer: string | undefined, errorBody: object): void {
  if (rule.retryAfter !== undefined) res.setHeader('Retry-After', String(rule.retryAfter));
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  switch (rule.kind) {
    case 'status':
      res.statusCode = rule.status ?? 500;
      return void res.end(text(rule.body ?? errorBody));
    case 'html':
      res.statusCode = rule.status ?? 200;
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      return void res.end(text(rule.body ?? '<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>'));
    case 'wrong-json':
      res.statusCode = rule.status ?? 200;
      return void res.end(text(rule.body ?? { result: 'ok', items: 'none of your business' }));
    case 'empty':
      res.statusCode = rule.status ?? 200;
      return void res.end();
    case 'redirect':
      res.statusCode = rule.status ?? 302;
      res.setHeader('Location', rule.location ?? 'https://elsewhere.example/');
      return void res.end();
    case 'truncated':
      return void res.end(firstHalf(answer));
    case 'cut':
      return cutConnection(res, answer);
    case 'reset-connection':
      return void res.socket?.resetAndDestroy();
    case 'hang':
      return hang(res);
    case 'huge':
      return sendHuge(res, Math.min(mostBytes, rule.bytes ?? 50 * mebibyte));
    case 'bomb':
      return sendBomb(res, Math.min(mostBytes, rule.bytes ?? 200 * mebibyte));
    case 'delay':
      return void res.end(answer);
  }
}

function text(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function firstHalf(answer = '{"data":[{"id":1,"name":"'): string {
  return answer.slice(0, Math.ceil(answer.length / 2));
}

/** Promises the whole answer, sends half of it and hangs up. */
function cutConnection(res: Response, answer = '{"data":[]}'): void {
  res.setHeader('Content-Length', Buffer.byteLength(answer));
  res.write(firstHalf(answer), () => setImmediate(() => res.socket?.destroy()));
}

function hang(res: Response): void {
  const timer = setTimeout(() => res.socket?.destroy(), longestHangMs);
  timer.unref();
  res.on('close', () => clearTimeout(timer));
}

function sendHuge(res: Response, bytes: number): void {
  const block = Buffer.from(`${JSON.stringify({ id: 1, filler: 'x'.repeat(64 * 1024 - 32) })},`);
  let left = bytes;
  res.write('{"data":[');
  const pour = (): void => {
    while (left > 0 && !res.destroyed) {
      left -= block.length;
      if (!res.write(block)) return void res.once('drain', pour);
    }
    if (!res.destroyed) res.end('{"id":2}]}');
  };
  pour();
}

/**
 * A small gzip body that unpacks to much more: one packed mebibyte, many times over (gzip members may follow each
 * other).
 */
function sendBomb(res: Response, bytes: number): void {
  const member = gzipSync(Buffer.alloc(mebibyte, ' '));
  const end = gzipSync(Buffer.from('{"data":[]}'));
  const count = Math.max(1, Math.ceil(bytes / mebibyte));
  res.setHeader('Content-Encoding', 'gzip');
  res.end(Buffer.concat([...Array.from({ length: count }, () => member), end]));
}

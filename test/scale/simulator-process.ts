import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createSandbox, type Sandbox } from '../../src/sandbox';
import { Accounts } from './accounts';
import type { SimulatorCounts, SimulatorOrder } from './simulator';

/** The providers, in a process of their own: started by `startSimulator`, told over the channel to it what to do. */
const accounts = new Accounts(openSandbox(), Number(process.argv[2]));
const counts: SimulatorCounts = { calls: 0, refused: 0, busiestSecond: { sandbox: 0, live: 0 } };
let second = new Map<string, number>();

function openSandbox(): Sandbox {
  const sandbox = createSandbox();
  const app = express();
  app.disable('x-powered-by');
  app.use((req, res, next) => {
    counts.calls++;
    const key = keyOf(req.headers);
    const calls = (second.get(key) ?? 0) + 1;
    second.set(key, calls);
    res.on('finish', () => {
      if (res.statusCode === 429) counts.refused++;
    });
    next();
  });
  app.use('/sandbox', sandbox.router);
  const server = createServer(app);
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ ready: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  return sandbox;
}

function keyOf(headers: IncomingHttpHeaders): string {
  return String(headers['x-api-key'] ?? headers['x-practicehub-key'] ?? '');
}

setInterval(() => {
  const perMerchant = Number(process.argv[2]);
  for (const [key, calls] of second) {
    const live = Number(key.slice('acct-scale-'.length)) % perMerchant === 3;
    const { busiestSecond } = counts;
    if (live) busiestSecond.live = Math.max(busiestSecond.live, calls);
    else busiestSecond.sandbox = Math.max(busiestSecond.sandbox, calls);
  }
  second = new Map();
}, 1_000);

function obey(order: SimulatorOrder): unknown {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, offset) => from + offset);
  switch (order.do) {
    case 'open':
      for (const index of range(order.from, order.to)) accounts.open(index);
      return null;
    case 'change':
      return order.changes.flatMap(({ index, draw }) => accounts.change(index, draw));
    case 'truth':
      return range(order.from, order.to).flatMap((index) => accounts.truth(index));
    case 'counts':
      return counts;
  }
}

process.on('message', ({ id, order }: { id: number; order: SimulatorOrder }) => {
  try {
    process.send?.({ id, result: obey(order) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
// whoever started it is gone
process.on('disconnect', () => process.exit(0));

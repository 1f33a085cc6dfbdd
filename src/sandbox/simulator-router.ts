import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { controlRouter } from './control-router';
import { Exchange, type ProviderBehaviour } from './exchange';
import { injectFault } from './fault-injection';
import type { FaultRule } from './fault-rules';
import type { Simulator } from './simulator';

/** The door of one simulator: log, faults, credentials, rate limit, and then what the provider itself does. */
export function simulatorRouter(
  simulator: Simulator,
  behaviour: ProviderBehaviour,
  controlToken: string | null,
): Router {
  const router = express.Router();
  router.use('/_control', controlRouter(simulator, controlToken));
  router.use(express.json({ limit: '16kb' }));
  router.use(async (req: Request, res: Response) => {
    const exchange = openExchange(simulator, behaviour, req, res);
    const apiKey = behaviour.apiKeyOf(req.headers);
    const { method, path, query } = exchange;
    const rule = simulator.faults.take({ method, path, apiKey, query });
    if (rule && (await spoil(exchange, rule, behaviour))) return;
    const account = behaviour.authenticate(exchange, simulator.find(apiKey));
    if (!account) return;
    const grant = account.bucket.take(exchange.settings.ratePerSecond, exchange.settings.burst);
    if (!grant.allowed) return refuseForRate(exchange, grant.waitMs, simulator.clockMs());
    behaviour.handle(exchange, account);
  });
  // Express tells error handlers by their four parameters.
  router.use((error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    const status = error.status ?? 500;
    if (status >= 500) simulator.crash = error;
    if (res.headersSent) return next(error);
    res
      .status(status)
      .json(behaviour.errorBody(status, status < 500 ? 'The request body is not valid JSON' : 'Server error'));
  });
  return router;
}

function openExchange(simulator: Simulator, behaviour: ProviderBehaviour, req: Request, res: Response): Exchange {
  const startedMs = simulator.clockMs();
  const account = simulator.find(behaviour.apiKeyOf(req.headers));
  const settings = account?.settings ?? simulator.settings;
  const path = behaviour.normalise(req.path);
  const query = new URL(req.url, 'http://simulator').searchParams;
  const entry = simulator.log.open({
    at: new Date(startedMs).toISOString(),
    atMs: startedMs,
    method: req.method,
    path,
    query: Object.fromEntries(query),
    account: account?.options.name ?? null,
    status: null,
    durationMs: null,
  });
  res.on('close', () => {
    const status = res.writableFinished ? res.statusCode : null;
    simulator.log.close(entry, status, simulator.clockMs() - startedMs);
  });
  res.setHeader('Date', new Date(startedMs + settings.clockSkewMs).toUTCString());
  return new Exchange(req, res, path, query, settings, behaviour);
}

/** Whether the fault has already answered the call. */
async function spoil(exchange: Exchange, rule: FaultRule, behaviour: ProviderBehaviour): Promise<boolean> {
  if (rule.delayMs) await pause(rule.delayMs, exchange.res);
  if (exchange.res.destroyed) return true;
  // These need the honest answer first, and so let the call take effect.
  if (rule.afterEffect || rule.kind === 'truncated' || rule.kind === 'cut' || rule.kind === 'delay') {
    exchange.spoiledBy = rule.kind === 'delay' ? undefined : rule;
    return false;
  }
  injectFault(exchange.res, rule, undefined, behaviour.errorBody(rule.status ?? 500, 'Server error'));
  return true;
}

function pause(ms: number, res: Response): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    res.once('close', () => {
      clearTimeout(timer);
      done();
    });
  });
}

function refuseForRate(exchange: Exchange, waitMs: number, nowMs: number): void {
  const { retryAfter, clockSkewMs } = exchange.settings;
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  if (retryAfter === 'seconds') exchange.res.setHeader('Retry-After', String(seconds));
  if (retryAfter === 'date') {
    exchange.res.setHeader('Retry-After', new Date(nowMs + clockSkewMs + seconds * 1000).toUTCString());
  }
  if (retryAfter === 'fraction') exchange.res.setHeader('Retry-After', (seconds - 0.5).toFixed(1));
  if (retryAfter === 'nonsense') exchange.res.setHeader('Retry-After', 'soon');
  exchange.fail(429, 'Too many requests');
}

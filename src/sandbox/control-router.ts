import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express';
import type { FaultRule } from './fault-rules';
import type { AccountReport } from './replay';
import type { ChangeInput, CreateInput, RowChoice } from './row-control';
import type { SimulatorSettings } from './settings';
import type { AccountInput, Simulator } from './simulator';

/** Steers a simulator from outside its process, for tests and the demonstration. `token` null: nobody can. */
export function controlRouter(simulator: Simulator, token: string | null): Router {
  const router = express.Router();
  router.use(onlyWith(token));
  router.use(express.json({ limit: '5mb' }));
  router.post('/reset', (req, res) => {
    simulator.reset(bodyOf(req));
    res.json({ ok: true, apiKey: simulator.apiKey });
  });
  router.post('/accounts', (req, res) => {
    res.status(201).json(simulator.addAccount(bodyOf<AccountInput>(req)));
  });
  router.delete('/accounts/:apiKey', (req, res) => {
    res.json({ removed: simulator.removeAccount(req.params.apiKey) });
  });
  router.post('/change', (req, res) => {
    res.json({ ids: simulator.change(bodyOf<ChangeInput>(req)) });
  });
  router.post('/create', (req, res) => {
    res.status(201).json({ ids: simulator.create(bodyOf<CreateInput>(req)) });
  });
  router.post('/delete', (req, res) => {
    res.json({ ids: simulator.delete(bodyOf<RowChoice>(req)) });
  });
  router.post('/faults', (req, res) => {
    const body = bodyOf<FaultRule[] | FaultRule | { rules: FaultRule[] }>(req);
    const rules = Array.isArray(body) ? body : 'rules' in body ? body.rules : [body];
    res.status(201).json({ ids: simulator.addFaults(rules) });
  });
  router.get('/faults', (_req, res) => {
    res.json({ faults: simulator.faults.list() });
  });
  router.delete('/faults', (_req, res) => {
    simulator.clearFaults();
    res.json({ ok: true });
  });
  router.get('/settings', (req, res) => {
    res.json(simulator.account(textOf(req, 'apiKey')).settings);
  });
  router.post('/settings', (req, res) => {
    const { apiKey, ...settings } = bodyOf<Partial<SimulatorSettings> & { apiKey?: string }>(req);
    res.json(simulator.configure(settings, apiKey));
  });
  router.get('/variants', (_req, res) => {
    res.json({ variants: simulator.variants });
  });
  router.get('/provider-truth', (req, res) => {
    const apiKey = textOf(req, 'apiKey');
    res.json(simulator.providerTruth({ ...(apiKey && { apiKey }) }));
  });
  router.post('/replay', (req, res) => {
    const { apiKey, ...report } = bodyOf<AccountReport & { apiKey?: string }>(req);
    res.json({ notReplayed: simulator.replay(report, apiKey) });
  });
  router.get('/requests', (req, res) => {
    const apiKey = textOf(req, 'apiKey');
    const path = textOf(req, 'path');
    res.json(simulator.requests({ ...(apiKey && { apiKey }), ...(path && { path }) }));
  });
  router.delete('/requests', (_req, res) => {
    simulator.log.clear();
    res.json({ ok: true });
  });
  router.get('/truth', (req, res) => {
    const apiKey = textOf(req, 'apiKey');
    const ids = textOf(req, 'ids')?.split(',');
    const resource = textOf(req, 'resource') ?? '';
    const rows = simulator.truth({ resource, ...(apiKey && { apiKey }), ...(ids && { ids }) });
    res.json({ resource, count: rows.length, rows });
  });
  router.use((_req, res) => {
    res.status(404).json({ message: 'unknown control call' });
  });
  // Express tells error handlers by their four parameters.
  router.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(400).json({ message: error.message });
  });
  return router;
}

function onlyWith(token: string | null): RequestHandler {
  const expected = token === null ? null : digestOf(`Bearer ${token}`);
  return (req, res, next) => {
    // digests: the comparison takes equally long wherever the two differ
    if (expected !== null && timingSafeEqual(digestOf(req.headers.authorization ?? ''), expected)) return next();
    res.setHeader('WWW-Authenticate', 'Bearer');
    res.status(401).json({ message: 'control calls need the sandboxControlToken of dev-credentials.json as a Bearer' });
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bodyOf<T extends object>(req: Request): T {
  return (req.body ?? {}) as T;
}

function textOf(req: Request, name: string): string | undefined {
  const value = req.query[name];
  return typeof value === 'string' ? value : undefined;
}

import { randomBytes } from 'node:crypto';
import express from 'express';
import { InterlockError } from '../platform/errors';
import { openListener, refuse, type KnownHosts, type Listener } from '../platform/http/listener';
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox';

export interface SandboxServer extends Listener {
  sandbox: Sandbox;
  controlToken: string;
}

export interface SandboxServerOptions extends SandboxOptions {
  /** 0, or left out: any free one. */
  port?: number;
  host?: string;
  /** Names that it is known by beside those of this machine. */
  hosts?: KnownHosts;
}

/** The simulators on a listener of their own. A control token that is left out is made up. */
export async function startSandboxServer(options: SandboxServerOptions = {}): Promise<SandboxServer> {
  const { port = 0, host = '127.0.0.1', hosts = { allowedHosts: null, ownOrigins: [] }, ...rest } = options;
  const controlToken = rest.controlToken ?? newControlToken();
  const sandbox = createSandbox({ ...rest, controlToken });
  const app = express();
  app.disable('x-powered-by');
  app.use('/sandbox', sandbox.router);
  app.use((_req, res) => refuse(res, new InterlockError('not_found')));
  return { ...(await openListener(app, { port, host, hosts })), sandbox, controlToken };
}

export function newControlToken(): string {
  return `sandbox_control_${randomBytes(24).toString('hex')}`;
}

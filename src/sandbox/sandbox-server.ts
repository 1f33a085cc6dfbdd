import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox';

export interface SandboxServer {
  /** Origin of the server, without a path. */
  url: string;
  sandbox: Sandbox;
  /** Ends it at once, calls that are still running included. */
  close(): Promise<void>;
}

/** The simulators alone, in a server of their own. Port 0 takes any free one. */
export async function startSandboxServer(
  options: SandboxOptions & { port?: number; host?: string } = {},
): Promise<SandboxServer> {
  const { port = 0, host = '127.0.0.1', ...rest } = options;
  const sandbox = createSandbox(rest);
  const app = express();
  app.disable('x-powered-by');
  app.use('/sandbox', sandbox.router);
  const server = createServer(app);
  await new Promise<void>((listening, refused) => {
    server.once('error', refused);
    server.listen(port, host, listening);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    sandbox,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

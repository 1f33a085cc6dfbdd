import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { addressOf, throughPort } from './server-address';

/** Stands between a process and a server, and can fall silent as a network does: nothing is closed, nothing passes any more. */
export interface FreezingProxy {
  /** The server's URL, through the proxy. */
  readonly url: string;
  /** What is open stays open and is dead; who connects now is never answered. */
  freeze(): void;
  /** Connections made from now on pass again; the frozen ones stay dead. */
  thaw(): void;
  stop(): Promise<void>;
}

export async function startFreezingProxy(serverUrl: string): Promise<FreezingProxy> {
  const sockets = new Set<Socket>();
  let passing = new Set<[Socket, Socket]>();
  let frozen = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (frozen) return;
    const upstream = connect(addressOf(serverUrl));
    keep(upstream);
    client.pipe(upstream);
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    passing.add([client, upstream]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: throughPort(serverUrl, (server.address() as AddressInfo).port),
    freeze: () => {
      frozen = true;
      for (const [client, upstream] of passing) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
      passing = new Set();
    },
    thaw: () => {
      frozen = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

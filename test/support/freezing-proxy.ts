import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { addressOf, throughPort } from './server-address';

/**
 * Stands between a process and a server, and can fall silent as a network does: nothing is closed, nothing passes any
 * more.
 */
export interface FreezingProxy {
  /** The server's URL, through the proxy. */
  readonly url: string;
  /** What is open stays open and is dead; who connects now is never answered. */
  freeze(): void;
  /** Connections made from now on pass again; the frozen ones stay dead. */
  thaw(): void;
  /** Another server takes this one's place: what is open is cut, and who connects now reaches the other. */
  to(serverUrl: string): void;
  stop(): Promise<void>;
}

export async function startFreezingProxy(serverUrl: string): Promise<FreezingProxy> {
  const sockets = new Set<Socket>();
  let target = addressOf(serverUrl);
  let passing = new Set<[Socket, Socket]>();
  let frozen = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    keep(client);
    if (frozen) return;
    const upstream = connect(target);
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
    to: (next) => {
      target = addressOf(next);
      cut();
    },
    stop: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

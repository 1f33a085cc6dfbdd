import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { DestinationRefused } from './destination';
import { mayConnect } from './ip-ranges';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Names to addresses; replaced in tests. */
export type Resolver = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Connects only where it may. A name is resolved once per connection, all its addresses are checked, and the socket is
 * given those very addresses: there is no second look-up that could answer differently (DNS rebinding). What the socket
 * says it is connected to is checked once more.
 */
export function guardedConnector(options: {
  allowPrivate: boolean;
  resolver: Resolver;
  connectTimeoutMs: number;
}): buildConnector.connector {
  const { allowPrivate, resolver } = options;
  const lookup: LookupFunction = (hostname, wanted, done) => {
    resolver(hostname).then(
      (found) => {
        // one forbidden address among good ones is an attack, or a network where we cannot tell: all or nothing
        if (!found.every(({ address }) => mayConnect(address, allowPrivate))) {
          return done(new DestinationRefused('address'), '', 0);
        }
        const [first] = found;
        if (first === undefined) return done(noAddress(hostname), '', 0);
        if (wanted.all === true) return done(null, [...found]);
        return done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
  const connect = buildConnector({
    lookup,
    timeout: options.connectTimeoutMs,
    // Node gives each address 250 ms before it tries the next: too short for a slow path across an ocean
    autoSelectFamilyAttemptTimeout: 1_000,
  } as buildConnector.BuildOptions);
  return (target, done) => {
    const literal = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !mayConnect(literal, allowPrivate)) return done(new DestinationRefused('address'), null);
    connect(target, (...[error, socket]: [Error, null] | [null, Socket]) => {
      if (error !== null) return done(error, null);
      if (!mayConnect(socket.remoteAddress ?? '', allowPrivate)) {
        const refused = new DestinationRefused('address');
        socket.destroy(refused);
        return done(refused, null);
      }
      return done(null, socket);
    });
  };
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' });
}

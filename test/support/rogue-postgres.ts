import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';

const authentication = (code: number, rest: string | Buffer = ''): Buffer => {
  const body = Buffer.from(rest);
  const message = Buffer.alloc(9 + body.length, 'R', 'latin1');
  message.writeUInt32BE(8 + body.length, 1);
  message.writeUInt32BE(code, 5);
  body.copy(message, 9);
  return message;
};
const READY = Buffer.from('5a0000000549', 'hex');
const OFFER = authentication(10, 'SCRAM-SHA-256\0\0');

/** Answers one message of the client after the other; it may quote what it received. */
type Answers = readonly ((received: string) => Buffer)[];
const once = (answer: Buffer): Answers => [() => answer];
const challenge = (nonce: string): Buffer =>
  authentication(11, `r=${nonce}more,s=${Buffer.from('salt').toString('base64')},i=4096`);
const FALSE_PROOF = authentication(12, `v=${Buffer.alloc(32).toString('base64')}`);

/** What a server without the password can answer to a client's first message. */
export const ROGUE_ANSWERS: Readonly<Record<string, Answers>> = {
  'asks for the password in clear': once(authentication(3)),
  'asks for an MD5 of the password': once(authentication(5, 'salt')),
  'asks for nothing': once(Buffer.concat([authentication(0), READY])),
  'asks for GSSAPI': once(authentication(7)),
  'offers SCRAM and lets in at once': once(Buffer.concat([OFFER, authentication(0), READY])),
  'offers SCRAM and leaves out the proof': once(Buffer.concat([OFFER, challenge('nonce'), authentication(0), READY])),
  'offers SCRAM and asks in clear next': once(Buffer.concat([OFFER, authentication(3)])),
  'goes through SCRAM with a false proof': [
    () => OFFER,
    (received) => challenge(/r=([^,]+)$/.exec(received)?.[1] ?? ''),
    () => Buffer.concat([FALSE_PROOF, authentication(0), READY]),
  ],
  'speaks another protocol': once(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
};

export interface RoguePostgres {
  readonly server: Server;
  /** Everything that clients sent. */
  received(): Buffer;
  stop(): Promise<void>;
}

/** `bytesAtOnce`: the answer comes in pieces of that many bytes. */
export async function startRoguePostgres(
  answers: Answers,
  at: ListenOptions = { port: 0, host: '127.0.0.1' },
  bytesAtOnce = Infinity,
): Promise<RoguePostgres> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
    let step = 0;
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = answers[step++]?.(chunk.toString('latin1'));
      if (answer) void sendInPieces(socket, answer, bytesAtOnce);
    });
  });
  await new Promise<void>((resolve) => server.listen(at, resolve));
  return {
    server,
    received: () => Buffer.concat(chunks),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function sendInPieces(socket: Socket, answer: Buffer, bytes: number): Promise<void> {
  for (let at = 0; at < answer.length && socket.writable; at += bytes) {
    socket.write(answer.subarray(at, at + bytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

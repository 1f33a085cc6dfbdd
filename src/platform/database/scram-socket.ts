import { Socket } from 'node:net';

/**
 * Codes of PostgreSQL's authentication messages, in the order of a SCRAM handshake: offer, challenge, proof of the
 * server, done.
 */
const SCRAM_STEPS = [10, 11, 12, 0];
/** Beside those a server may send an error, a notice, or the protocol version that it speaks. */
const OTHER_MESSAGES = new Set(['E', 'N', 'v']);
const HEADER_BYTES = 5;
const CODE_BYTES = 4;
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * The server did not prove by SCRAM that it knows the password. It received nothing from which the password can be
 * told.
 */
export class ServerNotTrustedError extends Error {
  override readonly name = 'ServerNotTrustedError';
}

/**
 * A socket that passes on nothing but a whole SCRAM handshake until the server has let the client in. node-postgres
 * would send its password in clear to a server that asks for it, and would trust a server that asks for nothing.
 * node-postgres checks the content of each step, the server's proof included.
 */
export class ScramSocket extends Socket {
  private unread = Buffer.alloc(0);
  private step = 0;

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null || this.step === SCRAM_STEPS.length) return super.push(chunk, encoding);
    this.unread = Buffer.concat([this.unread, chunk]);
    if (this.isInOrder()) return super.push(chunk, encoding);
    this.destroy(
      new ServerNotTrustedError('The database server does not authenticate by SCRAM: nothing was sent to it.'),
    );
    return false;
  }

  /** Reads the messages that are complete enough to be checked. */
  private isInOrder(): boolean {
    while (this.step < SCRAM_STEPS.length && this.unread.length >= HEADER_BYTES) {
      const type = String.fromCharCode(this.unread[0]!);
      // the length counts itself, but not the type
      const bytes = 1 + this.unread.readUInt32BE(1);
      if (bytes < HEADER_BYTES || bytes > MAX_MESSAGE_BYTES) return false;
      if (this.unread.length < Math.min(bytes, HEADER_BYTES + CODE_BYTES)) return true;
      if (type === 'R') {
        if (bytes < HEADER_BYTES + CODE_BYTES) return false;
        if (this.unread.readUInt32BE(HEADER_BYTES) !== SCRAM_STEPS[this.step]) return false;
      } else if (!OTHER_MESSAGES.has(type)) return false;
      if (this.unread.length < bytes) return true;
      if (type === 'R') this.step += 1;
      this.unread = this.unread.subarray(bytes);
    }
    return true;
  }
}

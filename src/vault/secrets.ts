import { inspect } from 'node:util';

declare const sealedBrand: unique symbol;

/** The id of a sealed secret: safe to store, to log and to pass around; worth nothing without the vault. */
export type SealedSecretId = string & { readonly [sealedBrand]: true };

/** A secret in clear. It shows itself to `reveal` only: every way of printing it prints a placeholder. */
export class PlaintextSecret {
  #bytes: Buffer;
  #wiped = false;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static fromString(text: string): PlaintextSecret {
    return new PlaintextSecret(Buffer.from(text, 'utf8'));
  }

  /** Takes the buffer over: it is zeroed by `wipe`. */
  static fromBuffer(bytes: Buffer): PlaintextSecret {
    return new PlaintextSecret(bytes);
  }

  /** A string cannot be zeroed, only dropped: keep it for as short as the work needs it. */
  reveal(): string {
    return this.bytes().toString('utf8');
  }

  bytes(): Buffer {
    if (this.#wiped) throw new Error('the secret was wiped');
    return this.#bytes;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = Buffer.alloc(0);
    this.#wiped = true;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsKmsOptions } from '../../src/vault/adapters/aws-kms';

/** What the next calls meet. `times` calls, then it is over; left out: until `heal`. */
export type KmsFault =
  | { readonly kind: 'throttle'; readonly times?: number; readonly action?: KmsAction }
  | {
      readonly kind: 'error';
      readonly type: string;
      readonly status?: number;
      readonly times?: number;
      readonly action?: KmsAction;
    }
  | { readonly kind: 'hang'; readonly times?: number; readonly action?: KmsAction }
  /** Half of the answer, then the connection is cut. */
  | { readonly kind: 'reset'; readonly times?: number; readonly action?: KmsAction }
  /** A right answer under the name of another key. */
  | { readonly kind: 'wrong_key'; readonly times?: number; readonly action?: KmsAction };

export type KmsAction = 'GenerateDataKey' | 'Encrypt' | 'Decrypt' | 'ReEncrypt' | 'DescribeKey';

export interface KmsCall {
  readonly action: KmsAction;
  readonly body: Record<string, unknown>;
  /** What it was answered: a status, or what was done to the connection. */
  outcome: number | 'hung' | 'reset';
  readonly signed: boolean;
}

interface Material {
  readonly id: string;
  readonly arn: string;
  /** Versions of the key's material; the last one encrypts, all of them decrypt. */
  readonly versions: Buffer[];
  enabled: boolean;
  denied: boolean;
}

class KmsFailure extends Error {
  constructor(
    readonly type: string,
    readonly status = 400,
  ) {
    super(type);
  }
}

/**
 * AWS KMS as far as the vault knows it, over real HTTP, with real AES-GCM: a blob names its key and the version of its
 * material, and the sorted encryption context is its additional authenticated data.
 */
export class KmsStandIn {
  readonly calls: KmsCall[] = [];
  private readonly keys = new Map<string, Material>();
  private readonly aliases = new Map<string, string>();
  private fault: (KmsFault & { left: number }) | null = null;
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly hanging = new Set<ServerResponse>();

  private constructor() {}

  static async start(): Promise<KmsStandIn> {
    const kms = new KmsStandIn();
    await new Promise<void>((resolve) => kms.server.listen(0, '127.0.0.1', resolve));
    return kms;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const response of this.hanging) response.destroy();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** A new key; returns its ARN. */
  createKey(alias?: string): string {
    const id = randomUUID();
    const arn = `arn:aws:kms:us-east-1:111122223333:key/${id}`;
    this.keys.set(arn, { id, arn, versions: [randomBytes(32)], enabled: true, denied: false });
    if (alias) this.aliases.set(`alias/${alias}`, arn);
    return arn;
  }

  /** New material under the same id, as KMS's own rotation makes it. */
  rotateMaterial(arn: string): void {
    this.keyOf(arn).versions.push(randomBytes(32));
  }

  setEnabled(arn: string, enabled: boolean): void {
    this.keyOf(arn).enabled = enabled;
  }

  setDenied(arn: string, denied: boolean): void {
    this.keyOf(arn).denied = denied;
  }

  inject(fault: KmsFault): void {
    this.fault = { ...fault, left: fault.times ?? Number.POSITIVE_INFINITY };
  }

  heal(): void {
    this.fault = null;
    for (const response of this.hanging) response.destroy();
    this.hanging.clear();
  }

  count(action: KmsAction): number {
    return this.calls.filter((call) => call.action === action).length;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers['x-amz-target']).replace('TrentService.', '') as KmsAction;
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
    const signed = String(request.headers.authorization).startsWith('AWS4-HMAC-SHA256 ');
    const call: KmsCall = { action, body, outcome: 200, signed };
    this.calls.push(call);
    const fault = this.takeFault(action);
    if (fault?.kind === 'hang') {
      call.outcome = 'hung';
      this.hanging.add(response);
      return;
    }
    const [status, answer] = this.answer(call, fault);
    call.outcome = status;
    const text = JSON.stringify(answer);
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(text),
      'x-amzn-requestid': randomUUID(),
    });
    if (fault?.kind === 'reset') {
      call.outcome = 'reset';
      response.write(text.slice(0, text.length >> 1), () => request.socket.resetAndDestroy());
      return;
    }
    response.end(text);
  }

  private takeFault(action: KmsAction): KmsFault | null {
    const fault = this.fault;
    if (!fault || (fault.action && fault.action !== action) || fault.left <= 0) return null;
    fault.left--;
    return fault;
  }

  private answer(call: KmsCall, fault: KmsFault | null): [number, object] {
    try {
      if (!call.signed) throw new KmsFailure('MissingAuthenticationTokenException');
      if (fault?.kind === 'throttle') throw new KmsFailure('ThrottlingException');
      if (fault?.kind === 'error') throw new KmsFailure(fault.type, fault.status ?? 400);
      const answer = this[call.action](call.body);
      return [200, fault?.kind === 'wrong_key' ? { ...answer, ...this.renamed(answer) } : answer];
    } catch (error) {
      if (error instanceof KmsFailure) return [error.status, { __type: error.type, message: 'as the test wished' }];
      throw error;
    }
  }

  private renamed(answer: object): object {
    const other = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
    return 'KeyMetadata' in answer ? { KeyMetadata: { Arn: other, Enabled: true } } : { KeyId: other };
  }

  private GenerateDataKey(body: Record<string, unknown>): object {
    const key = this.usable(body['KeyId']);
    if (body['KeySpec'] !== 'AES_256') throw new KmsFailure('ValidationException');
    const plaintext = randomBytes(32);
    return {
      CiphertextBlob: seal(key, plaintext, body['EncryptionContext']).toString('base64'),
      Plaintext: plaintext.toString('base64'),
      KeyId: key.arn,
    };
  }

  private Encrypt(body: Record<string, unknown>): object {
    const key = this.usable(body['KeyId']);
    const sealed = seal(key, Buffer.from(String(body['Plaintext']), 'base64'), body['EncryptionContext']);
    return { CiphertextBlob: sealed.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  private Decrypt(body: Record<string, unknown>): object {
    const { key, plaintext } = this.openBlob(body['CiphertextBlob'], body['KeyId'], body['EncryptionContext']);
    return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  private ReEncrypt(body: Record<string, unknown>): object {
    const from = this.openBlob(body['CiphertextBlob'], body['SourceKeyId'], body['SourceEncryptionContext']);
    const to = this.usable(body['DestinationKeyId']);
    return {
      CiphertextBlob: seal(to, from.plaintext, body['DestinationEncryptionContext']).toString('base64'),
      SourceKeyId: from.key.arn,
      KeyId: to.arn,
    };
  }

  private DescribeKey(body: Record<string, unknown>): object {
    const key = this.find(body['KeyId']);
    if (key.denied) throw new KmsFailure('AccessDeniedException');
    return {
      KeyMetadata: {
        Arn: key.arn,
        KeyId: key.id,
        Enabled: key.enabled,
        KeyState: key.enabled ? 'Enabled' : 'Disabled',
      },
    };
  }

  private openBlob(blob: unknown, keyId: unknown, context: unknown): { key: Material; plaintext: Buffer } {
    const key = this.usable(keyId);
    const bytes = Buffer.from(String(blob), 'base64');
    const parsed = parseBlob(bytes);
    if (!parsed) throw new KmsFailure('InvalidCiphertextException');
    if (parsed.keyId !== key.id) throw new KmsFailure('IncorrectKeyException');
    const material = key.versions[parsed.version];
    if (!material) throw new KmsFailure('InvalidCiphertextException');
    try {
      const decipher = createDecipheriv('aes-256-gcm', material, parsed.nonce);
      decipher.setAAD(aad(context));
      decipher.setAuthTag(parsed.tag);
      return { key, plaintext: Buffer.concat([decipher.update(parsed.ciphertext), decipher.final()]) };
    } catch {
      throw new KmsFailure('InvalidCiphertextException');
    }
  }

  private usable(keyId: unknown): Material {
    const key = this.find(keyId);
    if (key.denied) throw new KmsFailure('AccessDeniedException');
    if (!key.enabled) throw new KmsFailure('DisabledException');
    return key;
  }

  private find(keyId: unknown): Material {
    const asked = this.aliases.get(String(keyId)) ?? String(keyId);
    const key = [...this.keys.values()].find((known) => known.arn === asked || known.id === asked);
    if (!key) throw new KmsFailure('NotFoundException');
    return key;
  }

  private keyOf(arn: string): Material {
    return this.keys.get(arn)!;
  }
}

const KEY_ID_BYTES = 36;

/** Key id, version of the material, nonce, tag, ciphertext. */
function seal(key: Material, plaintext: Buffer, context: unknown): Buffer {
  const version = key.versions.length - 1;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.versions[version]!, nonce);
  cipher.setAAD(aad(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from(key.id, 'ascii'), Buffer.of(version), nonce, cipher.getAuthTag(), ciphertext]);
}

function parseBlob(blob: Buffer) {
  const from = KEY_ID_BYTES + 1;
  if (blob.length < from + 12 + 16 + 1) return null;
  return {
    keyId: blob.toString('ascii', 0, KEY_ID_BYTES),
    version: blob[KEY_ID_BYTES]!,
    nonce: blob.subarray(from, from + 12),
    tag: blob.subarray(from + 12, from + 28),
    ciphertext: blob.subarray(from + 28),
  };
}

function aad(context: unknown): Buffer {
  const pairs = Object.entries((context ?? {}) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs));
}

/** For a client of the stand-in that does not wait long. */
export const kmsOptions = (kms: KmsStandIn, keyId: string): AwsKmsOptions => ({
  keyId,
  region: 'us-east-1',
  endpoint: kms.endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  requestTimeoutMs: 300,
  totalTimeoutMs: 20_000,
});

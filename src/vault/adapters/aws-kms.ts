import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import { InterlockError } from '../../platform/errors';
import { DATA_KEY_BYTES, type WrappedKey } from '../envelope';
import { KeyManagement, type GeneratedDataKey, type KeyVersion } from '../key-management';
import type { EncryptionContext } from '../seal-context';
import { VaultError, type VaultErrorReason } from '../vault-error';

/**
 * By the error's name, never by its text. Source: AWS KMS API reference, “Common errors” and the errors of each action.
 */
const REASON_BY_NAME: Readonly<Record<string, VaultErrorReason>> = {
  ThrottlingException: 'throttled',
  LimitExceededException: 'throttled',
  TooManyRequestsException: 'throttled',
  AccessDeniedException: 'denied',
  UnrecognizedClientException: 'denied',
  InvalidSignatureException: 'denied',
  MissingAuthenticationTokenException: 'denied',
  ExpiredTokenException: 'denied',
  CredentialsProviderError: 'denied',
  RequestExpired: 'denied',
  OptInRequired: 'denied',
  InvalidGrantTokenException: 'denied',
  DisabledException: 'key_disabled',
  KMSInvalidStateException: 'key_disabled',
  NotFoundException: 'key_not_found',
  InvalidKeyUsageException: 'key_not_found',
  InvalidArnException: 'key_not_found',
  UnsupportedOperationException: 'key_not_found',
  // a malformed key id: everything else that is sent was checked before
  ValidationException: 'key_not_found',
  IncorrectKeyException: 'wrong_key',
  InvalidCiphertextException: 'wrong_context',
};

export interface AwsKmsOptions {
  readonly keyId: string;
  readonly region: string;
  readonly endpoint: string | null;
  /** One attempt, connection included. */
  readonly requestTimeoutMs?: number;
  /** All attempts together. */
  readonly totalTimeoutMs?: number;
  readonly maxAttempts?: number;
  /** Told of each call's outcome; for metrics. */
  readonly onCall?: (action: string, outcome: 'ok' | VaultErrorReason, seconds: number) => void;
  readonly credentials?: KMSClientConfig['credentials'];
}

/** AWS KMS through the official SDK, which retries throttling and outages with exponential backoff and full jitter. */
export class AwsKms extends KeyManagement {
  private readonly client: KMSClient;
  private readonly totalTimeoutMs: number;
  private closed = false;

  constructor(private readonly options: AwsKmsOptions) {
    super();
    const requestTimeoutMs = options.requestTimeoutMs ?? 3_000;
    this.totalTimeoutMs = options.totalTimeoutMs ?? 10_000;
    this.client = new KMSClient({
      region: options.region,
      ...(options.endpoint ? { endpoint: options.endpoint } : {}),
      ...(options.credentials ? { credentials: options.credentials } : {}),
      maxAttempts: options.maxAttempts ?? 4,
      retryMode: 'standard',
      requestHandler: {
        connectionTimeout: 1_500,
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
        socketTimeout: requestTimeoutMs,
      },
    });
  }

  async generateDataKey(context: EncryptionContext, underKeyId = this.options.keyId): Promise<GeneratedDataKey> {
    const answer = await this.call('GenerateDataKey', (abortSignal) =>
      this.client.send(
        new GenerateDataKeyCommand({
          KeyId: underKeyId,
          KeySpec: 'AES_256',
          EncryptionContext: { ...context },
        }),
        { abortSignal },
      ),
    );
    if (!answer.Plaintext || answer.Plaintext.length !== DATA_KEY_BYTES || !answer.CiphertextBlob || !answer.KeyId) {
      answer.Plaintext?.fill(0);
      throw new VaultError('unavailable');
    }
    if (!isKey(answer.KeyId, underKeyId)) {
      answer.Plaintext.fill(0);
      throw new VaultError('wrong_key');
    }
    return {
      plaintext: takeBytes(answer.Plaintext),
      // KMS numbers no key versions: a new version of a key keeps its id, and KMS finds the material itself
      wrapped: { bytes: Buffer.from(answer.CiphertextBlob), keyId: answer.KeyId, keyVersion: 1 },
    };
  }

  async unwrap(wrapped: WrappedKey, context: EncryptionContext): Promise<Buffer> {
    const answer = await this.call('Decrypt', (abortSignal) =>
      this.client.send(
        new DecryptCommand({
          CiphertextBlob: wrapped.bytes,
          // pinned: without it KMS would open a blob of any key the caller may use
          KeyId: wrapped.keyId,
          EncryptionContext: { ...context },
        }),
        { abortSignal },
      ),
    );
    if (answer.KeyId !== wrapped.keyId) {
      answer.Plaintext?.fill(0);
      throw new VaultError('wrong_key');
    }
    if (!answer.Plaintext || answer.Plaintext.length !== DATA_KEY_BYTES) {
      answer.Plaintext?.fill(0);
      throw new VaultError('unavailable');
    }
    return takeBytes(answer.Plaintext);
  }

  async wrap(dataKey: Buffer, context: EncryptionContext, underKeyId = this.options.keyId): Promise<WrappedKey> {
    const answer = await this.call('Encrypt', (abortSignal) =>
      this.client.send(
        new EncryptCommand({ KeyId: underKeyId, Plaintext: dataKey, EncryptionContext: { ...context } }),
        { abortSignal },
      ),
    );
    if (!answer.CiphertextBlob || !answer.KeyId) throw new VaultError('unavailable');
    if (!isKey(answer.KeyId, underKeyId)) throw new VaultError('wrong_key');
    return { bytes: Buffer.from(answer.CiphertextBlob), keyId: answer.KeyId, keyVersion: 1 };
  }

  async rewrap(wrapped: WrappedKey, context: EncryptionContext, toKeyId = this.options.keyId): Promise<WrappedKey> {
    const answer = await this.call('ReEncrypt', (abortSignal) =>
      this.client.send(
        new ReEncryptCommand({
          CiphertextBlob: wrapped.bytes,
          SourceKeyId: wrapped.keyId,
          SourceEncryptionContext: { ...context },
          DestinationKeyId: toKeyId,
          DestinationEncryptionContext: { ...context },
        }),
        { abortSignal },
      ),
    );
    if (!answer.CiphertextBlob || !answer.KeyId) throw new VaultError('unavailable');
    if (answer.SourceKeyId !== wrapped.keyId || !isKey(answer.KeyId, toKeyId)) throw new VaultError('wrong_key');
    return { bytes: Buffer.from(answer.CiphertextBlob), keyId: answer.KeyId, keyVersion: 1 };
  }

  async currentKey(keyId = this.options.keyId): Promise<KeyVersion> {
    // a key that is disabled is described, and serves no other call: that is the outcome
    const arn = await this.call('DescribeKey', async (abortSignal) => {
      const { KeyMetadata: key } = await this.client.send(new DescribeKeyCommand({ KeyId: keyId }), { abortSignal });
      if (!key?.Arn) throw new VaultError('unavailable');
      if (!isKey(key.Arn, keyId)) throw new VaultError('wrong_key');
      if (key.Enabled === false) throw new VaultError('key_disabled');
      return key.Arn;
    });
    return { keyId: arn, keyVersion: 1 };
  }

  async addVersion(): Promise<KeyVersion> {
    throw new InterlockError('conflict', {
      message: 'AWS KMS rotates its keys itself (aws kms rotate-key-on-demand).',
    });
  }

  close(): void {
    this.closed = true;
    this.client.destroy();
  }

  private async call<T>(action: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.closed) throw new VaultError('unavailable');
    const started = performance.now();
    const report = (outcome: 'ok' | VaultErrorReason) =>
      this.options.onCall?.(action, outcome, (performance.now() - started) / 1000);
    try {
      const answer = await send(AbortSignal.timeout(this.totalTimeoutMs));
      report('ok');
      return answer;
    } catch (error) {
      const failure = error instanceof VaultError ? error : new VaultError(reasonOf(error), { cause: error });
      report(failure.reason);
      throw failure;
    }
  }
}

/** Everything else (KMSInternal, KeyUnavailable, DependencyTimeout, time-outs, the network) passes by itself. */
function reasonOf(error: unknown): VaultErrorReason {
  return REASON_BY_NAME[error instanceof Error ? error.name : ''] ?? 'unavailable';
}

/** A Buffer over the same memory, so that zeroing it zeroes what the SDK decoded. */
function takeBytes(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * KMS answers with the key's ARN. Asked by ARN or by id it must be that key; behind an alias only KMS knows which one
 * it is.
 */
function isKey(arn: string, asked: string): boolean {
  if (asked.startsWith('alias/') || asked.includes(':alias/')) return true;
  return asked.startsWith('arn:') ? arn === asked : arn.endsWith(`:key/${asked}`);
}

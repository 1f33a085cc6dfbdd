import { randomBytes } from 'node:crypto';
import { AwsKms } from '../../src/vault/adapters/aws-kms';
import { kmsOptions, KmsStandIn } from '../support/kms-stand-in';
import { credentialContext, reasonOf } from './key-management';

const context = credentialContext('integration-1');

describe('AWS KMS, when it misbehaves', () => {
  let kms: KmsStandIn;
  let keyId: string;
  let keys: AwsKms;
  let outcomes: string[];
  beforeEach(async () => {
    kms = await KmsStandIn.start();
    keyId = kms.createKey();
    outcomes = [];
    keys = new AwsKms({
      ...kmsOptions(kms, keyId),
      onCall: (action, outcome) => outcomes.push(`${action} ${outcome}`),
    });
  });
  afterEach(async () => {
    keys.close();
    await kms.stop();
  });

  it('is asked with a signature, a pinned key and the whole context', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    await keys.unwrap(wrapped, context);
    expect(kms.calls.map((call) => [call.action, call.signed])).toEqual([
      ['GenerateDataKey', true],
      ['Decrypt', true],
    ]);
    expect(kms.calls[1]!.body).toEqual({
      CiphertextBlob: wrapped.bytes.toString('base64'),
      KeyId: keyId,
      EncryptionContext: { ...context },
    });
    expect(outcomes).toEqual(['GenerateDataKey ok', 'Decrypt ok']);
  });

  it('is asked again after throttling, which KMS reports with status 400', async () => {
    kms.inject({ kind: 'throttle', times: 2 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
    expect(kms.calls.map((call) => call.outcome)).toEqual([400, 400, 200]);
  });

  it('is reported as throttled when it does not stop', async () => {
    kms.inject({ kind: 'throttle' });
    const patient = new AwsKms({
      ...kmsOptions(kms, keyId),
      maxAttempts: 3,
      onCall: (action, outcome) => outcomes.push(`${action} ${outcome}`),
    });
    expect(await reasonOf(patient.generateDataKey(context))).toBe('throttled');
    expect(kms.calls).toHaveLength(3);
    expect(outcomes).toEqual(['GenerateDataKey throttled']);
    patient.close();
  });

  it.each(['KMSInternalException', 'KeyUnavailableException', 'DependencyTimeoutException'])(
    'is asked again after %s',
    async (type) => {
      kms.inject({ kind: 'error', type, status: 500, times: 1 });
      expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
      kms.inject({ kind: 'error', type, status: 500 });
      expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
    },
  );

  it('is asked again after a connection cut half-way through its answer', async () => {
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    kms.inject({ kind: 'reset', times: 1 });
    expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    expect(kms.calls.map((call) => call.outcome)).toEqual([200, 'reset', 200]);
  });

  it('is asked again when one attempt hangs', async () => {
    kms.inject({ kind: 'hang', times: 1 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
    expect(kms.calls.map((call) => call.outcome)).toEqual(['hung', 200]);
  });

  it('does not hold its caller longer than all attempts together may take', async () => {
    const hurried = new AwsKms({ ...kmsOptions(kms, keyId), requestTimeoutMs: 5_000, totalTimeoutMs: 500 });
    kms.inject({ kind: 'hang' });
    const started = performance.now();
    expect(await reasonOf(hurried.generateDataKey(context))).toBe('unavailable');
    expect(performance.now() - started).toBeLessThan(1_500);
    kms.heal();
    expect(await reasonOf(hurried.generateDataKey(context))).toBe('succeeded');
    hurried.close();
  });

  it('is unavailable when nobody listens', async () => {
    await kms.stop();
    expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
  });

  it.each(['GenerateDataKey', 'Encrypt', 'Decrypt', 'ReEncrypt', 'DescribeKey'] as const)(
    'is not believed when it answers %s under another key',
    async (action) => {
      const { wrapped } = await keys.generateDataKey(context);
      kms.inject({ kind: 'wrong_key', action });
      const work = {
        GenerateDataKey: () => keys.generateDataKey(context),
        Encrypt: () => keys.wrap(randomBytes(32), context),
        Decrypt: () => keys.unwrap(wrapped, context),
        ReEncrypt: () => keys.rewrap(wrapped, context),
        DescribeKey: () => keys.currentKey(),
      }[action];
      expect(await reasonOf(work())).toBe('wrong_key');
    },
  );

  it('does not open a blob of another key that it may use', async () => {
    const other = new AwsKms(kmsOptions(kms, kms.createKey()));
    const { wrapped } = await other.generateDataKey(context);
    expect(await reasonOf(keys.unwrap({ ...wrapped, keyId }, context))).toBe('wrong_key');
    other.close();
  });

  it('says that its key is disabled', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    kms.setEnabled(keyId, false);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('key_disabled');
    expect(await reasonOf(keys.generateDataKey(context))).toBe('key_disabled');
    expect(await reasonOf(keys.currentKey())).toBe('key_disabled');
    kms.setEnabled(keyId, true);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('succeeded');
  });

  it('says that access is denied, and asks only once', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    kms.setDenied(keyId, true);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('denied');
    expect(kms.count('Decrypt')).toBe(1);
  });

  it.each([
    ['LimitExceededException', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['AccessDeniedException', 'denied'],
    ['UnrecognizedClientException', 'denied'],
    ['InvalidSignatureException', 'denied'],
    ['MissingAuthenticationTokenException', 'denied'],
    ['ExpiredTokenException', 'denied'],
    ['RequestExpired', 'denied'],
    ['OptInRequired', 'denied'],
    ['InvalidGrantTokenException', 'denied'],
    ['DisabledException', 'key_disabled'],
    ['KMSInvalidStateException', 'key_disabled'],
    ['NotFoundException', 'key_not_found'],
    ['InvalidKeyUsageException', 'key_not_found'],
    ['InvalidArnException', 'key_not_found'],
    ['UnsupportedOperationException', 'key_not_found'],
    ['ValidationException', 'key_not_found'],
    ['IncorrectKeyException', 'wrong_key'],
    ['InvalidCiphertextException', 'wrong_context'],
    ['SomethingNewException', 'unavailable'],
  ])('%s means %s', async (type, reason) => {
    const impatient = new AwsKms({ ...kmsOptions(kms, keyId), maxAttempts: 1 });
    kms.inject({ kind: 'error', type });
    expect(await reasonOf(impatient.generateDataKey(context))).toBe(reason);
    impatient.close();
  });

  it('means denied when there is nothing to sign with', async () => {
    const nobody = new AwsKms({
      ...kmsOptions(kms, keyId),
      credentials: () => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
    });
    expect(await reasonOf(nobody.generateDataKey(context))).toBe('denied');
    expect(kms.calls).toEqual([]);
    nobody.close();
  });

  it('branches on the name of an error, never on its text', async () => {
    kms.inject({ kind: 'error', type: 'com.amazonaws.kms#KMSInvalidStateException', times: 1 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('key_disabled');
  });

  it('opens what was wrapped before KMS rotated its material', async () => {
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    kms.rotateMaterial(keyId);
    expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    const rewrapped = await keys.rewrap(wrapped, context);
    expect(rewrapped.keyId).toBe(keyId);
    expect((await keys.unwrap(rewrapped, context)).equals(plaintext)).toBe(true);
  });
});

import { randomBytes } from 'node:crypto';
import type { KeyManagement } from '../../src/vault/key-management';
import { encryptionContext } from '../../src/vault/seal-context';
import type { VaultErrorReason } from '../../src/vault/vault-error';

export interface KeyManagementSubject {
  readonly keys: KeyManagement;
  /** Another process with the same configuration. */
  reopen(): KeyManagement;
  /** Makes another key current, in the way that this key management knows; returns the id it has from then on. */
  makeNextKeyCurrent(): Promise<void>;
  /** The id of a key that does not exist here. */
  readonly unknownKeyId: string;
  stop(): Promise<void>;
}

export const credentialContext = (integrationId: string) =>
  encryptionContext({
    purpose: 'integration_credential',
    ownerId: integrationId,
    merchantId: 'merchant-1',
    environment: 'sandbox',
    integrationId,
    provider: 'practicehub',
  });

export async function reasonOf(work: Promise<unknown>): Promise<VaultErrorReason | 'succeeded' | string> {
  try {
    await work;
    return 'succeeded';
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  }
}

/** What every key management promises. */
export function keyManagementContract(name: string, start: () => Promise<KeyManagementSubject>): void {
  describe(`key management: ${name}`, () => {
    const context = credentialContext('integration-1');
    let subject: KeyManagementSubject;
    let keys: KeyManagement;

    beforeEach(async () => {
      subject = await start();
      keys = subject.keys;
    });
    afterEach(() => subject.stop());

    it('makes a fresh 256-bit data key each time', async () => {
      const [one, other] = [await keys.generateDataKey(context), await keys.generateDataKey(context)];
      expect(one.plaintext).toHaveLength(32);
      expect(one.plaintext.equals(other.plaintext)).toBe(false);
      expect(one.wrapped.bytes.equals(other.wrapped.bytes)).toBe(false);
      expect(one.wrapped.bytes.includes(one.plaintext)).toBe(false);
    });

    it('unwraps what it wrapped, in every process', async () => {
      const { plaintext, wrapped } = await keys.generateDataKey(context);
      expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
      const other = subject.reopen();
      expect((await other.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
      other.close();
    });

    it('names the current key in what it wraps', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      expect({ keyId: wrapped.keyId, keyVersion: wrapped.keyVersion }).toEqual(await keys.currentKey());
    });

    it('does not unwrap under another context', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      expect(await reasonOf(keys.unwrap(wrapped, credentialContext('integration-2')))).toBe('wrong_context');
      expect(await reasonOf(keys.unwrap(wrapped, {}))).toBe('wrong_context');
    });

    it('does not unwrap what was altered', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      const bytes = Buffer.from(wrapped.bytes);
      bytes[bytes.length - 1]! ^= 1;
      expect(await reasonOf(keys.unwrap({ ...wrapped, bytes }, context))).toBe('wrong_context');
    });

    it('does not unwrap what was truncated', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      const bytes = wrapped.bytes.subarray(0, 20);
      expect(['bad_wrapped_key', 'wrong_context']).toContain(
        await reasonOf(keys.unwrap({ ...wrapped, bytes }, context)),
      );
    });

    it('does not unwrap under the name of a key that does not exist', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      expect(['wrong_key', 'key_not_found']).toContain(
        await reasonOf(keys.unwrap({ ...wrapped, keyId: subject.unknownKeyId }, context)),
      );
    });

    it('says that a key it is asked to use does not exist', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      expect(await reasonOf(keys.currentKey(subject.unknownKeyId))).toBe('key_not_found');
      expect(await reasonOf(keys.generateDataKey(context, subject.unknownKeyId))).toBe('key_not_found');
      expect(await reasonOf(keys.rewrap(wrapped, context, subject.unknownKeyId))).toBe('key_not_found');
      expect(await reasonOf(keys.wrap(randomBytes(32), context, subject.unknownKeyId))).toBe('key_not_found');
    });

    it('wraps a data key that was made elsewhere, and leaves it to its caller', async () => {
      const dataKey = randomBytes(32);
      const copy = Buffer.from(dataKey);
      const wrapped = await keys.wrap(dataKey, context);
      expect(dataKey.equals(copy)).toBe(true);
      expect({ keyId: wrapped.keyId, keyVersion: wrapped.keyVersion }).toEqual(await keys.currentKey());
      expect((await keys.unwrap(wrapped, context)).equals(dataKey)).toBe(true);
      expect(await reasonOf(keys.unwrap(wrapped, credentialContext('integration-2')))).toBe('wrong_context');
    });

    it('re-wraps the same data key under the key that is current now', async () => {
      const { plaintext, wrapped } = await keys.generateDataKey(context);
      const before = await keys.currentKey();
      await subject.makeNextKeyCurrent();
      const after = await keys.currentKey();
      expect(after).not.toEqual(before);
      const rewrapped = await keys.rewrap(wrapped, context);
      expect({ keyId: rewrapped.keyId, keyVersion: rewrapped.keyVersion }).toEqual(after);
      expect((await keys.unwrap(rewrapped, context)).equals(plaintext)).toBe(true);
      // the old one opens until its row has been replaced
      expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    });

    it('re-wraps to the key it is told to', async () => {
      const { plaintext, wrapped } = await keys.generateDataKey(context);
      await subject.makeNextKeyCurrent();
      const target = await keys.currentKey();
      const rewrapped = await keys.rewrap(wrapped, context, target.keyId);
      expect(rewrapped.keyId).toBe(target.keyId);
      expect((await keys.unwrap(rewrapped, context)).equals(plaintext)).toBe(true);
    });

    it('does not re-wrap under another context', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      expect(await reasonOf(keys.rewrap(wrapped, credentialContext('integration-2')))).toBe('wrong_context');
    });

    it('uses the new key in every process as soon as it is current', async () => {
      const other = subject.reopen();
      const { wrapped: old } = await other.generateDataKey(context);
      await subject.makeNextKeyCurrent();
      const { wrapped } = await keys.generateDataKey(context);
      expect(await reasonOf(other.unwrap(wrapped, context))).toBe('succeeded');
      expect(await reasonOf(other.unwrap(old, context))).toBe('succeeded');
      other.close();
    });

    it('does nothing once it is closed', async () => {
      const { wrapped } = await keys.generateDataKey(context);
      keys.close();
      expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
      expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('unavailable');
      expect(await reasonOf(keys.rewrap(wrapped, context))).toBe('unavailable');
      expect(await reasonOf(keys.wrap(randomBytes(32), context))).toBe('unavailable');
    });

    it('does not finish under keys that were zeroed what was under way when it was closed', async () => {
      const { plaintext, wrapped } = await keys.generateDataKey(context);
      const work = keys.rewrap(wrapped, context);
      keys.close();
      const rewrapped = await work.catch(() => null);
      if (!rewrapped) return;
      const other = subject.reopen();
      expect((await other.unwrap(rewrapped, context)).equals(plaintext)).toBe(true);
      other.close();
    });

    it('keeps its secrets out of every error', async () => {
      const { plaintext, wrapped } = await keys.generateDataKey(context);
      const error = (await keys
        .unwrap({ ...wrapped, bytes: Buffer.concat([wrapped.bytes, Buffer.of(1)]) }, context)
        .catch((thrown: unknown) => thrown)) as Error;
      const text = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n');
      expect(text).not.toContain(plaintext.toString('base64'));
      expect(text).not.toContain(wrapped.bytes.toString('base64'));
      expect(text).not.toContain('merchant-1');
    });
  });
}

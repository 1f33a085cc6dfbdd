import { createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { LocalKeyring } from '../src/vault/adapters/local-keyring';
import { DataKeyCache } from '../src/vault/data-key-cache';
import { ALGORITHM, encrypt, TAG_BYTES } from '../src/vault/envelope';
import { EnvelopeOpener, type SealedRow } from '../src/vault/envelope-opener';
import { AAD_VERSION, contextBytes, encryptionContext, type SealContext } from '../src/vault/seal-context';
import { benchmark, seconds } from './support/benchmark';

/**
 * How fast a sealed credential opens with its key cached, below the database and the audit log, in one process and one
 * run, in turns: against bare node:crypto (same key, nonce, AAD, payload) and against the AWS Encryption SDK for
 * JavaScript with its caching materials manager. Each opener does what its callers do: context from the owner,
 * plaintext out as a Buffer.
 */
const ROUNDS_PER_RUN = 8;
/** Some 20 ms each: of rounds of unequal length a busy machine would cut the longer ones more often. */
const OPENS = { vault: 3_000, raw: 8_000, sdk: 16, sdkUnsigned: 60 };
const SECRETS = 200;

const payload = Buffer.from(
  JSON.stringify({ apiKey: randomBytes(24).toString('base64url'), baseUrl: 'https://clinic-17.practicehub.example' }),
);

interface Contender {
  readonly name: string;
  readonly opens: number;
  run(opens: number): Promise<void>;
  /** Opens a second of each run: its best round, which the rest of the machine disturbed least. */
  readonly bests: number[];
}

class CountingKeyring extends LocalKeyring {
  unwraps = 0;

  override unwrap(...args: Parameters<LocalKeyring['unwrap']>): Promise<Buffer> {
    this.unwraps++;
    return super.unwrap(...args);
  }
}

benchmark({}, async ({ runs, log, report }) => {
  const owners = Array.from({ length: SECRETS }, () => contextOf(randomUUID()));
  const keys = new CountingKeyring({ text: `1:${randomBytes(32).toString('base64')}` });
  const contenders: Contender[] = [
    await vaultOf(owners, keys),
    await rawOf(owners, keys),
    await sdkOf(owners, true),
    await sdkOf(owners, false),
  ];
  for (const contender of contenders) await contender.run(contender.opens * 10);
  for (let run = 0; run < runs; run++) {
    const best = contenders.map(() => 0);
    for (let round = 0; round < ROUNDS_PER_RUN; round++) {
      for (const [at, contender] of contenders.entries()) {
        const took = await seconds(() => contender.run(contender.opens));
        best[at] = Math.max(best[at]!, contender.opens / took);
      }
    }
    for (const [at, contender] of contenders.entries()) contender.bests.push(best[at]!);
  }
  for (const { name, opens, bests } of contenders) {
    log(`${name}: ${bests.map(Math.round).join(' ')} opens/s (best of ${ROUNDS_PER_RUN} rounds of ${opens})`);
  }
  const [vault, ...references] = contenders as [Contender, ...Contender[]];
  const ids = ['vault.open.raw', 'vault.open.sdk', 'vault.open.sdk-unsigned'] as const;
  for (const [at, id] of ids.entries()) {
    const samples = vault.bests.map((ours, run) => ({ ours, reference: references[at]!.bests[run]! }));
    report(id, samples, `${payload.length} bytes, ${SECRETS} credentials`);
  }
  const opens = vault.opens * (10 + runs * ROUNDS_PER_RUN);
  report('vault.unwraps', [{ ours: keys.unwraps / SECRETS }], `${opens} opens of ${SECRETS} credentials`);
  keys.close();
});

function contextOf(integrationId: string): SealContext {
  return {
    purpose: 'integration_credential',
    ownerId: integrationId,
    merchantId: randomUUID(),
    environment: 'live',
    integrationId,
    provider: 'practicehub',
  };
}

async function rowOf(owner: SealContext, keys: LocalKeyring): Promise<SealedRow> {
  const context = encryptionContext(owner);
  const { plaintext, wrapped } = await keys.generateDataKey(context);
  return {
    id: randomUUID(),
    // as it comes out of a jsonb column: shorter names first
    context: Object.fromEntries(Object.entries(context).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))),
    algorithm: ALGORITHM,
    aadVersion: AAD_VERSION,
    wrappedKey: wrapped.bytes,
    keyId: wrapped.keyId,
    keyVersion: wrapped.keyVersion,
    destroyedAt: null,
    ...encrypt(plaintext, context, payload),
  };
}

async function vaultOf(owners: readonly SealContext[], keys: LocalKeyring): Promise<Contender> {
  const cache = new DataKeyCache();
  const opener = new EnvelopeOpener(keys, cache);
  const rows = await Promise.all(owners.map((owner) => rowOf(owner, keys)));
  const run = async (opens: number): Promise<void> => {
    for (let index = 0; index < opens; index++) {
      const at = index % SECRETS;
      const opened = await opener.open(rows[at]!, encryptionContext(owners[at]!), opener.ticket());
      check(opened);
    }
  };
  return { name: 'vault', opens: OPENS.vault, run, bests: [] };
}

async function rawOf(owners: readonly SealContext[], keys: LocalKeyring): Promise<Contender> {
  const sealed = await Promise.all(
    owners.map(async (owner) => {
      const context = encryptionContext(owner);
      const { plaintext: key } = await keys.generateDataKey(context);
      return { key, aad: contextBytes(context), ...encrypt(key, context, payload) };
    }),
  );
  const run = async (opens: number): Promise<void> => {
    for (let index = 0; index < opens; index++) {
      const { key, aad, nonce, tag, ciphertext } = sealed[index % SECRETS]!;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aad);
      decipher.setAuthTag(tag);
      const opened = decipher.update(ciphertext);
      decipher.final();
      check(opened);
    }
  };
  return { name: 'node:crypto', opens: OPENS.raw, run, bests: [] };
}

/** Its default suite signs every message; the plain one, like the vault, does not. */
async function sdkOf(owners: readonly SealContext[], signed: boolean): Promise<Contender> {
  const { encrypt: seal, decrypt: open } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const suiteId = signed
    ? AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
    : AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  const keyring = new RawAesKeyringNode({
    keyName: 'bench',
    keyNamespace: 'bench',
    unencryptedMasterKey: randomBytes(32),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const manager = new NodeCachingMaterialsManager({
    backingMaterials: keyring,
    cache: getLocalCryptographicMaterialsCache(10_000),
    maxAge: 30 * 60_000,
    maxMessagesEncrypted: 1_000_000,
  });
  const messages = await Promise.all(
    owners.map(
      async (owner) =>
        (await seal(keyring, payload, { suiteId, encryptionContext: { ...encryptionContext(owner) } })).result,
    ),
  );
  const run = async (opens: number): Promise<void> => {
    for (let index = 0; index < opens; index++) check((await open(manager, messages[index % SECRETS]!)).plaintext);
  };
  // every message once: its materials are in the cache from here on
  await run(SECRETS);
  const name = `AWS Encryption SDK, ${signed ? 'default suite' : 'suite without signatures'}`;
  return { name, opens: signed ? OPENS.sdk : OPENS.sdkUnsigned, run, bests: [] };
}

function check(opened: Buffer): void {
  if (opened.length !== payload.length || opened[2] !== payload[2]) throw new Error('opened as something else');
}

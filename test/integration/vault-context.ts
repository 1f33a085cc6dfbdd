import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Client } from 'pg';
import { AuditModule } from '../../src/audit';
import { dataSourceOptions } from '../../src/database/data-source';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { DatabaseModule, UnitOfWork } from '../../src/platform/database';
import { PlaintextSecret, Vault, VaultModule, type SealContext } from '../../src/vault';
import { migratedDatabase, type TestDatabase } from '../support/database';

export interface VaultProcess {
  readonly get: TestingModule['get'];
  readonly config: AppConfig;
  close(): Promise<void>;
}

/** One process with the vault and what it stands on, and nothing else of the application. */
export async function startVaultProcess(environment: Record<string, string>): Promise<VaultProcess> {
  const config = loadConfig({ NODE_ENV: 'test', AWS_REGION: 'us-east-1', ...environment });
  @Module({ providers: [{ provide: AppConfig, useValue: config }], exports: [AppConfig] })
  class ConfigModule {}
  const module = await Test.createTestingModule({
    imports: [
      { module: ConfigModule, global: true },
      DatabaseModule.forRoot(dataSourceOptions({ ...config.database, poolSize: 8 })),
      AuditModule,
      VaultModule,
    ],
  }).compile();
  module.enableShutdownHooks();
  await module.init();
  return { get: module.get.bind(module), config, close: () => module.close() };
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-vault-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Two processes with one keyring on a database of their own. */
export interface VaultWorld {
  readonly database: TestDatabase;
  readonly folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly one: VaultProcess;
  readonly other: VaultProcess;
  readonly db: Client;
  stop(): Promise<void>;
}

export async function startVaultWorld(): Promise<VaultWorld> {
  const database = await migratedDatabase();
  const folder = await temporaryFolder();
  const environment = { DATABASE_URL: database.url, DATA_DIR: folder.path };
  const [one, other] = [await startVaultProcess(environment), await startVaultProcess(environment)];
  const db = new Client({ connectionString: database.url });
  await db.connect();
  const stop = async (): Promise<void> => {
    await db.end();
    await one.close();
    await other.close();
    await database.drop();
    await folder.remove();
  };
  return { database, folder, one, other, db, stop };
}

export const credentialOf = (integrationId: string): SealContext => ({
  purpose: 'integration_credential',
  ownerId: integrationId,
  merchantId: '0b6f6a0e-3b0e-4a55-8d0a-6b1f0e4d6c11',
  environment: 'sandbox',
  integrationId,
  provider: 'practicehub',
});

export async function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'opened',
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );
}

/** Seals and opens by owner through one process. */
export function secretsOf(process: VaultProcess) {
  const vault = process.get(Vault);
  const run = <T>(work: (tx: Parameters<Parameters<UnitOfWork['run']>[0]>[0]) => Promise<T>) =>
    process.get(UnitOfWork).run(work);
  return {
    seal: async (text: string, owner = randomUUID()): Promise<Sealed> => ({
      id: await run((tx) => vault.seal(tx, credentialOf(owner), PlaintextSecret.fromString(text))),
      owner,
      text,
    }),
    open: async ({ id, owner }: Sealed) => (await vault.open(id, credentialOf(owner), { purpose: 'test' })).reveal(),
    destroy: (id: string) => run((tx) => vault.destroy(tx, id)),
  };
}
export interface Sealed {
  id: string;
  owner: string;
  text: string;
}
export const texts = (count: number) => Array.from({ length: count }, (_one, index) => `secret number ${index}`);

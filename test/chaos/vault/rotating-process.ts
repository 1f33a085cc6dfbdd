import 'reflect-metadata';
import { VaultRotation } from '../../../src/vault';
import { startVaultProcess } from '../../integration/vault-context';

/** A process that rotates and is not told that it will be killed. Each line it writes is a batch that has committed. */
async function main(): Promise<void> {
  const { DATABASE_URL, DATA_DIR, CHAOS_MODE, CHAOS_BATCH } = process.env as Record<string, string>;
  const vault = await startVaultProcess({ DATABASE_URL: DATABASE_URL!, DATA_DIR: DATA_DIR! });
  const rotation = vault.get(VaultRotation);
  const { id } = await rotation.start({ mode: CHAOS_MODE as 'rewrap' | 'reencrypt', requestedBy: 'chaos' });
  process.stdout.write('begun\n');
  const ended = await rotation.run(id, {
    batchSize: Number(CHAOS_BATCH),
    onProgress: (progress) => void process.stdout.write(`${progress.state} ${progress.moved} ${progress.verified}\n`),
  });
  process.stdout.write(`ended ${JSON.stringify(ended)}\n`);
  await vault.close();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

let isBuilt = false;

/** dist/ as it is shipped: the programs and the console’s page. Built when it is missing or old. */
export function build(): void {
  if (isBuilt) return;
  const { status } = spawnSync(process.execPath, ['scripts/build.cjs'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The build failed.');
  isBuilt = true;
}

/** The SDK as it is shipped, into a folder of the test's own: two may build at the same time. */
export function buildSdk(folder: string): void {
  const { status } = spawnSync(process.execPath, ['scripts/sdk.cjs', folder], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The SDK was not built.');
}

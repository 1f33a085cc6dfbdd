import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { ResolvedAddress } from './guarded-connector';

/** How long a reading is good for: an edited file is seen soon, and a call costs no reading of its own. */
const KEPT_MS = 5_000;

/** The names that the machine itself gives addresses to. */
export class HostsFile {
  private names: Promise<ReadonlyMap<string, readonly ResolvedAddress[]>>;
  private readAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly file = '/etc/hosts') {}

  /** Empty where the file says nothing of the name, and where there is no file. */
  async addressesOf(name: string): Promise<readonly ResolvedAddress[]> {
    if (performance.now() - this.readAt > KEPT_MS) {
      this.readAt = performance.now();
      // kept while it is read: who asks meanwhile waits for it too
      this.names = readFile(this.file, 'utf8').then(parseHosts, () => new Map());
    }
    return (await this.names).get(name) ?? [];
  }
}

function parseHosts(text: string): Map<string, ResolvedAddress[]> {
  const names = new Map<string, ResolvedAddress[]>();
  for (const line of text.split('\n')) {
    const [address, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address ?? '');
    if (family === 0) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase();
      names.set(name, [...(names.get(name) ?? []), { address: address!, family: family === 6 ? 6 : 4 }]);
    }
  }
  return names;
}

import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from './manifest';
import { MAX_MANIFEST_BYTES, readManifest, toldFault, TOO_LARGE } from './read-manifest';

const IS_MANIFEST = /^[^.].*\.(ya?ml|json)$/;
const MAX_FILES = 200;

/** What is not served, or not in its newest version, and why. */
export interface RefusedManifest {
  readonly place: string;
  readonly reason: string;
}

interface KnownFile {
  /** What the file looked like when it was last seen, and when it was last read. */
  seen: string;
  read: string | null;
  /** The last version without a fault. */
  manifest: Manifest | null;
  fault: string | null;
}

/** A folder of manifests. What cannot be read changes nothing: the version before stays. */
export class ManifestFolder {
  private readonly files = new Map<string, KnownFile>();
  private folderFault: string | null = null;
  private overfull = 0;

  constructor(private readonly folder: string) {}

  /**
   * Reads what has changed since the last look; whether there was anything. A file that is still being written is left
   * for the next look, unless there is nothing before it.
   */
  async look(): Promise<boolean> {
    const names = await this.names();
    if (names === null) return false;
    let changed = false;
    for (const name of this.files.keys()) if (!names.includes(name)) changed = this.files.delete(name) || changed;
    for (const name of names) changed = (await this.lookAt(name)) || changed;
    return changed;
  }

  /** Of two files with one id the first by name. */
  manifests(): readonly Manifest[] {
    return [...this.byId().values()].map(([, { manifest }]) => manifest!);
  }

  refused(): readonly RefusedManifest[] {
    const first = this.byId();
    const ofFiles = [...this.files].flatMap(([name, { fault, manifest }]) => {
      if (fault !== null) return [{ place: name, reason: fault }];
      const holder = manifest && first.get(manifest.id)![0];
      return holder === null || holder === name ? [] : [{ place: name, reason: `has the id of ${holder}` }];
    });
    return [
      ...(this.folderFault === null ? [] : [{ place: this.folder, reason: this.folderFault }]),
      ...(this.overfull === 0
        ? []
        : [{ place: this.folder, reason: `holds ${this.overfull} files beyond ${MAX_FILES}` }]),
      ...ofFiles,
    ];
  }

  private byId(): Map<string, [name: string, file: KnownFile]> {
    const found = new Map<string, [string, KnownFile]>();
    for (const [name, file] of [...this.files].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      if (file.manifest && !found.has(file.manifest.id)) found.set(file.manifest.id, [name, file]);
    }
    return found;
  }

  private async names(): Promise<string[] | null> {
    try {
      const all = (await readdir(this.folder)).filter((name) => IS_MANIFEST.test(name)).toSorted();
      this.folderFault = null;
      this.overfull = Math.max(0, all.length - MAX_FILES);
      return all.slice(0, MAX_FILES);
    } catch (error) {
      this.folderFault = `cannot be read: ${codeOf(error)}`;
      return null;
    }
  }

  private async lookAt(name: string): Promise<boolean> {
    const place = path.join(this.folder, name);
    const known = this.files.get(name) ?? { seen: '', read: null, manifest: null, fault: null };
    this.files.set(name, known);
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(place);
      const now = [ino, size, mtimeMs, ctimeMs].join(' ');
      if (known.read === now) return false;
      const isSettled = known.seen === now || known.manifest === null;
      known.seen = now;
      if (!isSettled) return false;
      const { manifest, faults } = size > MAX_MANIFEST_BYTES ? TOO_LARGE : readManifest(await readFile(place, 'utf8'));
      known.read = now;
      known.fault = faults.length > 0 ? faults.map(toldFault).join('; ') : null;
      if (manifest) known.manifest = manifest;
    } catch (error) {
      const fault = `cannot be read: ${codeOf(error)}`;
      if (known.fault === fault) return false;
      Object.assign(known, { fault, read: null });
    }
    return true;
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? 'unknown');
}

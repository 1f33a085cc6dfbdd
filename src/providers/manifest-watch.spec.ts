import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { exampleText } from '../../test/support/manifest-server';
import { ManifestWatch } from './manifest-watch';
import type { ServedProvider } from './provider.registry';

describe('a folder of manifests that is followed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-providers-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('leaves a provider and its tokens as they are while other files change', async () => {
    const file = path.join(folder, 'acme.yaml');
    await writeFile(file, exampleText());
    let served: readonly ServedProvider[] = [];
    const registry = { serve: (origin: string, all: ServedProvider[]) => void (origin === 'folder' && (served = all)) };
    const watch = new ManifestWatch(
      { providers: { folder, liveHosts: {} } } as never,
      { ...registry, has: () => true, onUnknown: () => undefined } as never,
      { current: () => Promise.resolve([]) } as never,
      { connected: true, subscribe: () => undefined } as never,
    );
    const adapterOf = async (id: string) => {
      await watch['tick']();
      await watch['tick']();
      return served.find(({ entry }) => entry.id === id)?.adapter;
    };
    const before = await adapterOf('acme');
    expect(before).toBeDefined();
    await writeFile(path.join(folder, 'broken.yaml'), 'id: [');
    expect(await adapterOf('acme')).toBe(before);
    await writeFile(path.join(folder, 'other.yaml'), exampleText({ id: 'other' }));
    expect(await adapterOf('other')).toBeDefined();
    expect(await adapterOf('acme')).toBe(before);
    await rm(path.join(folder, 'other.yaml'));
    expect(await adapterOf('acme')).toBe(before);
    await writeFile(file, exampleText({ name: 'Acme of another name' }));
    expect(await adapterOf('acme')).not.toBe(before);
  });
});

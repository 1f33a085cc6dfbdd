import type { Environment } from '../../platform/http';
import { MAX_PAGE_BYTES } from '../bounded-reading';
import { bareBaseUrl, leadsElsewhere } from '../credentials';
import { noSuchList } from '../list-rows';
import { ProviderAdapter, type AdapterOptions, type ProviderCall, type ProviderCredentials } from '../provider';
import type { Manifest } from './manifest';
import { accountIn, ManifestClient } from './manifest-client';
import { ManifestStream } from './manifest-stream';

/** A provider that a manifest describes. */
export class ManifestAdapter extends ProviderAdapter {
  readonly id: string;
  readonly streams: readonly ManifestStream[];

  constructor(
    private readonly manifest: Manifest,
    options: AdapterOptions,
  ) {
    super(options);
    this.id = manifest.id;
    this.streams = manifest.streams.map((list) => new ManifestStream(manifest, list));
  }

  normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials {
    const { segment = '' } = this.manifest.baseUrl;
    const bare = bareBaseUrl(input.baseUrl, {
      segment: segment.toLowerCase(),
      liveHostSuffixes: this.liveHostSuffixes,
      live: environment === 'live',
    });
    return { ...input, baseUrl: segment === '' ? bare : `${bare}/${segment}` };
  }

  async testCredentials(call: ProviderCall): Promise<{ accountId: string }> {
    const { test, name } = this.manifest;
    let answer;
    try {
      answer = await new ManifestClient(this.manifest, call).get(test.path, { maxBytes: MAX_PAGE_BYTES });
      if (answer.gone) throw noSuchList(answer.status);
    } catch (error) {
      throw leadsElsewhere(error, `the ${name} API`);
    }
    const { baseUrl } = call.credentials;
    return { accountId: test.account === undefined ? baseUrl : accountIn(answer.body, test.account) };
  }
}

import { catalogueEntry } from '../catalogue';
import { HEADER_VALUE, keyAndPlace, type CredentialField, type CredentialFields } from '../credential-fields';
import type { ProviderOrigin, ServedProvider } from '../provider.registry';
import { RESOURCE_TYPES } from '../records';
import type { Manifest, ManifestCredential } from './manifest';
import { ManifestAdapter } from './manifest.adapter';

const DEFAULT_SETTLE_MARGIN_SECONDS = 60;
const DEFAULT_FIELD_LENGTH = 200;

/** What a manifest describes, as the service serves it. `liveHosts`: what the operator says instead of `hosts`. */
export function servedManifest(
  manifest: Manifest,
  origin: ProviderOrigin,
  liveHosts: readonly string[] | undefined,
): ServedProvider {
  const { id, name, docsUrl, interval, rate, baseUrl, streams, state = 'beta' } = manifest;
  const liveHostSuffixes = liveHosts ?? manifest.hosts;
  const entry = catalogueEntry(id, {
    name,
    credentials: credentialsOf(manifest),
    defaultIntervalMinutes: interval.defaultMinutes,
    minimumIntervalMinutes: interval.minimumMinutes,
    resources: RESOURCE_TYPES.filter((type) => streams.some(({ resource }) => resource === type)),
    capabilities: {
      paymentMethods: false,
      pushPayments: false,
      packages: streams.some(({ enabledBy }) => enabledBy === 'syncPackages'),
    },
    docsUrl,
    liveHostSuffixes,
    rate,
    hostPerMerchant: baseUrl.perMerchant ?? false,
    settleMarginSeconds: manifest.settleMarginSeconds ?? DEFAULT_SETTLE_MARGIN_SECONDS,
  });
  return { entry, adapter: new ManifestAdapter(manifest, { liveHostSuffixes }), origin, state };
}

function credentialsOf({ baseUrl, credentials = {} }: Manifest): CredentialFields {
  const own = keyAndPlace({ apiKey: 'k-8c1f2d4e6a8b', baseUrl: baseUrl.example });
  const place: CredentialField =
    baseUrl.default === undefined ? own.baseUrl : { ...own.baseUrl, default: baseUrl.default };
  const further = Object.entries(credentials).map(([name, field]) => [name, fieldOf(field)] as const);
  return { ...own, baseUrl: place, ...Object.fromEntries(further) };
}

/** Any of them may be sent in a header. */
function fieldOf({ secret, maxLength = DEFAULT_FIELD_LENGTH, ...told }: ManifestCredential): CredentialField {
  return { ...told, maxLength, pattern: HEADER_VALUE, ...(secret ? { secret } : {}) };
}

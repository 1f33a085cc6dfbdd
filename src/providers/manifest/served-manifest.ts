import { catalogueEntry } from '../catalogue';
import {
  HEADER_VALUE,
  keyAndPlace,
  PRIVATE_KEY,
  type CredentialField,
  type CredentialFields,
} from '../credential-fields';
import type { ProviderOrigin, ServedProvider } from '../provider.registry';
import { RESOURCE_TYPES } from '../records';
import { asksForKey } from './auth-templates';
import type { Manifest, ManifestCredential } from './manifest';
import { pemFieldOf } from './manifest-auth';
import { ManifestAdapter } from './manifest.adapter';

const DEFAULT_SETTLE_MARGIN_SECONDS = 60;
const DEFAULT_FIELD_LENGTH = 200;
/** An RSA key of 8,192 bits in PEM is shorter. */
const PRIVATE_KEY_LENGTH = 8_192;

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

function credentialsOf(manifest: Manifest): CredentialFields {
  const { auth, baseUrl, credentials = {} } = manifest;
  const own = keyAndPlace({ apiKey: 'k-8c1f2d4e6a8b', baseUrl: baseUrl.example });
  const further = Object.entries(credentials);
  const isTold = further.some(([, { identifies }]) => identifies);
  const { identifies, ...key } = own.apiKey;
  const apiKey: CredentialField = isTold ? key : { ...key, identifies };
  const place: CredentialField =
    baseUrl.default === undefined ? own.baseUrl : { ...own.baseUrl, default: baseUrl.default };
  const pem = pemFieldOf(auth);
  return {
    ...(asksForKey(manifest) ? { apiKey } : {}),
    baseUrl: place,
    ...Object.fromEntries(further.map(([name, field]) => [name, fieldOf(field, name === pem)])),
  };
}

/** Any of them may be sent in a header, but for a private key, which is never sent. */
function fieldOf(field: ManifestCredential, isPem: boolean): CredentialField {
  const { secret, maxLength = isPem ? PRIVATE_KEY_LENGTH : DEFAULT_FIELD_LENGTH, ...told } = field;
  return { ...told, maxLength, pattern: isPem ? PRIVATE_KEY : HEADER_VALUE, ...(secret ? { secret } : {}) };
}

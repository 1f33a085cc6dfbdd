import { APP_DETAILS, fieldSchema, keyAndPlace, schemaOfCredentials, type CredentialFields } from './credential-fields';
import type { ResourceType } from './records';

export interface ProviderCapabilities {
  readonly paymentMethods: boolean;
  readonly pushPayments: boolean;
  readonly packages: boolean;
}

/** What `GET /v2/providers` serves of a provider, and what the service itself must know of it. */
export interface ProviderFacts {
  readonly name: string;
  readonly credentials: CredentialFields;
  readonly defaultIntervalMinutes: number;
  readonly minimumIntervalMinutes: number;
  readonly resources: readonly ResourceType[];
  readonly capabilities: ProviderCapabilities;
  readonly docsUrl: string;
  /**
   * Host suffixes that a live credential may lead to, unless PROVIDER_LIVE_HOSTS says others; null: any public host.
   */
  readonly liveHostSuffixes: readonly string[] | null;
  /**
   * What the provider allows, all processes together; the service's own simulators declare 50 a second. `per` says to
   * whom: an account (a clinic's own host, a gym), or a key where all merchants call the same host.
   */
  readonly rate: { readonly perSecond: number; readonly burst: number; readonly per: 'account' | 'key' };
  /** Each merchant has a host of its own: several of them failing are an outage only where their hosts differ. */
  readonly hostPerMerchant: boolean;
  /** Seconds that rows may appear later than the provider's own clock says: the cursor stays this far behind it. */
  readonly settleMarginSeconds: number;
}

/** Every provider that is part of the program: whatever else lists these is made from this. */
const PROVIDERS = {
  practicehub: {
    name: 'PracticeHub',
    credentials: {
      ...keyAndPlace({ apiKey: 'ph_8c1f2d4e6a8b', baseUrl: 'https://yourclinic.practicehub.io' }),
      ...APP_DETAILS,
    },
    defaultIntervalMinutes: 60,
    minimumIntervalMinutes: 5,
    resources: ['customers', 'products', 'invoices', 'payments'],
    capabilities: { paymentMethods: true, pushPayments: true, packages: true },
    docsUrl: 'https://practicehub.io',
    liveHostSuffixes: ['.practicehub.io'],
    rate: { perSecond: 3, burst: 6, per: 'account' },
    hostPerMerchant: true,
    settleMarginSeconds: 60,
  },
  wodify: {
    name: 'Wodify',
    credentials: keyAndPlace({ apiKey: 'wd_8c1f2d4e6a8b', baseUrl: 'https://api.wodify.com/v1' }),
    defaultIntervalMinutes: 60,
    minimumIntervalMinutes: 15,
    resources: ['customers', 'products', 'invoices', 'payments'],
    capabilities: { paymentMethods: false, pushPayments: false, packages: true },
    docsUrl: 'https://docs.wodify.com',
    liveHostSuffixes: ['.wodify.com'],
    rate: { perSecond: 5, burst: 20, per: 'account' },
    hostPerMerchant: false,
    settleMarginSeconds: 60,
  },
  terminal: {
    name: 'Terminal',
    credentials: keyAndPlace({ apiKey: 'tm_8c1f2d4e6a8b', baseUrl: 'https://api.revkeen.com' }),
    defaultIntervalMinutes: 15,
    minimumIntervalMinutes: 5,
    resources: ['payments', 'devices'],
    capabilities: { paymentMethods: false, pushPayments: false, packages: false },
    docsUrl: 'https://docs.revkeen.com',
    liveHostSuffixes: null,
    rate: { perSecond: 10, burst: 20, per: 'key' },
    hostPerMerchant: false,
    settleMarginSeconds: 30,
  },
} satisfies Record<string, ProviderFacts>;

export type BuiltInId = keyof typeof PROVIDERS;
/** Of any provider; which ones there are at this moment, `ProviderRegistry` knows. */
export type ProviderId = string;
export const PROVIDER_ID_FORM = /^[a-z][a-z0-9_-]{1,31}$/;

export interface ProviderCatalogueEntry extends ProviderFacts {
  readonly id: ProviderId;
  /** JSON Schema of `credentials`: the one that validates them is the one that is published. */
  readonly credentialSchema: Readonly<Record<string, unknown>>;
}

export function catalogueEntry(id: ProviderId, facts: ProviderFacts): ProviderCatalogueEntry {
  return { id, ...facts, credentialSchema: schemaOfCredentials(facts.credentials) };
}

/** In the catalogue's order: the ones that API documents list. */
export const BUILT_IN_IDS = Object.keys(PROVIDERS) as readonly BuiltInId[];

export const BUILT_IN_CATALOGUE = Object.fromEntries(
  BUILT_IN_IDS.map((id) => [id, catalogueEntry(id, PROVIDERS[id])]),
) as unknown as Readonly<Record<BuiltInId, ProviderCatalogueEntry>>;

/** By name, of all built-in providers together; the first that has a field describes it. */
export const CREDENTIAL_FIELDS: CredentialFields = Object.assign(
  {},
  ...BUILT_IN_IDS.toReversed().map((id) => BUILT_IN_CATALOGUE[id].credentials),
);

/**
 * A field as an API document shows it. How one provider restricts it further, that provider's `credentialSchema` says.
 */
export function documentedField(name: string) {
  const field = CREDENTIAL_FIELDS[name]!;
  const { type, description, minLength, maxLength, format, default: standard } = fieldSchema(field);
  return {
    type,
    description,
    minLength,
    maxLength,
    ...(format && { format }),
    ...(standard !== undefined && { default: standard }),
    required: standard === undefined,
    example: field.example,
  };
}

/** The port: what an adapter is and what it is given. */
export * from './provider';
/** The normalised records. */
export * from './records';
/** What `GET /v2/providers` serves. */
export * from './catalogue';
/** What a merchant sends as credentials, validated by the catalogue's own description. */
export { checkedCredentials } from './checked-credentials';
export { type CredentialFields, identityOf } from './credential-fields';
export { PROVIDER_ORIGINS, PROVIDER_STATES, ProviderNotServed, ProviderRegistry } from './provider.registry';
export type { ProviderOrigin, ProviderState, ServedProvider } from './provider.registry';
/** How a query or a body names providers. */
export { AreProviders, QueryProvider } from './http/provider-fields';
export { ProviderNames, unknownProvider } from './http/provider-names.pipe';
export { ProvidersModule } from './providers.module';
/** Digests of listed rows: what a row is understood by, and how long that part is. */
export { digestSeed, SEED_LENGTH } from './row';
/** What the pages of one scan must be to make one list. */
export { BrokenPageChain, PageChain } from './page-chain';
/** Calls for single rows, which one row's failure does not end. */
export { RowCalls } from './row-calls';
/** Decimal places of a currency's minor unit. */
export { exponentOf } from './money';
/** What a zone does to the times that are read in it. */
export { earliestReading, isUnclearHour } from './zoned-time';
/** What is known of each provider, and how an account is checked against it. */
export { type AccountCheck, checkAccount, type CheckedFact } from './account-check';
export type { ProviderFactPage } from './fact';
export { PROVIDER_FACTS } from './provider-facts';
export { createAdapter } from './adapters';
export { servesAsToken, UnstoredGrant, withGrant } from './unstored-grant';
/** A provider as data. */
export * from './manifest';
export { ManifestWatch, type StandingRefusal } from './manifest-watch';
export { type ManifestInVersions, ProviderManifests, type StoreOptions } from './provider-manifests.service';
/** What a list's rows show of the provider's API: names, forms and words, for whoever notices new ones. */
export { type Sighting, sightingsIn } from './sightings';

/** The port: what an adapter is and what it is given. */
export * from './provider';
/** The normalised records. */
export * from './records';
/** What `GET /v2/providers` serves. */
export * from './catalogue';
export { ProviderRegistry } from './provider.registry';
export { ProvidersModule } from './providers.module';
/** Decimal places of a currency's minor unit. */
export { exponentOf } from './money';

/** The port: what an adapter is and what it is given. */
export * from './provider';
/** The normalised records. */
export * from './records';
/** What `GET /v2/providers` serves. */
export * from './catalogue';
export { ProviderRegistry } from './provider.registry';
export { ProvidersModule } from './providers.module';
/** The part of a digest that says how it was made. */
export { SEED_LENGTH } from './row';
/** Decimal places of a currency's minor unit. */
export { exponentOf } from './money';

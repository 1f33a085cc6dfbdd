export { AppConfig, originOf } from './app-config';
export type { OpenIdSettings } from './app-config';
export { listConfiguration } from './list-config';
export { ConfigurationError, environmentVariableNames, loadConfig } from './load-config';
export { isLoopbackHost } from './loopback';
export { redisAddressOf } from './redis-address';
export type { RedisAddress } from './redis-address';
export type { Risk } from './risks';

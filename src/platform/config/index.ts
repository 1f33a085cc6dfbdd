export { AppConfig } from './app-config';
export type { Role } from './app-config';
export { ConfigurationError, environmentVariableNames, loadConfig } from './load-config';

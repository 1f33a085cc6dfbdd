import { defaultsBeside } from './defaults';
import type { EnvironmentVariables } from './environment';
import { environmentVariableNames, loadConfig } from './load-config';

export interface ConfigurationLine {
  readonly variable: string;
  /** Secrets and the credentials of URLs masked; null: it has no value. */
  readonly value: string | null;
  readonly source: 'environment' | 'default' | 'unset';
}

const SECRET_NAME = /(SECRET|TOKEN|PASSWORD|KEYRING|_KEY)S?$/;
const MASK = '***';

/**
 * Every variable, what it is and where that comes from. Throws ConfigurationError where the environment is not valid.
 */
export function listConfiguration(environment: NodeJS.ProcessEnv): ConfigurationLine[] {
  loadConfig(environment);
  const isSet = (name: string): boolean => environment[name] !== undefined && environment[name] !== '';
  const set = Object.fromEntries(Object.entries(environment).filter(([name]) => isSet(name)));
  const defaults = new Map<string, unknown>(Object.entries(defaultsBeside(set as EnvironmentVariables)));
  return environmentVariableNames().map((variable) => {
    if (isSet(variable)) return { variable, value: masked(variable, environment[variable]!), source: 'environment' };
    const value = defaults.get(variable);
    return value === undefined
      ? { variable, value: null, source: 'unset' }
      : { variable, value: String(value), source: 'default' };
  });
}

function masked(variable: string, value: string): string {
  if (SECRET_NAME.test(variable)) return MASK;
  // a URL may hold a password before its host, and in its query
  return value.replace(/\/\/.*@/s, `//${MASK}@`).replace(/(:\/\/[^?]*\?).*/s, `$1${MASK}`);
}

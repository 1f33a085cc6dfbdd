import type { AppConfig } from '../platform/config';
import type { ProviderId } from '../providers';
import type { Integration, IntegrationKey } from './integration';

type SimulatorConfig = Pick<AppConfig, 'sandboxProviders' | 'sandboxOrigin'>;

/** Origin and path of the service's own simulator, where the integration may call it; null elsewhere. */
export function simulatorPrefix(
  config: SimulatorConfig,
  { provider, environment }: { provider: ProviderId; environment: IntegrationKey['environment'] },
): string | null {
  const served = config.sandboxProviders && config.sandboxOrigin !== null && environment === 'sandbox';
  return served ? `${config.sandboxOrigin}/sandbox/${provider}` : null;
}

export function isUnder(url: string, prefix: string | null): boolean {
  return prefix !== null && (url === prefix || url.startsWith(`${prefix}/`));
}

/** Which machine an integration depends on. The simulator stands for a host of each merchant's own. */
export function providerHostOf(
  config: SimulatorConfig,
  integration: IntegrationKey & Pick<Integration, 'configuration'>,
): string {
  const { baseUrl } = integration.configuration;
  if (isUnder(baseUrl, simulatorPrefix(config, integration))) return integration.merchantId;
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : 'invalid';
}

import type { IntegrationConfiguration } from '../integrations';
import { InterlockError } from '../platform/errors';
import { identityOf, type ProviderCatalogueEntry, type ProviderCredentials } from '../providers';

export const MAX_INTERVAL_MINUTES = 10_080;

/** What activate may say about how to sync; everything is optional. */
export interface ActivationSettings {
  readonly syncIntervalMinutes?: number;
  readonly currency?: string;
  readonly timezone?: string | null;
  readonly invoiceLookbackDays?: number;
  readonly syncEnabled?: boolean;
  readonly syncPatients?: boolean;
  readonly syncProducts?: boolean;
  readonly syncPackages?: boolean;
  readonly syncInvoices?: boolean;
  readonly pushPayments?: boolean;
  readonly autoSendInvoices?: boolean;
}

/** Settings with the contract's defaults; a reactivation starts from them again, not from what was set before. */
export function configurationOf(
  settings: ActivationSettings,
  credentials: ProviderCredentials,
  defaults: { readonly catalogue: ProviderCatalogueEntry; readonly currency: string },
): IntegrationConfiguration {
  const syncIntervalMinutes = settings.syncIntervalMinutes ?? defaults.catalogue.defaultIntervalMinutes;
  checkInterval(syncIntervalMinutes, defaults.catalogue);
  return {
    syncIntervalMinutes,
    currency: settings.currency ?? defaults.currency,
    timezone: settings.timezone ?? null,
    invoiceLookbackDays: settings.invoiceLookbackDays ?? 90,
    syncPatients: settings.syncPatients ?? true,
    syncProducts: settings.syncProducts ?? true,
    syncPackages: settings.syncPackages ?? true,
    syncInvoices: settings.syncInvoices ?? true,
    pushPayments: settings.pushPayments ?? false,
    autoSendInvoices: settings.autoSendInvoices ?? false,
    ...credentialFacts(defaults.catalogue, credentials),
  };
}

/** Those settings that are given and differ. */
export function changedSettings(
  configuration: IntegrationConfiguration,
  settings: Omit<ActivationSettings, 'syncEnabled'>,
): Partial<IntegrationConfiguration> {
  const given = Object.entries(settings).filter(
    ([name, value]) => value !== undefined && (value !== null || name === 'timezone'),
  );
  return Object.fromEntries(given.filter(([name, value]) => configuration[name as keyof typeof settings] !== value));
}

/**
 * What may be shown of a credential: the end of the field that tells it from another. A secret too short to keep most
 * of it hidden shows nothing.
 */
export function credentialFacts(
  catalogue: ProviderCatalogueEntry,
  credentials: ProviderCredentials,
): { baseUrl: string; credentialHint: string } {
  const { value, secret } = identityOf(catalogue.credentials, credentials) ?? { value: '', secret: true };
  return { baseUrl: credentials.baseUrl, credentialHint: !secret || value.length >= 12 ? value.slice(-4) : '' };
}

export function checkInterval(minutes: number, catalogue: ProviderCatalogueEntry): void {
  const minimum = catalogue.minimumIntervalMinutes;
  if (!Number.isInteger(minutes) || minutes < minimum || minutes > MAX_INTERVAL_MINUTES) {
    throw InterlockError.invalidField(
      'syncIntervalMinutes',
      `must be a whole number from ${minimum} to ${MAX_INTERVAL_MINUTES} for ${catalogue.name}`,
    );
  }
}

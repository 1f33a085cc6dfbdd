import { Injectable } from '@nestjs/common';
import {
  IntegrationAccess,
  providerFailureToError,
  ProviderSession,
  type IntegrationKey,
  type OpenedSession,
} from '../integrations';
import { InterlockError } from '../platform/errors';
import type { ListPart, ListRequest } from '../platform/http';
import { ProviderFailure } from '../platform/outbound';
import {
  checkedCredentials,
  ProviderRegistry,
  type PaymentMethod,
  type ProviderCatalogueEntry,
  type ProviderId,
} from '../providers';

/** All pages and attempts together; a merchant waits for it. */
const TIMEOUT_MS = 25_000;
/** Nothing that a payment method is read from carries money or a zone-less time. */
const NO_SETTINGS = { currency: 'GBP', timezone: null };

/** The provider's own list, asked for while the merchant waits. Nothing of it is stored. */
@Injectable()
export class PaymentMethods {
  constructor(
    private readonly access: IntegrationAccess,
    private readonly sessions: ProviderSession,
    private readonly providers: ProviderRegistry,
  ) {}

  async stored(key: IntegrationKey, request: ListRequest): Promise<ListPart<PaymentMethod>> {
    const { name } = this.requireCapability(key.provider);
    const integration = await this.access.requireActive(key);
    return ask(name, request, (signal) => this.sessions.open(integration, 'payment_methods', { signal }));
  }

  /** `fieldOf` says what a field of the credentials is called in the request. */
  async unstored(
    key: IntegrationKey,
    sent: object,
    request: ListRequest,
    fieldOf: (field: string) => string,
  ): Promise<ListPart<PaymentMethod>> {
    const entry = this.requireCapability(key.provider);
    const credentials = checkedCredentials(entry, sent, (field) => fieldOf(`credentials.${field}`));
    return ask(
      entry.name,
      request,
      async (signal) => this.sessions.openUnstored(key, credentials, { settings: NO_SETTINGS, signal }),
      fieldOf,
    );
  }

  private requireCapability(provider: ProviderId): ProviderCatalogueEntry {
    const { entry } = this.providers.get(provider);
    if (entry.capabilities.paymentMethods) return entry;
    throw new InterlockError('unprocessable_entity', { message: `${entry.name} has no list of payment methods.` });
  }
}

async function ask(
  providerName: string,
  request: ListRequest,
  open: (signal: AbortSignal) => Promise<OpenedSession>,
  fieldOf: (field: string) => string = (field) => field,
): Promise<ListPart<PaymentMethod>> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const { adapter, call } = await open(signal);
    return await adapter.listPaymentMethods!(call, request);
  } catch (error) {
    throw providerFailureToError(toPaymentMethodsError(error, signal, fieldOf), providerName);
  }
}

function toPaymentMethodsError(error: unknown, signal: AbortSignal, fieldOf: (field: string) => string): unknown {
  if (error instanceof ProviderFailure && error.verdict === 'configuration') {
    return new ProviderFailure('configuration', error.message, {
      field: fieldOf(error.field ?? 'credentials.baseUrl'),
      cause: error,
    });
  }
  if (!signal.aborted || error instanceof ProviderFailure) return error;
  return new ProviderFailure('network', 'The provider did not answer in time.', { timedOut: true, cause: error });
}

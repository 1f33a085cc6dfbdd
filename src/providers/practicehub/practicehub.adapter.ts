import type { Environment, ListPart, ListRequest } from '../../platform/http';
import type { JsonElement } from '../../platform/outbound';
import { invalidCursor, MAX_PAGE_BYTES, partOfList } from '../bounded-reading';
import { bareBaseUrl, leadsElsewhere } from '../credentials';
import { noSuchList, notUnderstood, rowOf } from '../list-rows';
import { rowAmount } from '../money';
import {
  ProviderAdapter,
  type AdapterOptions,
  type PaymentMethod,
  type ProviderCall,
  type ProviderCredentials,
} from '../provider';
import type { ProductKind } from '../records';
import { asRow, flag, requiredText, RowProblem, wholeNumber } from '../row';
import { isPlace, PracticeHubClient } from './practicehub-client';
import { mapPatient } from './practicehub-customers';
import { mapPracticehubInvoice } from './practicehub-invoices';
import { PracticeHubPaymentPusher } from './practicehub-payment-pusher';
import { mapPracticehubPayment } from './practicehub-payments';
import { mapProduct } from './practicehub-products';
import { PracticeHubStream, type PracticeHubList } from './practicehub-stream';

/**
 * PracticeHub (practice management). Patients, services, products, packages, invoices and payments come in; paid
 * payments go out. Where its documentation is silent the adapter is strict in what it sends and tolerant in what it
 * reads: fields are taken under several likely names, a missing status is `unknown`, a missing time of change is none.
 */
export class PracticeHubAdapter extends ProviderAdapter {
  readonly id = 'practicehub';
  readonly streams: readonly PracticeHubStream[];
  override readonly payments = new PracticeHubPaymentPusher();

  /** Not public: taken from configuration, with these names as the default. */
  override readonly settablePaths = ['services', 'products', 'packages'];

  constructor(options: AdapterOptions) {
    super(options);
    const { services = '/services', products = '/products', packages = '/patient_packages' } = options.paths ?? {};
    this.streams = [
      {
        key: 'patients',
        resource: 'customers',
        enabledBy: 'syncPatients',
        path: '/patients',
        idPrefix: '',
        mayBeMissing: false,
        hasFloor: false,
        map: mapPatient,
      } as const,
      catalogue('services', 'service', services),
      catalogue('products', 'product', products),
      catalogue('packages', 'package', packages),
      billing('invoices', mapPracticehubInvoice),
      billing('payments', mapPracticehubPayment),
    ].map((list) => new PracticeHubStream(list));
  }

  normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials {
    const baseUrl = bareBaseUrl(input.baseUrl, {
      segment: 'api',
      liveHostSuffixes: this.liveHostSuffixes,
      live: environment === 'live',
    });
    return { ...input, baseUrl: `${baseUrl}/api` };
  }

  /** Payment methods: a small list, and not personal. The account is the place where it lives. */
  async testCredentials(call: ProviderCall): Promise<{ accountId: string }> {
    const answer = await new PracticeHubClient(call).list('/payment_methods', null, {}, MAX_PAGE_BYTES);
    if (answer === null) throw leadsElsewhere(noSuchList(404), 'a PracticeHub account');
    return { accountId: call.credentials.baseUrl.replace(/\/api$/, '') };
  }

  override async listPaymentMethods(call: ProviderCall, from: ListRequest): Promise<ListPart<PaymentMethod>> {
    const readAt = new PracticeHubClient(call).readAt('/payment_methods');
    return partOfList(
      (position) => {
        if (position !== null && !isPlace(position)) throw invalidCursor();
        return readAt(position);
      },
      from,
      paymentMethodIn,
    );
  }
}

function paymentMethodIn(element: JsonElement): PaymentMethod {
  try {
    const row = asRow(rowOf(element));
    const id = wholeNumber(row, 'id');
    if (id === null) throw new RowProblem('id', 'is missing');
    return {
      id,
      name: requiredText(row, 'name'),
      active: flag(row, 'active', true),
      sort_order: wholeNumber(row, 'sort_order') ?? 0,
    };
  } catch (error) {
    if (error instanceof RowProblem) throw notUnderstood('has a payment method that cannot be read');
    throw error;
  }
}

function catalogue(key: string, kind: ProductKind, path: string): PracticeHubList {
  return {
    key,
    resource: 'products',
    enabledBy: kind === 'package' ? 'syncPackages' : 'syncProducts',
    path,
    idPrefix: `${kind}:`,
    mayBeMissing: true,
    hasFloor: false,
    map: (row, context) => mapProduct(row, kind, context),
  };
}

function billing(key: 'invoices' | 'payments', map: PracticeHubList['map']): PracticeHubList {
  return {
    key,
    resource: key,
    enabledBy: 'syncInvoices',
    path: `/${key}`,
    idPrefix: '',
    mayBeMissing: false,
    hasFloor: true,
    map,
    amountOf: (row, { currency }) =>
      rowAmount(row, currency, ...(key === 'invoices' ? ['total', 'amount'] : ['amount', 'total'])),
  };
}

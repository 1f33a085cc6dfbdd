import { createHash } from 'node:crypto';
import type { Environment } from '../../platform/http';
import { MAX_PAGE_BYTES, pagesToTheEnd, type ReadAt } from '../bounded-reading';
import { bareBaseUrl, leadsElsewhere } from '../credentials';
import { rowOf } from '../list-rows';
import { ProviderAdapter, type ProviderCall, type ProviderCredentials, type Stream } from '../provider';
import { isRow, optionalId } from '../row';
import { WodifyClient } from './wodify-client';
import { mapClient } from './wodify-clients';
import { WodifyInvoiceStream, WodifyPaymentStream } from './wodify-invoice-stream';
import { WodifyListStream } from './wodify-list-stream';
import { mapMembership } from './wodify-memberships';

/**
 * Wodify (gyms). Clients, memberships and invoices come in; what was paid on an invoice is also a payment. That clients
 * can be searched by `updated_on_datetime` is documented nowhere: the engine proves it.
 */
export class WodifyAdapter extends ProviderAdapter {
  readonly id = 'wodify';
  readonly streams: readonly Stream[] = [
    new WodifyListStream({
      key: 'clients',
      resource: 'customers',
      enabledBy: 'syncPatients',
      path: '/clients',
      name: 'clients',
      single: 'client',
      idPrefix: '',
      searchable: true,
      map: mapClient,
    }),
    new WodifyListStream({
      key: 'memberships',
      resource: 'products',
      enabledBy: 'syncPackages',
      path: '/memberships',
      name: 'memberships',
      single: 'membership',
      idPrefix: 'membership:',
      searchable: false,
      map: mapMembership,
    }),
    new WodifyInvoiceStream(),
    new WodifyPaymentStream(),
  ];

  normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials {
    const baseUrl = bareBaseUrl(input.baseUrl, {
      segment: 'v1',
      liveHostSuffixes: this.liveHostSuffixes,
      live: environment === 'live',
    });
    return { ...input, baseUrl: `${baseUrl}/v1` };
  }

  /** The locations: not personal, and together they say whose account it is. */
  async testCredentials(call: ProviderCall): Promise<{ accountId: string }> {
    const client = new WodifyClient(call);
    const ids: string[] = [];
    const readAt: ReadAt = (position) => client.list('/customers/locations', 'locations', position, {}, MAX_PAGE_BYTES);
    try {
      for await (const elements of pagesToTheEnd(readAt)) {
        for (const row of elements.map(rowOf)) if (isRow(row)) ids.push(optionalId(row, 'id') ?? '');
      }
    } catch (error) {
      throw leadsElsewhere(error, 'Wodify');
    }
    return { accountId: accountOf(ids) };
  }

  /** A gym that opens or closes a location stays the same gym: one set of locations holds the other. */
  override isSameAccount(before: string, now: string): boolean {
    if (before === now) return true;
    const [one, other] = [locationsOf(before), locationsOf(now)];
    if (one === null || other === null) return before === digestOf(other ?? []);
    const shared = one.filter((id) => other.includes(id)).length;
    return shared > 0 && shared === Math.min(one.length, other.length);
  }
}

const LOCATIONS = 'locations:';

function accountOf(ids: readonly string[]): string {
  return LOCATIONS + [...new Set(ids)].sort().join(',');
}

/** null: an account that was named before its locations were kept. */
function locationsOf(accountId: string): string[] | null {
  if (!accountId.startsWith(LOCATIONS)) return null;
  return accountId.slice(LOCATIONS.length).split(',').filter(Boolean);
}

/** How accounts were named before. */
function digestOf(ids: readonly string[]): string {
  return createHash('sha256').update(ids.toSorted().join('\n')).digest('hex');
}

import type { ResourceDefinition, Sizes } from '../account';
import { clientResource } from './wodify-client-rows';
import { invoiceResource } from './wodify-invoice-rows';
import { membershipResource } from './wodify-membership-rows';
import { ordinalOfNumber } from './wodify-values';

export const wodifySizes: Sizes = { clients: 2000, memberships: 1200, invoices: 3000, locations: 3 };

const locationResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('locations'),
    row: (ordinal) => ({ id: ordinal, name: `Box ${ordinal}`, time_zone: account.settings.timezone, is_active: true }),
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth: () => undefined,
  mutate(row, serial) {
    row['name'] = `Box changed ${serial}`;
  },
  ordinalOf: ordinalOfNumber,
};

export const wodifyResources: Record<string, ResourceDefinition> = {
  clients: clientResource,
  memberships: membershipResource,
  invoices: invoiceResource,
  locations: locationResource,
};

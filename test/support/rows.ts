import type { GoodRow } from '../../src/providers';

/** A customer as an adapter understands it. */
export const patient = (externalId: string, more: Partial<GoodRow> = {}): GoodRow => ({
  externalId,
  record: {
    name: `Patient ${externalId}`,
    firstName: null,
    lastName: null,
    email: null,
    phone: null,
    address: null,
    externalReference: null,
    active: true,
  },
  sourceUpdatedAt: null,
  store: 'always',
  digest: null,
  ...more,
});

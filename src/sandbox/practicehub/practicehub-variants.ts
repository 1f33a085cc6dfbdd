import { retryAfter, rowOrder, timezone, totals, unknownWordsVariant, updatedFilter } from '../common-variants';
import { variantReader, type Variant } from '../variant';

const invoiceFact =
  'One invoice for each visit, no status, no balance, no due date, no allocation anywhere; where status, balance or due are present they are used.';
const writesFact = 'These paths and bodies are inferred.';
const pathsFact = 'Paths of services and products are not public: /services, /products by default, settable.';

/** Where accounts of PracticeHub may differ. The first value is what its page says, live before documented. */
const list = [
  updatedFilter({
    fact: 'By the guide’s own grammar updated=gte:YYYY-MM-DD HH:MM:SS; invalid filters are ignored.',
    certainty: 'inferred',
  }),
  {
    key: 'bareUpdated',
    values: ['ignored', 'equality', 'since', 'refused'],
    default: 'ignored',
    fact: 'The guide on polling shows once updated=<ISO time> without an operator: invalid and ignored, or equality.',
    certainty: 'doc',
  },
  {
    key: 'createdFilter',
    values: ['honoured', 'ignored', 'refused', 'equality'],
    default: 'honoured',
    fact: 'Live: created and start with gte and between.',
    certainty: 'live',
  },
  {
    key: 'filterZone',
    values: ['account', 'UTC'],
    default: 'account',
    fact: 'Times carry no zone; nobody says in which one a filter’s time is read.',
    certainty: 'inferred',
    with: { timezone: 'Australia/Brisbane', updatedOnRows: 'always' },
  },
  {
    key: 'updatedOnRows',
    values: ['mostly', 'always', 'never'],
    default: 'mostly',
    fact: '`updated` can be missing on a row.',
    certainty: 'live',
  },
  {
    key: 'invoiceStatus',
    values: ['absent', 'status', 'balance', 'status-balance', 'all', 'mixed'],
    default: 'absent',
    fact: invoiceFact,
    certainty: 'live',
  },
  {
    key: 'invoiceTotal',
    values: ['mixed', 'total', 'amount'],
    default: 'mixed',
    fact: 'total:"44.00" (or amount).',
    certainty: 'live',
  },
  {
    key: 'allocations',
    values: ['present', 'none'],
    default: 'present',
    fact: 'No link from a payment to an invoice; an allocation may name it.',
    certainty: 'inferred',
  },
  {
    key: 'allocationsPath',
    values: ['/payment_allocations', '404'],
    default: '/payment_allocations',
    fact: 'Resources (live): …, /payment_allocations.',
    certainty: 'live',
    open: 'path',
  },
  {
    key: 'packagesPath',
    values: ['/patient_packages', '/packages', '404'],
    default: '/patient_packages',
    fact: '/packages has been seen nowhere; packages are read from /patient_packages.',
    certainty: 'live',
    open: 'path',
  },
  {
    key: 'servicesPath',
    values: ['/services', '/service_items', '404'],
    default: '/services',
    fact: pathsFact,
    certainty: 'inferred',
    open: 'path',
  },
  {
    key: 'productsPath',
    values: ['/products', '/inventory/products', '404'],
    default: '/products',
    fact: pathsFact,
    certainty: 'inferred',
    open: 'path',
  },
  {
    key: 'packageHolders',
    values: ['mixed', 'patient_id', 'subscribed'],
    default: 'mixed',
    fact: 'patient_id: null for shared ones, subscribed_patients:[{patient_id}…]; several: one package record with all holders.',
    certainty: 'live',
  },
  {
    key: 'packageOwing',
    values: ['blank', 'null', 'absent'],
    default: 'blank',
    fact: '`owing` is blank.',
    certainty: 'live',
  },
  {
    key: 'packageMoney',
    values: ['number', 'string'],
    default: 'number',
    fact: 'Invoice and payment money are decimal strings, package money numbers.',
    certainty: 'live',
  },
  {
    key: 'numbers',
    values: ['present', 'no-country', 'empty', 'absent'],
    default: 'present',
    fact: 'Telephone numbers are in `numbers` only; iso2 is the country of the number.',
    certainty: 'live',
  },
  {
    key: 'ids',
    values: ['live', 'strings', 'numbers'],
    default: 'live',
    fact: 'Own ids are ints, foreign keys strings.',
    certainty: 'live',
  },
  {
    key: 'links',
    values: ['where-they-lead', 'null-at-ends'],
    default: 'where-they-lead',
    fact: 'Each link present only when it leads somewhere.',
    certainty: 'doc',
  },
  {
    key: 'single',
    values: ['data', 'bare'],
    default: 'data',
    fact: 'Nobody shows the form of a single GET.',
    certainty: 'inferred',
  },
  {
    key: 'paymentWrites',
    values: ['accepted', 'bare', 'no-body', 'refused', '404'],
    default: 'accepted',
    fact: writesFact,
    certainty: 'inferred',
  },
  {
    key: 'allocationWrites',
    values: ['accepted', 'bare', 'no-body', 'refused', '404'],
    default: 'accepted',
    fact: writesFact,
    certainty: 'inferred',
  },
  {
    key: 'logWrites',
    values: ['accepted', 'bare', 'no-body', 'refused', '404'],
    default: 'accepted',
    fact: writesFact,
    certainty: 'inferred',
  },
  {
    key: 'noteFilter',
    values: ['honoured', 'ignored'],
    default: 'honoured',
    fact: 'Any attribute of the entity is a filter; ours is searched for in `note`.',
    certainty: 'inferred',
  },
  totals({ fact: '{"data":[…], "total_entries": n}', certainty: 'doc' }),
  rowOrder({ fact: 'Nobody says in which order rows come.', certainty: 'inferred' }),
  timezone({ fact: 'Times carry no zone.', certainty: 'live' }),
  unknownWordsVariant({
    fact: 'Nobody lists the words of an invoice’s status.',
    certainty: 'inferred',
    with: { invoiceStatus: 'all' },
  }),
  retryAfter({ fact: '429 with retry-after seen live.', certainty: 'live' }),
] as const satisfies readonly Variant[];

export const practiceHubVariants: readonly Variant[] = list;
export const practicehubVariant = variantReader(list);

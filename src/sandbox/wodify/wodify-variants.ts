import { errorsIn200, retryAfter, rowOrder, timezone, unknownWordsVariant, updatedFilter } from '../common-variants';
import { variantReader, type Variant } from '../variant';

/** Where accounts of Wodify may differ. The default is what its page says, live before documented. */
const list = [
  updatedFilter({
    fact: 'updated_on_datetime is in no published list of searchable fields; it can be refused (200 with HTTPCode 400).',
    certainty: 'inferred',
  }),
  {
    key: 'updatedOnRows',
    values: ['present', 'absent'],
    default: 'present',
    fact: 'updated{updated_on_datetime}.',
    certainty: 'live',
  },
  {
    key: 'quotedDates',
    values: ['refused', 'nothing', 'read'],
    default: 'refused',
    fact: 'Dates and date-times are not quoted (three live callers, one says so in words).',
    certainty: 'live',
  },
  {
    key: 'unsearchable',
    values: ['refused', 'ignored'],
    default: 'refused',
    fact: 'A field that cannot be searched can be refused (200 with HTTPCode 400).',
    certainty: 'inferred',
  },
  {
    key: 'sort',
    values: ['honoured', 'ignored', 'refused'],
    default: 'honoured',
    fact: 'Sort: sort=field or sort=desc_field; nobody lists created_on_datetime among the fields.',
    certainty: 'doc',
  },
  {
    key: 'amounts',
    values: ['present', 'unpaid-only', 'absent'],
    default: 'present',
    fact: 'Balance = unpaid_amount where given.',
    certainty: 'live',
  },
  {
    key: 'refundedCharge',
    values: ['mixed', 'zero', 'kept'],
    default: 'mixed',
    fact: 'On a Refunded invoice final_charge can be 0 and final_refunded_amount −364.',
    certainty: 'live',
  },
  {
    key: 'partialRefund',
    values: ['kept', 'less'],
    default: 'kept',
    fact: 'A partial refund shows in final_refunded_amount; nobody shows what final_charge is then.',
    certainty: 'inferred',
  },
  {
    key: 'invoiceStatuses',
    values: ['all', 'no-deleted', 'paid-and-unpaid'],
    default: 'all',
    fact: '"Paid" | "Unpaid" | "Partially Paid" | "Partially Refunded" | "Refunded" | "Voided" | "Deleted"',
    certainty: 'live',
  },
  {
    key: 'paymentPlan',
    values: ['present', 'no-options', 'null'],
    default: 'present',
    fact: 'payment_plan:{payment_plan_name, is_auto_renew, initial_payment_option, renewal_payment_option, …}',
    certainty: 'live',
  },
  {
    key: 'firstPeriod',
    values: ['null', 'zero', 'absent'],
    default: 'null',
    fact: 'Each billing period is a row of its own (renewed_from_membership_id); nobody shows the first one’s.',
    certainty: 'inferred',
  },
  {
    key: 'missingDates',
    values: ['1900-01-01', 'null', 'absent'],
    default: '1900-01-01',
    fact: 'A missing date is 1900-01-01.',
    certainty: 'live',
  },
  {
    key: 'instants',
    values: ['z', 'bare', 'fraction'],
    default: 'z',
    fact: 'Instants are UTC with Z.',
    certainty: 'inferred',
  },
  {
    key: 'errorEnvelope',
    values: ['flat', 'api-error', 'error-code'],
    default: 'flat',
    fact: '{HTTPCode, ErrorCode, …}, a second envelope {"APIError":{"ErrorMessage":…}}, or an ErrorCode alone.',
    certainty: 'live',
  },
  {
    key: 'single',
    values: ['bare', 'wrapped'],
    default: 'bare',
    fact: 'Nobody shows whether a single GET names its resource.',
    certainty: 'inferred',
  },
  errorsIn200({
    fact: 'Some failures are HTTP 200 with HTTPCode ≥ 400 or an ErrorCode in the body.',
    certainty: 'live',
  }),
  rowOrder({ fact: 'Nobody says in which order an unsorted list comes.', certainty: 'inferred' }),
  timezone({ fact: 'Date-only values are local days of the gym.', certainty: 'inferred' }),
  unknownWordsVariant({ fact: 'A status that the page does not list may appear.', certainty: 'inferred' }),
  retryAfter({
    fact: '429; no Retry-After documented.',
    certainty: 'doc',
    default: 'off',
  }),
] as const satisfies readonly Variant[];

export const wodifyVariants: readonly Variant[] = list;
export const wodifyVariant = variantReader(list);

import { retryAfter, rowOrder, unknownWordsVariant } from '../common-variants';
import { variantReader, type Variant } from '../variant';

/** Where terminal accounts may differ. The default is what the page says of the platform's own SDK. */
const list = [
  {
    key: 'standalone',
    values: ['present', 'absent'],
    default: 'present',
    fact: 'standalone_approved, standalone_declined: taken at the device without a request from the platform.',
    certainty: 'owner',
  },
  {
    key: 'paging',
    values: ['starting_after', 'offset', 'both'],
    default: 'starting_after',
    fact: 'Paging is by starting_after; another page of the docs says offset.',
    certainty: 'owner',
  },
  {
    key: 'hasMore',
    values: ['absent', 'present'],
    default: 'absent',
    fact: 'meta:{count, limit}, no has_more; accept has_more or a short page as the end.',
    certainty: 'owner',
  },
  {
    key: 'metaCount',
    values: ['page', 'total', 'drifting', 'absent'],
    default: 'page',
    fact: 'meta:{count, limit}; nobody says whether count is of the page or of all.',
    certainty: 'inferred',
  },
  {
    key: 'limit',
    values: ['clamped', 'refused'],
    default: 'clamped',
    fact: 'limit=1–100 (20); a limit above its maximum is clamped.',
    certainty: 'owner',
  },
  {
    key: 'statusFilter',
    values: ['seven', 'nine', 'ignored'],
    default: 'seven',
    fact: 'The list’s filter knows only the first seven.',
    certainty: 'owner',
  },
  {
    key: 'deviceFields',
    values: ['mixed', 'full', 'null', 'absent'],
    default: 'mixed',
    fact: 'Devices: most fields nullable.',
    certainty: 'owner',
  },
  {
    key: 'standaloneReferences',
    values: ['null', 'absent'],
    default: 'null',
    fact: 'Nobody shows what a standalone row says of a request that never was.',
    certainty: 'inferred',
  },
  {
    key: 'single',
    values: ['data', 'bare', '404'],
    default: 'data',
    fact: 'GET /v2/terminal-payments/{id} and GET /v2/terminal-devices/{id} exist; nobody shows their form.',
    certainty: 'inferred',
  },
  {
    ...rowOrder({ fact: 'Read newest first: nobody says that the list comes so.', certainty: 'inferred' }),
    // A payment tells of no change, so that it has no place by it.
    values: ['newest', 'oldest', 'scattered'],
    default: 'newest',
  },
  unknownWordsVariant({ fact: 'Any word not in this list goes to quarantine.', certainty: 'inferred' }),
  retryAfter({ fact: 'Limits as in common.md.', certainty: 'inferred' }),
] as const satisfies readonly Variant[];

export const terminalVariants: readonly Variant[] = list;
export const terminalVariant = variantReader(list);

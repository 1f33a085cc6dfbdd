/** What every JSON body keeps to; each route's own limits follow from its DTO. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of a route that is open to anyone. */
export const MAX_OPEN_BODY_BYTES = 16 * 1024;
/** Deeper than any body of the contract, and far from where walking it would exhaust the stack. */
export const MAX_BODY_DEPTH = 64;
/** Of one object; far more than any DTO has. */
export const MAX_MEMBERS = 1_000;
/** Members, list items and containers together: the longest list of any DTO stays below. */
export const MAX_BODY_VALUES = 50_000;
/** Of a list whose DTO says nothing. */
export const MAX_ITEMS = 1_000;
/** Characters of a text whose DTO says nothing. */
export const MAX_TEXT = 2_048;

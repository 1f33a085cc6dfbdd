// PostgreSQL stores no text with a NUL character, and no half of a surrogate pair in JSON
// oxlint-disable-next-line no-control-regex
export const STORABLE = /^[^\u0000\p{Cs}]*$/u;
export const STORABLE_RULE = { message: 'must not contain a NUL character or half a surrogate pair' };
export const MAX_ID_LENGTH = 255;

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/i;
const FIRST = new Date('0001-01-01T00:00:00Z');
const LAST = new Date('9999-12-31T23:59:59.999Z');

/**
 * ISO-8601, a date or a date and a time, of the years 1 to 9999; UTC where no zone is named. null for anything else,
 * such as a week (2027-W10) or the 30th of February.
 */
export function parseTimestamp(text: string): Date | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, , , zone] = match;
  const calendarDay = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(calendarDay.getTime()) || calendarDay.getUTCDate() !== Number(day)) return null;
  const instant = new Date(hour === undefined || zone !== undefined ? withColon(text) : `${text}Z`);
  // an offset may lead past the years that an answer can show
  return instant >= FIRST && instant <= LAST ? instant : null;
}

/** The basic form of an offset (+0100) is good ISO-8601, but not for the Date of every engine. */
function withColon(text: string): string {
  return text.toUpperCase().replace(/T(.*[+-]\d{2})(\d{2})$/, 'T$1:$2');
}

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/i;

/** ISO-8601, a date or a date and a time; UTC where no zone is named. null for anything else, such as the 30th of February. */
export function parseTimestamp(text: string): Date | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, , , zone] = match;
  const calendarDay = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(calendarDay.getTime()) || calendarDay.getUTCDate() !== Number(day)) return null;
  const instant = new Date(hour === undefined || zone !== undefined ? withColon(text) : `${text}Z`);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** The basic form of an offset (+0100) is good ISO-8601, but not for the Date of every engine. */
function withColon(text: string): string {
  return text.toUpperCase().replace(/T(.*[+-]\d{2})(\d{2})$/, 'T$1:$2');
}

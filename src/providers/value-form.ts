/** The form of a value, never the value: what a report may say of it. */
export function formOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'absent';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value === 'number') return Number.isInteger(value) ? 'whole number' : `number, ${places(String(value))}`;
  if (Array.isArray(value)) return value.length === 0 ? 'empty list' : 'list';
  if (typeof value === 'object') return 'object';
  return typeof value === 'string' ? textForm(value) : 'other';
}

const TEXT_FORMS: readonly (readonly [RegExp, string | ((value: string) => string)])[] = [
  [/^$/, 'empty text'],
  [/^1900-01-01(T00:00:00(\.0+)?Z?)?$/, '1900-01-01'],
  [/^\d{4}-\d\d-\d\d$/, 'YYYY-MM-DD'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'YYYY-MM-DD HH:MM:SS'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/, instantForm],
  [/^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}$/, 'day, month and year in another order'],
  [/^-?\d{1,15}$/, 'whole number as text'],
  [/^-?\d{1,15}\.\d{1,20}$/, (value) => `decimal string, ${places(value)}`],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'UUID'],
];

function textForm(value: string): string {
  const [, form = 'text'] = TEXT_FORMS.find(([pattern]) => pattern.test(value)) ?? [];
  return typeof form === 'string' ? form : form(value);
}

function instantForm(value: string): string {
  const [, fraction = '', zone = ''] = /(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(value) ?? [];
  return `YYYY-MM-DDTHH:MM:SS${fraction === '' ? '' : '.S'}${zone === '' ? '' : zone === 'Z' ? 'Z' : '+HH:MM'}`;
}

function places(decimal: string): string {
  const count = /\.(\d+)$/.exec(decimal)?.[1]?.length ?? 0;
  return count > 4 ? 'more than 4 places' : `${count} place${count === 1 ? '' : 's'}`;
}

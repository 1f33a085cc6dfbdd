const PLACE = /\{(\w+)\}/g;

/** The text with each `{name}` replaced by the value of that name. A line break would begin another header. */
export function filled(template: string, values: Readonly<Record<string, string | undefined>>): string {
  const text = template.replaceAll(PLACE, (_, name: string) => values[name] ?? '');
  if (/[\r\n\0]/.test(text)) throw new Error('a value of a header holds a line break');
  return text;
}

/** The names that a template has places for. */
export function placesIn(template: string): string[] {
  return [...template.matchAll(PLACE)].map(([, name]) => name!);
}

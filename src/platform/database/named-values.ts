/** A statement's values by the names that its text has for them: `$merchantId`. */
export type NamedValues = Readonly<Record<string, unknown>>;

interface NumberedText {
  readonly text: string;
  /** In the order of the numbers. */
  readonly names: readonly string[];
}

const NAME = /\$([a-zA-Z]\w*)/g;
const read = new Map<string, NumberedText>();

/** The text with numbers in place of names, as the server takes it. Texts are constants, so all of them are kept. */
export function numberedText(text: string): NumberedText {
  const known = read.get(text);
  if (known) return known;
  const names = [...new Set([...text.matchAll(NAME)].map(([, name]) => name!))];
  const numbered = { text: text.replaceAll(NAME, (_, name: string) => `$${names.indexOf(name) + 1}`), names };
  read.set(text, numbered);
  return numbered;
}

/** As the server takes it. A statement has a value for each of its names, and no other. */
export function positional(text: string, values: NamedValues): { text: string; values: unknown[] } {
  const { text: numbered, names } = numberedText(text);
  const missing = names.filter((name) => !(name in values));
  const surplus = Object.keys(values).filter((name) => !names.includes(name));
  if (missing.length + surplus.length > 0) {
    throw new Error(`A statement lacks values for [${missing.join()}] and does not take [${surplus.join()}].`);
  }
  return { text: numbered, values: names.map((name) => values[name]) };
}

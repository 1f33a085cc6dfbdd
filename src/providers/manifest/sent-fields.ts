import type { ProviderCall } from '../provider';
import type { Manifest } from './manifest';
import { filled } from './template';

/** What a merchant sent, by name. */
export function fieldsOf({ credentials }: Pick<ProviderCall, 'credentials'>): Readonly<Record<string, string>> {
  return credentials as unknown as Readonly<Record<string, string>>;
}

/** Each text with its places filled. */
export function filledTexts(
  templates: Readonly<Record<string, string>> = {},
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([name, text]) => [name, filled(text, fields)]));
}

/** The values that no message may show. */
export function secretsOf(call: Pick<ProviderCall, 'credentials'>, { credentials = {} }: Manifest): string[] {
  const fields = fieldsOf(call);
  const names = Object.keys(credentials).filter((name) => credentials[name]!.secret);
  return ['apiKey', ...names].flatMap((name) => (Object.hasOwn(fields, name) ? [fields[name]!] : []));
}

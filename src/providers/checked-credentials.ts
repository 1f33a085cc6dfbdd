import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { InterlockError } from '../platform/errors';
import type { ProviderCatalogueEntry } from './catalogue';
import type { ProviderCredentials } from './provider';
import { scalarText } from './scalar';

/** As long as the entry is served: a changed manifest has another one. */
const validators = new WeakMap<ProviderCatalogueEntry, ValidateFunction<ProviderCredentials>>();

/** Of several rules that a field breaks, the first of these is told: one that is missing has no form either. */
const USEFUL_FIRST = ['additionalProperties', 'required', 'type', 'minLength', 'maxLength', 'format', 'pattern'];
const FORMATS: Readonly<Record<string, string>> = {
  uri: 'must be a well-formed URL',
  email: 'must be an e-mail address',
};

/**
 * What a merchant sent, by the provider's own `credentialSchema`: without blanks around texts, with defaults. Null
 * counts as left out. Throws `invalid_request` with one rule for each field that is wrong, and never a value.
 */
export function checkedCredentials(
  entry: ProviderCatalogueEntry,
  sent: object,
  nameOf: (field: string) => string = (field) => `credentials.${field}`,
): ProviderCredentials {
  const given = Object.fromEntries(
    Object.entries(sent).flatMap(([name, value]) =>
      value == null ? [] : [[name, typeof value === 'string' ? value.trim() : value]],
    ),
  );
  const isValid = validatorOf(entry);
  if (isValid(given)) return given;
  const errors = (isValid.errors ?? []).toSorted(
    (one, other) => USEFUL_FIRST.indexOf(one.keyword) - USEFUL_FIRST.indexOf(other.keyword),
  );
  const fields = new Map<string, string[]>();
  for (const error of errors) {
    const name = nameOf(fieldOf(error));
    if (!fields.has(name)) fields.set(name, [ruleOf(error, entry)]);
  }
  throw new InterlockError('invalid_request', { fields: Object.fromEntries(fields) });
}

function validatorOf(entry: ProviderCatalogueEntry): ValidateFunction<ProviderCredentials> {
  const known = validators.get(entry);
  if (known) return known;
  // one of its own: an Ajv keeps all that it has ever compiled
  const ajv = addFormats(new Ajv({ allErrors: true, useDefaults: true }));
  const compiled = ajv.compile<ProviderCredentials>(entry.credentialSchema);
  validators.set(entry, compiled);
  return compiled;
}

function fieldOf({ params, instancePath }: ErrorObject): string {
  return scalarText(params['missingProperty'] ?? params['additionalProperty']) ?? instancePath.slice(1);
}

function ruleOf(error: ErrorObject, { name, credentials }: ProviderCatalogueEntry): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return `is not a field of ${name} credentials`;
    case 'required':
      return 'is required';
    case 'type':
      return 'must be a string';
    case 'minLength':
      return 'must not be empty';
    case 'maxLength':
      return `must be shorter than or equal to ${scalarText(error.params['limit'])} characters`;
    case 'format':
      return FORMATS[error.params['format'] as string]!;
    default:
      return credentials[fieldOf(error)]!.pattern!.rule;
  }
}

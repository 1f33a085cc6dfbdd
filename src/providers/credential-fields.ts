/** One field of a provider's credentials: what validates it, what is published of it, and what shows it in a form. */
export interface CredentialField {
  readonly title: string;
  readonly description: string;
  /** Never shown again once it is stored. */
  readonly secret?: true;
  /** Tells one credential from another: for the hint, and for budgets that a provider counts by key. */
  readonly identifies?: true;
  /** Taken where the field is left out. A field without one is required. */
  readonly default?: string;
  readonly maxLength: number;
  readonly format?: 'uri' | 'email';
  /** A regular expression, and its rule in words, for the error message. */
  readonly pattern?: { readonly form: string; readonly rule: string };
  readonly example: string;
}

export type CredentialFields = Readonly<Record<string, CredentialField>>;

/** A line break in a header value would smuggle in another header. */
export const HEADER_VALUE = { form: '^[!-~]+( [!-~]+)*$', rule: 'must be printable ASCII' };

/** A private key as its file has it, in any of the usual forms, without a passphrase. */
export const PRIVATE_KEY = {
  form: '^-----BEGIN (RSA |EC )?PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END (RSA |EC )?PRIVATE KEY-----$',
  rule: 'must be a private key in PEM, without a passphrase',
};

/** What the built-in providers ask for. */
export function keyAndPlace(examples: { readonly apiKey: string; readonly baseUrl: string }) {
  return {
    apiKey: {
      title: 'API key',
      description: 'The key that the provider issued.',
      secret: true,
      identifies: true,
      maxLength: 512,
      pattern: HEADER_VALUE,
      example: examples.apiKey,
    },
    baseUrl: {
      title: 'Base URL',
      description: 'Where the provider’s API answers. Normalised before use; https, and a public host of the provider.',
      maxLength: 2048,
      format: 'uri',
      example: examples.baseUrl,
    },
  } satisfies CredentialFields;
}

/** Who calls, for providers that want to know: sent as `<name>=<address>` in one header. */
export const APP_DETAILS = {
  appName: {
    title: 'Application name',
    description: 'Application name that is shown to the provider.',
    default: 'RevKeen',
    maxLength: 100,
    pattern: { form: '^[!-<>-~]+( [!-<>-~]+)*$', rule: 'must be printable ASCII without =' },
    example: 'RevKeen',
  },
  appEmail: {
    title: 'Contact address',
    description: 'Contact address that is shown to the provider.',
    default: 'info@revkeen.com',
    maxLength: 254,
    format: 'email',
    pattern: { form: '^[!-<>-~]+$', rule: 'must be printable ASCII without =' },
    example: 'info@revkeen.com',
  },
} as const satisfies CredentialFields;

/** The JSON Schema of one field. */
export function fieldSchema(field: CredentialField) {
  const format = field.secret ? 'password' : field.format;
  return {
    type: 'string' as const,
    title: field.title,
    description: field.description,
    minLength: 1,
    maxLength: field.maxLength,
    ...(format && { format }),
    ...(field.pattern && { pattern: field.pattern.form }),
    ...(field.default !== undefined && { default: field.default }),
    examples: [field.example],
  };
}

/** The JSON Schema of `credentials`, which `GET /v2/providers` publishes and which validates what a merchant sends. */
export function schemaOfCredentials(fields: CredentialFields) {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    required: entries.filter(([, field]) => field.default === undefined).map(([name]) => name),
    properties: Object.fromEntries(entries.map(([name, field]) => [name, fieldSchema(field)])),
    additionalProperties: false,
  };
}

/** The value by which a credential is told from another; null: it has none. */
export function identityOf(
  fields: CredentialFields,
  credentials: object,
): { readonly value: string; readonly secret: boolean } | null {
  const found = Object.entries(fields).find(([, field]) => field.identifies);
  if (!found) return null;
  const [name, { secret = false }] = found;
  const value = Object.hasOwn(credentials, name) ? (credentials as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? { value, secret } : null;
}

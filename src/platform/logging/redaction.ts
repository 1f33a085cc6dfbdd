/** Field names whose values never reach a log, wherever they stand. */
const SECRET_NAME =
  /^(authorization|cookie|set-cookie|x-api-key|x-practicehub-key|api-?key|api-?secret|secret(_?key)?|password|token|access_?token|refresh_?token|credentials?|plaintext|ciphertext|private_?key|connectionstring|database_?url|redis_?url)$/i;

/** Forms of our own keys and tokens, and of credentials inside URLs, wherever they stand in a text. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(rk_(?:sandbox|live)_)[A-Za-z0-9]{6,}/g, '$1[redacted]'],
  [/\b(sandbox_control_)[0-9a-f]{6,}/g, '$1[redacted]'],
  [/\b(apex_)[A-Za-z0-9]{6,}/g, '$1[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, '[redacted token]'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, '$1[redacted]@'],
];

const MAX_DEPTH = 6;

export function redactText(text: string): string {
  let result = text;
  for (const [form, replacement] of SECRET_FORMS) result = result.replace(form, replacement);
  return result;
}

/**
 * A copy of the value that is safe to log. Errors become name, message, stack and code only: never the fields they drag
 * along.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (Buffer.isBuffer(value) || ArrayBuffer.isView(value)) return '[binary]';
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), depth + 1);
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = SECRET_NAME.test(name) ? '[redacted]' : redact(member, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  // database errors carry `detail` and `where`, which quote row values: they are left out with every other own field
  return {
    type: error.name,
    message: redactText(error.message),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
    ...('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? { code: error.code }
      : {}),
    ...(error.cause instanceof Error && depth < MAX_DEPTH ? { cause: redactError(error.cause, depth + 1) } : {}),
  };
}

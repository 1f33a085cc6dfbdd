/** Deeper bodies are refused: nothing that this service takes is, and the walk below would exhaust the stack. */
export const MAX_CANONICAL_DEPTH = 100;

export class TooDeepError extends Error {
  constructor() {
    super(`deeper than ${MAX_CANONICAL_DEPTH} levels`);
    this.name = 'TooDeepError';
  }
}

/**
 * One text for every way of writing the same JSON: members in code unit order, numbers as JavaScript reads them, no
 * space.
 */
export function canonicalBody(value: unknown): string {
  const parts: string[] = [];
  write(value, 0, parts);
  return parts.join('');
}

/** Every text is copied once, however deep it stands. */
function write(value: unknown, depth: number, parts: string[]): void {
  if (depth > MAX_CANONICAL_DEPTH) throw new TooDeepError();
  if (Array.isArray(value)) {
    parts.push('[');
    for (const [at, item] of value.entries()) {
      if (at > 0) parts.push(',');
      write(item ?? null, depth + 1, parts);
    }
    parts.push(']');
  } else if (value !== null && typeof value === 'object') {
    const object = value as Record<string, unknown>;
    parts.push('{');
    let separator = '';
    // own keys only, so that a member called `__proto__` is one like any other
    for (const name of Object.keys(object).sort()) {
      if (object[name] === undefined) continue;
      parts.push(separator, JSON.stringify(name), ':');
      separator = ',';
      write(object[name], depth + 1, parts);
    }
    parts.push('}');
  } else if (typeof value === 'number' && !Number.isFinite(value)) {
    // 1e400 is read as infinity, and is not null
    parts.push(String(value));
  } else {
    parts.push(JSON.stringify(value) ?? 'null');
  }
}

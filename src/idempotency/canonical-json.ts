/** Deeper bodies are refused: nothing that this service takes is, and the walk below would exhaust the stack. */
export const MAX_DEPTH = 100;

export class TooDeepError extends Error {
  constructor() {
    super(`deeper than ${MAX_DEPTH} levels`);
    this.name = 'TooDeepError';
  }
}

/** One text for every way of writing the same JSON: members in code unit order, numbers as JavaScript reads them, no space. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TooDeepError();
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null, depth + 1)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const object = value as Record<string, unknown>;
    // own keys only, so that a member called `__proto__` is one like any other
    const members = Object.keys(object)
      .filter((name) => object[name] !== undefined)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(object[name], depth + 1)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** What a path (`a.b.0.c`) of own members leads to; undefined: nothing. */
export function pathIn(value: unknown, path: string): unknown {
  if (!path.includes('.')) return memberOf(value, path);
  let found: unknown = value;
  for (const name of path.split('.')) found = memberOf(found, name);
  return found;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

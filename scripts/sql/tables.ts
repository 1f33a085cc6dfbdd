/**
 * Which of these tables and views a statement reads or writes. A name that the statement gives to a part of its own is
 * none.
 */
export function tablesIn(text: string, known: ReadonlySet<string>): string[] {
  const bare = text
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/"[^"]*"/g, '""');
  const parts = [...bare.matchAll(/\b(\w+)(?:\s*\([\w\s,]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(/gi)];
  const own = new Set(parts.map(([, name]) => name!));
  const places = [
    /\b(?:INTO|UPDATE|ONLY|TABLE)\s+(\w+)/gi,
    // not a function, and not the table of a column
    /(?:\b(?:FROM|JOIN|USING|LATERAL)\s+|,\s*)(\w+)\b(?!\s*[.(])/gi,
  ];
  const named = places.flatMap((place) => [...bare.matchAll(place)].map(([, name]) => name!));
  return [...new Set(named)].filter((name) => known.has(name) && !own.has(name));
}

/** Breaks that are meant, and why: the sentence that stands in the changelog. */
export interface AllowedBreaks {
  readonly reason: string;
  readonly breaks: readonly string[];
}

/** What is wrong with the breaks that were found, the ones that are allowed, and what the changelog says of them. */
export function breakProblems(
  found: readonly string[],
  allowed: readonly AllowedBreaks[],
  changelog: string,
): string[] {
  const listed = allowed.flatMap(({ breaks }) => breaks);
  const told = inOneLine(unreleased(changelog));
  return [
    ...found.filter((each) => !listed.includes(each)).map((each) => `breaks callers: ${each}`),
    ...listed.filter((each) => !found.includes(each)).map((each) => `is allowed and does not happen: ${each}`),
    ...allowed
      .filter(({ reason }) => !told.includes(inOneLine(reason)))
      .map(({ reason }) => `is not in the changelog under Unreleased: ${reason}`),
  ];
}

function unreleased(changelog: string): string {
  return /^## Unreleased$([\s\S]*?)(?=^## )/m.exec(`${changelog}\n## `)?.[1] ?? '';
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The text below the heading of a version, or of `Unreleased`; null where the changelog has no such heading. */
export function changelogSection(changelog: string, version: string): string | null {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (start === -1) return null;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '));
  const section = length === -1 ? lines.slice(start + 1) : lines.slice(start + 1, start + 1 + length);
  return `${section.join('\n').trim()}\n`;
}

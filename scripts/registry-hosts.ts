/** Put together here, so that this file does not name one itself. */
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['registry', 'npmmirror', 'com'],
].map((labels) => labels.join('.'));

/** Where a file names a package registry, or the lock file any host at all: installs must go where npm is told to. */
export function findRegistryHosts(file: string, text: string): string[] {
  const problems = REGISTRIES.filter((host) => text.includes(host)).map(
    (host) => `${file} names the package registry ${host}.`,
  );
  if (file.endsWith('package-lock.json') && /"resolved":/.test(text)) {
    problems.push(`${file} has "resolved" addresses: run npm install with omit-lockfile-registry-resolved=true.`);
  }
  return problems;
}

interface LockEntry {
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export type LockedPackages = Readonly<Record<string, LockEntry>>;

/**
 * Dependencies that the lock file does not hold. npm leaves out optional packages that it could not fetch when the file
 * was made, most often those of other platforms, and `npm ci` then refuses the whole file.
 */
export function findMissingPackages(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([where, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((name) => !isLocked(packages, where, name))
      .map((name) => `package-lock.json lacks ${name}, which ${where || 'package.json'} may need on another platform.`),
  );
}

/** As Node looks for it: in the package's own node_modules, then in those of the folders above. */
function isLocked(packages: LockedPackages, where: string, name: string): boolean {
  for (let folder = where; ; folder = folder.slice(0, folder.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

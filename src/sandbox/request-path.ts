/**
 * The path without its optional base (`/api`, `/v1`) and without slashes at its end. Linear: anybody may send the path.
 */
export function pathWithout(base: string, path: string): string {
  const from = path === base || path.startsWith(`${base}/`) ? base.length : 0;
  let to = path.length;
  while (to > from && path[to - 1] === '/') to -= 1;
  return path.slice(from, to) || '/';
}

import { hostname, userInfo } from 'node:os';
import type { Actor } from '../platform/http';

/** `cli:<user>@<host>`: who acts at the command line, as far as the operating system knows. */
export function operator(): Actor {
  return { kind: 'cli', id: `cli:${operatorName()}` };
}

export function operatorName(): string {
  return `${user()}@${hostname()}`;
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    // a container's user may have no name
    return String(process.getuid?.() ?? 'unknown');
  }
}

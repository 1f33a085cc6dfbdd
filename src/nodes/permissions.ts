import { distance } from 'fastest-levenshtein';
import { SCOPE_PERMISSIONS } from '../auth';
import { InterlockError } from '../platform/errors';

export const MAX_PERMISSIONS = 100;
/** A hundred of this length still fit into an access token of the size that the guard reads. */
export const MAX_PERMISSION_LENGTH = 50;
export const PERMISSION_FORM = /^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$/;

/**
 * What this service checks. Permissions of other services, which read them from the token, have resources of their own.
 */
export const PERMISSIONS: readonly string[] = ['nodes.read', 'nodes.write', ...SCOPE_PERMISSIONS];
const RESOURCES = [...new Set(PERMISSIONS.map(resourceOf))];
/** One slip of the pen in so many letters: `notes` is another word than `nodes`, `intergrations` is none. */
const LETTERS_PER_SLIP = 6;

/** Duplicates collapse, the first of them keeps its place. */
export function collapsePermissions(permissions: readonly string[]): string[] {
  const collapsed = [...new Set(permissions)];
  if (!collapsed.every((each) => each.length <= MAX_PERMISSION_LENGTH && PERMISSION_FORM.test(each))) {
    throw InterlockError.invalidField(
      'permissions',
      `must each be <resource>.<action> in lower case, ${MAX_PERMISSION_LENGTH} characters at most`,
    );
  }
  if (collapsed.some(isMistaken)) {
    throw InterlockError.invalidField(
      'permissions',
      `must be ${PERMISSIONS.join(', ')}, or name a resource of another service`,
    );
  }
  if (collapsed.length > MAX_PERMISSIONS) {
    throw InterlockError.invalidField('permissions', `must be ${MAX_PERMISSIONS} at most`);
  }
  return collapsed;
}

/** Of a resource that is ours, or that can only be meant to be: it would be given and never be asked for. */
function isMistaken(permission: string): boolean {
  if (PERMISSIONS.includes(permission)) return false;
  const resource = resourceOf(permission);
  return RESOURCES.some((ours) => singular(ours) === singular(resource) || isSlipOf(ours, resource));
}

function isSlipOf(ours: string, resource: string): boolean {
  return distance(ours, resource) <= Math.floor(ours.length / LETTERS_PER_SLIP);
}

function singular(word: string): string {
  return word.replace(/s$/, '');
}

function resourceOf(permission: string): string {
  return permission.split('.')[0]!;
}

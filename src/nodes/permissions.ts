import { InterlockError } from '../platform/errors';

export const MAX_PERMISSIONS = 100;
/** A hundred of this length still fit into an access token of the size that the guard reads. */
export const MAX_PERMISSION_LENGTH = 50;
export const PERMISSION_FORM = /^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$/;

/** Duplicates collapse, the first of them keeps its place. */
export function collapsePermissions(permissions: readonly string[]): string[] {
  const collapsed = [...new Set(permissions)];
  if (!collapsed.every((each) => each.length <= MAX_PERMISSION_LENGTH && PERMISSION_FORM.test(each))) {
    throw InterlockError.invalidField(
      'permissions',
      `must each be <resource>.<action> in lower case, ${MAX_PERMISSION_LENGTH} characters at most`,
    );
  }
  if (collapsed.length > MAX_PERMISSIONS) {
    throw InterlockError.invalidField('permissions', `must be ${MAX_PERMISSIONS} at most`);
  }
  return collapsed;
}

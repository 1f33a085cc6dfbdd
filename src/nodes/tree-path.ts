/**
 * The path of a node is the ids from its root down to itself: `/<id>/<id>/`. It fits into an index entry up to this
 * depth.
 */
export const MAX_TREE_DEPTH = 32;

const SEGMENT_LENGTH = '/'.length + 36;

export function pathBelow(parentPath: string | null, id: string): string {
  return `${parentPath ?? '/'}${id}/`;
}

export function depthOf(path: string): number {
  return (path.length - 1) / SEGMENT_LENGTH;
}

/** Also true for the node itself. */
export function isWithin(path: string, ancestorPath: string): boolean {
  return path.startsWith(ancestorPath);
}

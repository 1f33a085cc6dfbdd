import { InterlockError } from '../platform/errors';
import { PRODUCT_KINDS, type ProductKind } from '../providers';

const WITH_KIND = new RegExp(`^(${PRODUCT_KINDS.join('|')}):(.+)$`, 's');

/** `membership:70` in its parts; a bare id has no kind. */
export function partsOf(externalId: string): { kind: ProductKind | null; bareId: string } {
  const found = WITH_KIND.exec(externalId);
  return found === null ? { kind: null, bareId: externalId } : { kind: found[1] as ProductKind, bareId: found[2]! };
}

export function withKind(kind: ProductKind | null, bareId: string): string {
  return kind === null ? bareId : `${kind}:${bareId}`;
}

/**
 * Which of the things with a bare id is meant: the only one, or the one of the kind that is said with it. null: nothing
 * has the id. Throws `conflict`, which names them all, where several have it.
 */
export function kindMeant(bareId: string, kinds: readonly ProductKind[], said?: string): ProductKind | null {
  const meant = kinds.find((kind) => kind === said);
  if (meant !== undefined) return meant;
  if (kinds.length > 1) {
    const all = kinds.map((kind) => withKind(kind, bareId)).join(', ');
    throw new InterlockError('conflict', {
      message: `Several items have this id: ${all}. Send the one you mean.`,
    });
  }
  return kinds[0] ?? null;
}

/** Before the provider's `sub`, in the subject of a token of a sign-in. */
export const SUBJECT_PREFIX = 'oidc:';

/** Who a token's subject is: a person may hold tokens of a sign-in and pasted ones under the same name. */
export function personOf(subject: string): string {
  return subject.startsWith(SUBJECT_PREFIX) ? subject.slice(SUBJECT_PREFIX.length) : subject;
}

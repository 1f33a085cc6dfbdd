import { SIGN_IN_SUBJECT } from '../auth';

/** Who a token's subject is: a person may hold tokens of a sign-in and pasted ones under the same name. */
export function personOf(subject: string): string {
  return subject.startsWith(SIGN_IN_SUBJECT) ? subject.slice(SIGN_IN_SUBJECT.length) : subject;
}

import {
  ApiError,
  ConnectionError,
  InterlockError,
  SyncFailedError,
  SyncTimeoutError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../src';

/** What a script may branch on; `interlock --help` states them. */
export const EXIT_CODES = {
  done: 0,
  refused: 1,
  usage: 2,
  notSignedIn: 3,
  syncFailed: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

/** The command line is not one that the program knows. */
export class UsageError extends InterlockError {
  override name = 'UsageError';
}

/** There is no key to call with. */
export class NotSignedInError extends InterlockError {
  override name = 'NotSignedInError';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof NotSignedInError) return EXIT_CODES.notSignedIn;
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return EXIT_CODES.notSignedIn;
  if (error instanceof SyncFailedError || error instanceof SyncTimeoutError) return EXIT_CODES.syncFailed;
  const isAway = [ConnectionError, TimeoutError, UnexpectedAnswerError].some((each) => error instanceof each);
  return isAway ? EXIT_CODES.unreachable : EXIT_CODES.refused;
}

import { InterlockError } from '../platform/errors';
import { answerOfError, errorOf, isStored } from './answer';

const ofBody = (status: number) => isStored({ status, headers: {}, body: null });
const ofError = (code: ConstructorParameters<typeof InterlockError>[0]) =>
  isStored(answerOfError(new InterlockError(code), {}));

describe('an answer', () => {
  it('is kept when it is a success', () => {
    expect([199, 200, 204, 299, 300].map(ofBody)).toEqual([false, true, true, true, false]);
  });

  it('is kept when it is an error that would come out the same, and no other', () => {
    expect((['invalid_request', 'not_found', 'conflict'] as const).map(ofError)).toEqual([true, true, true]);
    const never = ['unauthenticated', 'permission_denied', 'rate_limited', 'internal_error', 'unavailable'] as const;
    expect([...never, 'idempotency_conflict' as const, 'idempotency_in_progress' as const].filter(ofError)).toEqual([]);
  });

  it('that is an error is given again with all that it said', () => {
    const said = { message: 'no', fields: { name: ['is missing'] }, retryAfterSeconds: 7, body: { success: false } };
    const error = new InterlockError('conflict', said);
    const stored = answerOfError(error, { location: '/v2/things/1' });
    expect(stored).toMatchObject({ status: error.status, headers: { location: '/v2/things/1' } });
    const again = errorOf((JSON.parse(JSON.stringify(stored)) as { error: Parameters<typeof errorOf>[0] }).error);
    const { code, status, nextAction, message, fields, retryAfterSeconds, body } = error;
    expect(again).toMatchObject({ code, status, nextAction, message, fields, retryAfterSeconds, body });
    expect(again).toMatchObject(said);
  });
});

import { toInterlockError } from '../http/error.filter';
import { isDatabaseUnavailable } from './database-unavailable';

const withCode = (code: string) => Object.assign(new Error('the server says something'), { code });

describe('what is wrong with the database, not with the request', () => {
  it.each([
    ['08000', '08001', '08003', '08004', '08006', '08007', '08P01'],
    ['25006'],
    ['40001', '40002', '40003', '40P01'],
    ['53000', '53100', '53200', '53300', '53400'],
    ['55P03'],
    ['57000', '57014', '57P01', '57P02', '57P03', '57P04', '57P05'],
    ['58000', '58030'],
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ])('%s … is answered as unavailable', (...codes) => {
    for (const code of codes.filter(Boolean)) {
      expect(isDatabaseUnavailable(withCode(code))).toBe(true);
      expect(toInterlockError(withCode(code))).toMatchObject({ code: 'unavailable', status: 503 });
    }
  });

  it('a write that a read-only database refuses is answered with that', () => {
    expect(toInterlockError(withCode('25006')).message).toBe(
      'The database is read-only: nothing can be changed until that is over.',
    );
    expect(toInterlockError(withCode('57P01')).message).not.toContain('read-only');
  });

  it.each(['Query read timeout', 'timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
    '“%s” of node-postgres is, too',
    (message) => expect(toInterlockError(new Error(message)).code).toBe('unavailable'),
  );

  it.each(['22001', '22P02', '23505', '23503', '23514', '25P02', '42601', '42P01', '42501', 'XX000', '', 'EINVAL'])(
    'code „%s“ is a fault of ours, and stays one',
    (code) => expect(toInterlockError(withCode(code)).code).toBe('internal_error'),
  );
});

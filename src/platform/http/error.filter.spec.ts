import { toInterlockError } from './error.filter';

describe('what the system says', () => {
  const failed = (code: string, syscall: string): Error => Object.assign(new Error(code), { code, syscall });

  it.each([
    ['ECONNREFUSED', 'connect', 'unavailable'],
    // the embedded database has ended, and its socket with it
    ['ENOENT', 'connect', 'unavailable'],
    ['ENOENT', 'open', 'internal_error'],
  ])('%s of %s is %s', (code, syscall, expected) => {
    expect(toInterlockError(failed(code, syscall)).code).toBe(expected);
  });
});

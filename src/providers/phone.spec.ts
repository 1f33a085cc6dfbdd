import { firstNumber, phoneNumber } from './phone';

describe('a telephone number', () => {
  it.each<[string | null, string | null, string | null]>([
    ['07700 900123', 'GB', '+447700900123'],
    ['07700 900123', 'gb', '+447700900123'],
    ['0491 570 156', 'AU', '+61491570156'],
    ['085 100 0001', 'IE', '+353851000001'],
    ['+44 20 7946 0000', null, '+442079460000'],
    ['+44 20 7946 0000', 'AU', '+442079460000'],
    ['0044 20 7946 0000', 'GB', '+442079460000'],
    ['07700 900123', null, '07700 900123'],
    ['(415) 555-2671', 'United States', '+14155552671'],
    ['07700 900123', ' united kingdom ', '+447700900123'],
    ['07700 900123', 'Atlantis', '07700 900123'],
    ['07700 900123', 'ZZ', '07700 900123'],
    ['07700 900123', 'constructor', '07700 900123'],
    ['12', 'GB', '12'],
    ['ask reception', 'GB', 'ask reception'],
    [null, 'GB', null],
  ])('%j in %j is %j', (written, country, expected) => {
    expect(phoneNumber(written, country)).toBe(expected);
  });

  it('of several the first that can be made E.164 is taken, then the first that has enough digits', () => {
    const mobile = { number: '07700 900123', country: 'GB' };
    const unclear = { number: '01234 567890', country: null };
    const none = { number: 'n/a', country: null };
    expect(firstNumber([none, unclear, mobile])).toBe('+447700900123');
    expect(firstNumber([none, unclear])).toBe('01234 567890');
    expect(firstNumber([none, { number: null, country: 'GB' }])).toBeNull();
    expect(firstNumber([])).toBeNull();
  });
});

import { fitText, isFitText } from './text-rule';

describe('a text from outside', () => {
  it.each(['', 'Ann', 'tab\tand\r\nbreaks', 'Å̂🏥👩‍👩‍👧', '\u202eturned', '\u00a0', '\ufffe'])('may be %j', (text) => {
    expect(isFitText(text)).toBe(true);
    expect(fitText(text)).toBe(text);
  });

  it.each(['\u0000', 'a\u0000b', '\ud800', '\udfff', 'a\ud83c', '\udfe5\ud83c', '\u001b[31m', '\u007f', '\u0008'])(
    'may not be %j',
    (text) => {
      expect(isFitText(text)).toBe(false);
      expect(isFitText(fitText(text))).toBe(true);
    },
  );
});

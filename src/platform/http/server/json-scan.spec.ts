import { exceeds } from './json-scan';

const LIMITS = { depth: 4, members: 3, values: 12 };
const scan = (text: string) => exceeds(Buffer.from(text), LIMITS);

describe('the count of what JSON holds', () => {
  it.each([
    ['{"a":1,"b":2,"c":3}', null],
    ['{"a":1,"b":2,"c":3,"d":4}', 'members'],
    // a member of the same name counts: it is read, and thrown away
    ['{"a":1,"a":1,"a":1,"a":1}', 'members'],
    ['{"a":{"a":1,"b":2,"c":3,"d":4}}', 'members'],
    ['{"a":{"b":1,"c":2},"d":{"e":1,"f":2},"g":1}', null],
    ['[1,2,3,4,5,6,7,8,9,10,11,12]', null],
    ['[1,2,3,4,5,6,7,8,9,10,11,12,13]', 'values'],
    ['[{},{},{},{},{},{},{}]', 'values'],
    ['[[[[]]]]', null],
    ['[[[[[', 'depth'],
    ['{"a":{"a":{"a":{"a":{}}}}}', 'depth'],
    // inside a text nothing counts
    [`{"a":"${'{[,'.repeat(50)}"}`, null],
    [`{"a":"\\"${'{,'.repeat(50)}\\\\"}`, null],
    // what is no JSON is the parser's to refuse
    ['"', null],
    ['"\\', null],
    [']]]]]', null],
  ])('%s', (text, exceeded) => {
    expect(scan(text)).toBe(exceeded);
  });
});

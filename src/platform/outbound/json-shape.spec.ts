import { parseJsonList } from './json-list';
import { isTooDeep, MAX_ANSWER_DEPTH, MAX_ANSWER_VALUES, MAX_LIST_ELEMENTS } from './json-shape';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const list = (elements: readonly string[]) => parseJsonList(Buffer.from(`{"data":[${elements.join(',')}]}`), 'data');

describe('what a body is made of', () => {
  it('is told without parsing it: depth', () => {
    expect(isTooDeep(Buffer.from(nested(MAX_ANSWER_DEPTH)))).toBe(false);
    expect(isTooDeep(Buffer.from(nested(MAX_ANSWER_DEPTH + 1)))).toBe(true);
    expect(isTooDeep(Buffer.from(`{"a":"${'['.repeat(1_000)}","b":"\\"${'{'.repeat(1_000)}"}`))).toBe(false);
  });

  it('a list keeps a row that is too deep apart from its neighbours', async () => {
    const { elements, tooDeep } = await list(['{"id":1}', `{"id":2,"x":${nested(20_000)}}`, '{"id":3}']);
    expect(elements!.map((element) => element.tooDeep)).toEqual([false, true, false]);
    expect(tooDeep).toBe(false);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['rows', () => list(Array.from({ length: MAX_LIST_ELEMENTS + 1 }, () => '1'))],
    ['values of one row', () => list([`[${'1,'.repeat(MAX_ANSWER_VALUES)}1]`])],
    ['values of all rows', () => list(Array.from({ length: 100 }, () => `[${'1,'.repeat(MAX_ANSWER_VALUES / 100)}1]`))],
    [
      'values beside the rows',
      () => parseJsonList(Buffer.from(`{"data":[],"x":[${'{},'.repeat(MAX_ANSWER_VALUES)}1]}`), 'data'),
    ],
    ['values of what is no list', async () => isTooDeep(Buffer.from(`[${'{},'.repeat(MAX_ANSWER_VALUES)}1]`))],
  ])('too many %s are refused before they are parsed', async (_what, read) => {
    await expect(read()).rejects.toThrow(/^more than \d+ (rows|values)$/);
  });

  it('as many as there may be are read', async () => {
    const { elements } = await list(Array.from({ length: MAX_LIST_ELEMENTS }, () => '{"a":[1]}'));
    expect(elements).toHaveLength(MAX_LIST_ELEMENTS);
  });
});

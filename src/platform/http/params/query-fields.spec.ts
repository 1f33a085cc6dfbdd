import { RequestValidationPipe } from '../server/validation.pipe';
import { ListQueryDto, listQueryOf } from './bounded-list';
import { PageQueryDto } from './pagination';
import { QueryFlag, QueryOneOf, QueryText, QueryTime, QueryUuid, QueryWhole } from './query-fields';

const ID = '0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11';
const DAYS = { fallback: 30, min: 1, max: 365 };

class EveryKindDto {
  @QueryWhole(DAYS)
  days: number = DAYS.fallback;

  @QueryText()
  text?: string;

  @QueryUuid()
  id?: string;

  @QueryOneOf(['a', 'b'])
  word?: string;

  @QueryFlag(true)
  flag: boolean = true;

  @QueryTime()
  at?: Date;
}
class WithIdDto {
  @QueryUuid({ required: true })
  id: string;
}
class FewDto extends listQueryOf(5) {}

const read = (query: object, metatype: new () => object = EveryKindDto): Promise<unknown> =>
  new RequestValidationPipe().transform(query, { type: 'query', metatype });
const refused = (query: object, metatype?: new () => object): Promise<unknown> =>
  read(query, metatype).then(
    () => 'taken',
    (error: { fields?: unknown }) => error.fields,
  );

describe('a query', () => {
  it.each([{}, { days: '', text: '', id: '', word: '', flag: '', at: '' }])('of %j has its defaults', async (query) => {
    expect({ ...((await read(query)) as object) }).toEqual({ days: 30, flag: true });
  });

  it('is read by the kind of each parameter', async () => {
    const query = { days: '7', text: 'x', id: ID, word: 'b', flag: 'false', at: '2027-03-04T05:06:07Z', other: '1' };
    expect({ ...((await read(query)) as object) }).toEqual({
      days: 7,
      text: 'x',
      id: ID,
      word: 'b',
      flag: false,
      at: new Date('2027-03-04T05:06:07Z'),
    });
  });

  it.each([
    ['365', 365],
    ['366', 365],
    ['1', 1],
  ])('clamps %s days to %i', async (days, expected) => {
    expect(await read({ days })).toMatchObject({ days: expected });
  });

  it.each([
    [{ days: '0' }, { days: 'must be a whole number from 1 to 365' }],
    [{ days: '1e2' }, { days: 'must be a whole number from 1 to 365' }],
    [{ days: ['1', '2'] }, { days: 'must be a whole number from 1 to 365' }],
    [{ text: ['a'] }, { text: 'must be one text of at most 1024 characters, without control characters' }],
    [{ text: 'x'.repeat(1025) }, { text: 'must be one text of at most 1024 characters, without control characters' }],
    [{ id: 'x' }, { id: 'must be a UUID' }],
    [{ word: 'c' }, { word: 'must be one of a, b' }],
    [{ flag: '1' }, { flag: 'must be one of true, false' }],
    [{ at: 'yesterday' }, { at: 'must be an ISO-8601 date and time' }],
    [
      { days: 'x', flag: 'x' },
      { days: 'must be a whole number from 1 to 365', flag: 'must be one of true, false' },
    ],
  ])('of %j is refused with one rule for each parameter', async (query, rules) => {
    const expected = Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, [rule]]));
    expect(await refused(query)).toEqual(expected);
  });

  it('without a required id is refused', async () => {
    expect(await refused({}, WithIdDto)).toEqual({ id: ['must be a UUID'] });
    expect(await refused({ id: ID }, WithIdDto)).toBe('taken');
  });

  it.each([
    [PageQueryDto, {}, { limit: 25, offset: 0 }],
    [PageQueryDto, { limit: '101', offset: '7' }, { limit: 100, offset: 7 }],
    [ListQueryDto, {}, { limit: 1_000 }],
    [FewDto, { limit: '9', cursor: 'c' }, { limit: 5, cursor: 'c' }],
  ])('for %p: %j is %j', async (metatype, query, expected) => {
    expect({ ...((await read(query, metatype as new () => object)) as object) }).toEqual(expected);
  });
});

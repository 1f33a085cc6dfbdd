import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { InterlockError } from '../../errors';
import { RequestValidationPipe } from './validation.pipe';

class Credentials {
  @IsString()
  @IsNotEmpty()
  apiKey: string;

  @IsUrl({}, { message: 'must be an address' })
  baseUrl: string;
}

class Mapping {
  @IsString()
  id: string;
}

class ActivateBody {
  // alone, ValidateNested lets a missing value pass
  @IsDefined()
  @ValidateNested()
  @Type(() => Credentials)
  credentials: Credentials;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Mapping)
  mappings?: Mapping[];

  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { each: true })
  currencies?: string[];

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

class Inner {
  @IsOptional()
  @IsString()
  note?: string;
}

class BoundedBody {
  @IsOptional()
  @IsString()
  @MaxLength(5)
  name?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @IsString({ each: true })
  codes?: string[];

  @IsOptional()
  @IsString({ each: true })
  any?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;
}

class ListQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Max(100)
  limit = 25;
}

const pipe = new RequestValidationPipe();
const good = { credentials: { apiKey: 'key', baseUrl: 'https://a.example.com' } };

async function fieldsOf(type: 'body' | 'query', metatype: new () => object, value: unknown): Promise<unknown> {
  try {
    await pipe.transform(value, { type, metatype });
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
    expect(error.code).toBe('invalid_request');
    expect(JSON.stringify(error)).not.toContain('canary');
    return error.fields;
  }
  return undefined;
}

describe('the validation of requests', () => {
  it('lets a good body pass as an instance of its class', async () => {
    const body = await pipe.transform(good, { type: 'body', metatype: ActivateBody });
    expect(body).toBeInstanceOf(ActivateBody);
    expect((body as ActivateBody).credentials).toBeInstanceOf(Credentials);
  });

  it.each<[string, unknown, Record<string, string[]>]>([
    [
      'nested fields by their path',
      { credentials: { apiKey: '', baseUrl: 'canary' } },
      { 'credentials.apiKey': ['must not be empty'], 'credentials.baseUrl': ['must be an address'] },
    ],
    [
      'fields in lists by their place',
      { ...good, mappings: [{ id: 'a' }, { id: 7 }, {}] },
      { 'mappings.1.id': ['must be a string'], 'mappings.2.id': ['must be a string'] },
    ],
    [
      'unknown fields, nested too',
      { ...good, sudo: 'canary', credentials: { ...good.credentials, extra: 'canary' } },
      { sudo: ['is not a known field'], 'credentials.extra': ['is not a known field'] },
    ],
    ['a nested field that is missing', {}, { credentials: [expect.stringContaining('must not be')] }],
    [
      'a nested field of another type',
      { credentials: 'canary' },
      { credentials: [expect.stringContaining('must be')] },
    ],
    ['no guessed types', { ...good, enabled: 'true' }, { enabled: ['must be a boolean value'] }],
    ['lists of values', { ...good, currencies: ['canary'] }, { currencies: [expect.stringContaining('must match')] }],
  ])('names %s, and never a value', async (_what, body, fields) => {
    expect(await fieldsOf('body', ActivateBody, body)).toEqual(fields);
  });

  it.each([undefined, null])('validates %s like an empty object', async (body) => {
    expect(await fieldsOf('body', ActivateBody, body)).toHaveProperty('credentials');
  });

  it('ignores unknown query parameters', async () => {
    const query = { limit: '10', nonsense: '1' };
    expect(await pipe.transform(query, { type: 'query', metatype: ListQuery })).toEqual({ limit: 10 });
  });

  it.each(['canary', ['1', '2'], '1.5', '101'])('names the rule of a wrong query parameter: %j', async (limit) => {
    expect(await fieldsOf('query', ListQuery, { limit })).toHaveProperty('limit');
  });

  it('names so many fields at most, however many are wrong', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 1]));
    const mappings = Array.from({ length: 900 }, () => ({ id: 7, ['x'.repeat(500)]: 1 }));
    for (const body of [
      { ...good, ...unknown },
      { ...good, mappings },
    ]) {
      const fields = (await fieldsOf('body', ActivateBody, body)) as Record<string, string[]>;
      expect(Object.keys(fields)).toHaveLength(20);
      expect(JSON.stringify(fields).length).toBeLessThan(20 * 500);
    }
  });

  it('names an item of a long list by its place in the whole', async () => {
    const mappings = Array.from({ length: 350 }, (_, i) => ({ id: [0, 99, 100, 299, 349].includes(i) ? 7 : 'a' }));
    expect(Object.keys((await fieldsOf('body', ActivateBody, { ...good, mappings })) as object)).toEqual(
      [0, 99, 100, 299, 349].map((at) => `mappings.${at}.id`),
    );
  });

  it('gives a long list whole, in its order, as instances of their class', async () => {
    const mappings = Array.from({ length: 350 }, (_, i) => ({ id: String(i) }));
    const body = (await pipe.transform(
      { ...good, mappings },
      { type: 'body', metatype: ActivateBody },
    )) as ActivateBody;
    expect(body.mappings).toEqual(mappings);
    expect(body.mappings!.every((each) => each instanceof Mapping)).toBe(true);
  });

  it.each<[string, object, Record<string, unknown>]>([
    ['a list', { codes: ['a', 'b', 'c', 'd'] }, { codes: ['must contain no more than 3 elements'] }],
    ['a list that says nothing', { any: Array(1_001).fill('a') }, { any: ['must contain no more than 1000 elements'] }],
    ['a text', { name: 'x'.repeat(1_000) }, { name: ['must be shorter than or equal to 5 characters'] }],
    [
      'a text in a list',
      { codes: ['x'.repeat(9_000)] },
      { 'codes.0': ['must be shorter than or equal to 2048 characters'] },
    ],
    [
      'a text that cannot be stored',
      { inner: { note: 'a\u0000' } },
      { 'inner.note': [expect.stringContaining('control')] },
    ],
    ['half a pair', { codes: ['\ud800'] }, { 'codes.0': [expect.stringContaining('surrogate')] }],
    ['a list where an object is expected', { inner: [{}] }, { inner: ['must be an object'] }],
    [
      'an object where a list is expected',
      { codes: { a: 1 } },
      { codes: expect.arrayContaining(['must be an array']) },
    ],
    ['a list where a text is expected', { name: [[]] }, { name: expect.arrayContaining(['must be a string']) }],
    ['__proto__', JSON.parse('{"__proto__":{"name":"a"}}') as object, { ['__proto__']: ['is not a known field'] }],
    ['a member of every object', { constructor: 1 }, { constructor: ['is not a known field'] }],
  ])('bounds %s before a validator sees it', async (_what, body, fields) => {
    const found = await fieldsOf('body', BoundedBody, body);
    expect(Object.entries(found as object)).toEqual(Object.entries(fields));
  });

  it('leaves the exact length of a text to its validator, which counts characters', async () => {
    expect(await fieldsOf('body', BoundedBody, { name: '🏥'.repeat(5) })).toBeUndefined();
    expect(await fieldsOf('body', BoundedBody, { name: '🏥'.repeat(6) })).toHaveProperty('name');
  });

  it('makes the names of unknown fields fit to be stored', async () => {
    expect(await fieldsOf('body', BoundedBody, { 'a\u0000\ud800': 1 })).toEqual({
      'a\ufffd\ufffd': ['is not a known field'],
    });
  });

  it('refuses a path parameter that cannot be stored', async () => {
    await expect(pipe.transform('a\u0000', { type: 'param', data: 'id' })).rejects.toMatchObject({
      fields: { id: [expect.stringContaining('control')] },
    });
    expect(await pipe.transform('a', { type: 'param', data: 'id', metatype: String })).toBe('a');
  });

  it('cuts a field name that is out of all proportion', async () => {
    const fields = await fieldsOf('body', ActivateBody, { ...good, ['x'.repeat(5_000)]: 1 });
    expect(Object.keys(fields as object)[0]?.length).toBe(120);
  });
});

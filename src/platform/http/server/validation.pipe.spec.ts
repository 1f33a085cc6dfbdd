import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
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
    const mappings = Array.from({ length: 5_000 }, () => ({ id: 7, ['x'.repeat(500)]: 1 }));
    for (const body of [
      { ...good, ...unknown },
      { ...good, mappings },
    ]) {
      const fields = (await fieldsOf('body', ActivateBody, body)) as Record<string, string[]>;
      expect(Object.keys(fields)).toHaveLength(50);
      expect(JSON.stringify(fields).length).toBeLessThan(50 * 500);
    }
  });

  it('cuts a field name that is out of all proportion', async () => {
    const fields = await fieldsOf('body', ActivateBody, { ...good, ['x'.repeat(5_000)]: 1 });
    expect(Object.keys(fields as object)[0]?.length).toBe(120);
  });
});

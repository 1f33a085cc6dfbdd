import { setImmediate } from 'node:timers/promises';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { isFitText } from '../params/text-rule';
import { Problems } from './problems';
import { shapeOf, type Field, type Shape } from './request-shape';
import { ShapeCheck } from './shape-check';
import { RequestValidationPipe } from './validation.pipe';

class Leaf {
  @IsString()
  @MaxLength(5)
  text: string;
}

class Branch {
  @IsOptional()
  @MaxLength(5)
  text?: string;

  @IsOptional()
  @IsInt()
  count?: number;

  @IsArray()
  @ArrayMaxSize(3)
  @IsString({ each: true })
  texts: string[];

  @ValidateNested()
  @Type(() => Leaf)
  leaf: Leaf;

  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => Leaf)
  leaves: Leaf[];
}

const names = ['text', 'count', 'texts', 'leaf', 'leaves', 'unknown', '__proto__', 'constructor'];
const text = fc.oneof(fc.constantFrom('', 'a', 'x'.repeat(21), 'a\u0000', '\ud800'), fc.string({ maxLength: 30 }));
/** Any JSON, mostly of names that are known somewhere. */
const { body } = fc.letrec<{ value: unknown; body: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('body'),
  ),
  body: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 8 }),
}));

/** What is more than the shape holds; null: nothing. */
function beyond(value: object, shape: Shape): string | null {
  for (const [name, member] of Object.entries(value)) {
    const field = shape.get(name);
    const found = field ? beyondField(member, field) : 'unknown';
    if (found) return `${name}: ${found}`;
  }
  return null;
}

function beyondField(member: unknown, field: Field, inList = false): string | null {
  if (typeof member === 'string') return member.length <= field.maxLength * 4 && isFitText(member) ? null : 'text';
  if (member === null || typeof member !== 'object') return null;
  if (Array.isArray(member)) {
    if (!field.list || inList) return member.length === 0 ? null : 'list';
    if (member.length > field.maxItems) return 'too long';
    return member.map((item) => beyondField(item, field, true)).find((found) => found !== null) ?? null;
  }
  if (field.nested && field.list === inList) return beyond(member, field.nested);
  return Object.keys(member).length === 0 ? null : 'object';
}

describe('what validators are shown', () => {
  it.each(['refused', 'ignored'] as const)('is never more than the DTO holds, unknown members %s', (unknown) => {
    fc.assert(
      fc.property(body, (value) => {
        const problems = new Problems();
        new ShapeCheck(problems, unknown).object(value as Record<string, unknown>, shapeOf(Branch)!);
        expect(problems.full ? null : beyond(value, shapeOf(Branch)!)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('names twenty problems, and nothing is looked at behind them', () => {
    let looked = 0;
    const counted = (item: object): object =>
      new Proxy(item, {
        ownKeys: (target) => (looked++, Reflect.ownKeys(target)),
        deleteProperty: () => (looked++, true),
      });
    const wide = counted(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`field${at}`, 1])));
    const long = { leaves: Array.from({ length: 900 }, () => counted({ unknown: 1 })) };
    const texts = { leaves: Array.from({ length: 900 }, () => 'a\u0000') };
    class Wide {
      @ValidateNested({ each: true })
      @Type(() => Leaf)
      leaves: Leaf[];
    }
    for (const value of [wide, long, texts]) {
      looked = 0;
      const problems = new Problems();
      new ShapeCheck(problems, 'refused').object(value as Record<string, unknown>, shapeOf(Wide)!);
      expect(problems.full).toBe(true);
      expect(looked).toBeLessThanOrEqual(41);
      problems.add('one more', ['is wrong']);
      expect(() => problems.throwIfAny()).toThrow(
        expect.objectContaining({ fields: expect.not.objectContaining({ 'one more': expect.anything() }) }),
      );
    }
  });

  it('comes a slice at a time, so that others get their turn', async () => {
    let shown = 0;
    let most = 0;
    class Counted {
      @ValidateBy({ name: 'counted', validator: { validate: () => ((most = Math.max(most, ++shown)), true) } })
      id: number;
    }
    class Long {
      @ArrayMaxSize(5_000)
      @ValidateNested({ each: true })
      @Type(() => Counted)
      items: Counted[];
    }
    const items = Array.from({ length: 1_000 }, (_, id) => ({ id }));
    const validated = new RequestValidationPipe().transform({ items }, { type: 'body', metatype: Long });
    const others = new AbortController();
    const turns = (async () => {
      for (; !others.signal.aborted; await setImmediate()) shown = 0;
    })();
    expect(((await validated) as Long).items).toHaveLength(1_000);
    others.abort();
    await turns;
    expect(most).toBeLessThanOrEqual(200);
  });
});

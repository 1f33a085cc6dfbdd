import { getMetadataStorage, IsDefined, IsOptional, ValidateNested } from 'class-validator';
import { AppModule } from './app.module';
import { loadConfig } from './platform/config';

interface Rule {
  readonly target: { readonly name: string };
  readonly propertyName: string;
  readonly type: string;
  readonly each?: boolean;
  readonly name?: string;
}

class Planted {
  @ValidateNested()
  silent: Planted;

  @IsDefined()
  @ValidateNested()
  required: Planted;

  @IsOptional()
  @ValidateNested()
  optional?: Planted;
}

const ANSWERS = new Set(['isDefined', 'isObject', 'isArray', 'isNotEmptyObject']);

function rulesOfEveryBody(): Rule[] {
  // loads every controller, and with it every DTO
  AppModule.forRoot(loadConfig({ DATABASE_URL: 'postgres://nowhere/none' }));
  const storage = getMetadataStorage() as unknown as { validationMetadatas: Map<unknown, Rule[]> };
  return [...storage.validationMetadatas.values()].flat();
}

describe('the whole application', () => {
  it('takes an object for every nested field, or a list of them: ValidateNested alone takes a list for either', () => {
    const rules = rulesOfEveryBody();
    const isObject = (nested: Rule): boolean =>
      rules.some(
        (rule) =>
          rule.name === 'isObject' &&
          Boolean(rule.each) === Boolean(nested.each) &&
          rule.target === nested.target &&
          rule.propertyName === nested.propertyName,
      );
    const lax = rules.filter((rule) => rule.type === 'nestedValidation' && !isObject(rule));
    expect([...new Set(lax.map((rule) => rule.target))]).toEqual([Planted]);
  });

  it('says of every nested field of a body whether it may be missing: ValidateNested alone lets it pass', () => {
    const rules = rulesOfEveryBody();
    const isAnswered = (nested: Rule): boolean =>
      rules
        .filter((rule) => rule.target === nested.target && rule.propertyName === nested.propertyName)
        .some((rule) => rule.type === 'conditionalValidation' || ANSWERS.has(rule.name ?? ''));
    const silent = rules.filter((rule) => rule.type === 'nestedValidation' && !isAnswered(rule));
    expect(silent.map((rule) => `${rule.target.name}.${rule.propertyName}`)).toEqual([
      `${Planted.name}.${'silent' satisfies keyof Planted}`,
    ]);
  });
});

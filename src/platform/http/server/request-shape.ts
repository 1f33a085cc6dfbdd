import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage } from 'class-validator';
import { MAX_ITEMS, MAX_TEXT } from '../body-limits';
import { OPEN_OBJECT } from '../params/open-object';

type Dto = abstract new (...parts: never[]) => object;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** What a member may hold at most. */
export interface Field {
  readonly list: boolean;
  readonly maxItems: number;
  readonly maxLength: number;
  /** Of the member, or of each of its items; null: neither object nor list of objects. */
  readonly nested: Shape | null;
  /** An object of texts with any names. */
  readonly open: boolean;
}

export type Shape = ReadonlyMap<string, Field>;

const NESTED = 'nestedValidation';
const shapes = new WeakMap<object, Map<string, Field>>();

/** The bounds of a DTO, read from its own validation rules, so that each limit stands once; null: not a DTO. */
export function shapeOf(type: unknown): Shape | null {
  if (typeof type !== 'function') return null;
  const known = shapes.get(type);
  if (known) return known.size > 0 ? known : null;
  const shape = new Map<string, Field>();
  // first, because a DTO may hold others of its kind
  shapes.set(type, shape);
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(type as Dto, '', false, false);
  for (const [name, ofMember] of Object.entries(storage.groupByPropertyName(rules))) {
    shape.set(name, fieldOf(type as Dto, name, ofMember));
  }
  return shape.size > 0 ? shape : null;
}

function fieldOf(type: Dto, name: string, rules: readonly Rule[]): Field {
  const nestedType = rules.some((rule) => rule.type === NESTED)
    ? // the member's class is what @Type names
      defaultMetadataStorage.findTypeMetadata(type, name)?.typeFunction()
    : undefined;
  return {
    list: rules.some((rule) => rule.each || /^(isArray|array\w+)$/.test(rule.name ?? '')),
    maxItems: limitOf(rules, 'arrayMaxSize', 0) ?? MAX_ITEMS,
    maxLength: limitOf(rules, 'maxLength', 0) ?? limitOf(rules, 'isLength', 1) ?? MAX_TEXT,
    nested: nestedType ? shapeOf(nestedType) : null,
    open: rules.some((rule) => rule.name === OPEN_OBJECT),
  };
}

function limitOf(rules: readonly Rule[], name: string, at: number): number | undefined {
  const limit: unknown = rules.find((rule) => rule.name === name)?.constraints[at];
  return typeof limit === 'number' ? limit : undefined;
}

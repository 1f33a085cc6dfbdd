/** A part of an OpenAPI 3.1 document, as far as callers depend on it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly [bound: string]: unknown;
}

/** A document with its own references. */
export interface Side {
  readonly document: unknown;
  readonly schema: Schema;
}

/** `request`: what callers send; `answer`: what they read. */
export type Direction = 'request' | 'answer';

const UPPER_BOUNDS = ['maximum', 'maxLength', 'maxItems', 'maxProperties'];
const LOWER_BOUNDS = ['minimum', 'minLength', 'minItems', 'minProperties'];

/**
 * What callers of `before` cannot do with `after`: each as its place and what has become of it. A request may be taken
 * in more forms than before and never in fewer, and an answer the other way round.
 */
export function schemaBreaks(
  before: Side,
  after: Side,
  direction: Direction,
  place: string,
  seen = new Set<string>(),
): string[] {
  const pair = `${before.schema.$ref} ${after.schema.$ref}`;
  if (before.schema.$ref && after.schema.$ref) {
    if (seen.has(pair)) return [];
    seen = new Set(seen).add(pair);
  }
  const [formsBefore, formsAfter] = [formsOf(before), formsOf(after)];
  // every form that one side may have must be one that the other side knows
  const [given, known] = direction === 'request' ? [formsBefore, formsAfter] : [formsAfter, formsBefore];
  const found = given.map((form) => {
    const attempts = known.map((other) => {
      const [one, two] = direction === 'request' ? [form, other] : [other, form];
      return formBreaks({ ...before, schema: one }, { ...after, schema: two }, direction, place, seen);
    });
    return attempts.reduce((best, each) => (each.length < best.length ? each : best));
  });
  return [...new Set(found.flat())];
}

function formBreaks(before: Side, after: Side, direction: Direction, place: string, seen: Set<string>): string[] {
  const [one, two] = [before.schema, after.schema];
  const [wide, narrow] = direction === 'request' ? [two, one] : [one, two];
  const breaks: string[] = [];
  const say = (what: string): void => void breaks.push(`${place}: ${what}`);

  const [allowed, used] = [typesOf(wide), typesOf(narrow)];
  if (allowed && !used) say(direction === 'request' ? 'takes fewer types' : 'may be of any type');
  else if (allowed && used) {
    const strange = used.filter(
      (type) => !allowed.includes(type) && !(type === 'integer' && allowed.includes('number')),
    );
    for (const type of strange) say(direction === 'request' ? `does not take ${type} any more` : `may be ${type} now`);
  }
  if (wide.enum) {
    const strange = narrow.enum ? narrow.enum.filter((value) => !wide.enum!.includes(value)) : ['any value'];
    for (const value of strange) {
      const shown = narrow.enum ? JSON.stringify(value) : 'any value';
      say(direction === 'request' ? `does not take ${shown} any more` : `may be ${shown} now`);
    }
  }
  for (const name of ['format', 'pattern']) {
    if (wide[name] !== undefined && wide[name] !== narrow[name]) say(`has another ${name}`);
  }
  if (direction === 'request') breaks.push(...boundBreaks(one, two, place));

  if (one.items && two.items) {
    const items = [before, after].map((side) => ({ ...side, schema: side.schema.items! })) as [Side, Side];
    breaks.push(...schemaBreaks(...items, direction, `${place}[]`, seen));
  }
  return [...breaks, ...propertyBreaks(before, after, direction, place, seen)];
}

/** Bounds of requests; an answer may keep to narrower ones, and wider ones harm nobody who reads with care. */
function boundBreaks(before: Schema, after: Schema, place: string): string[] {
  const tightened = (names: string[], isTighter: (now: number, then: number) => boolean, none: number): string[] =>
    names.filter((name) => {
      const now = after[name];
      return now !== undefined && isTighter(Number(now), Number(before[name] ?? none));
    });
  const names = [
    ...tightened(UPPER_BOUNDS, (now, then) => now < then, Infinity),
    ...tightened(LOWER_BOUNDS, (now, then) => now > then, -Infinity).filter((name) => !(after[name] === 0)),
  ];
  return names.map((name) => `${place}: has a tighter ${name}`);
}

function propertyBreaks(before: Side, after: Side, direction: Direction, place: string, seen: Set<string>): string[] {
  const [one, two] = [before.schema, after.schema];
  if (!one.properties && !two.properties) return [];
  const breaks: string[] = [];
  const isRequired = (schema: Schema, name: string): boolean => schema.required?.includes(name) ?? false;
  for (const [name, property] of Object.entries(one.properties ?? {})) {
    const at = place === '' ? name : `${place}.${name}`;
    const now = two.properties?.[name];
    if (now === undefined) {
      // an open object still takes it
      if (direction === 'answer' || two.additionalProperties !== true) breaks.push(`${at}: is gone`);
      continue;
    }
    if (direction === 'answer' && isRequired(one, name) && !isRequired(two, name)) breaks.push(`${at}: may be missing`);
    const sides = [
      { ...before, schema: property },
      { ...after, schema: now },
    ] as const;
    breaks.push(...schemaBreaks(...sides, direction, at, seen));
  }
  if (direction === 'request') {
    for (const name of two.required ?? []) {
      if (!isRequired(one, name)) breaks.push(`${place === '' ? name : `${place}.${name}`}: is required`);
    }
  }
  return breaks;
}

/** The forms that a value may have, without references; one, where there is no choice. */
function formsOf({ document, schema }: Side): Schema[] {
  const resolved = resolve(document, schema);
  const choice = resolved.oneOf ?? resolved.anyOf;
  if (choice) return choice.flatMap((form) => formsOf({ document, schema: form }));
  if (!resolved.allOf) return [resolved];
  const { allOf, ...own } = resolved;
  const parts = [...allOf.map((part) => resolve(document, part)), own as Schema];
  return [
    Object.assign({}, ...parts, {
      properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
      required: parts.flatMap(({ required = [] }) => required),
    }) as Schema,
  ];
}

/** null: any. */
function typesOf(schema: Schema): string[] | null {
  if (schema.type === undefined) return schema.properties ? ['object'] : null;
  return [schema.type].flat().concat(schema.nullable ? 'null' : []) as string[];
}

export function resolve<T>(document: unknown, part: T): T {
  const reference = (part as { $ref?: string }).$ref;
  if (reference === undefined) return part;
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (at, key) => (at as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );
  return resolve(document, found as T);
}

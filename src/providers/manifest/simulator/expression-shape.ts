import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { RowShape, ValueKind } from './row-shape';

/** What an expression is expected to give where it stands. */
interface Wanted {
  readonly kind?: ValueKind;
  readonly literals?: readonly unknown[];
}
type Names = ReadonlyMap<string, RowShape>;

const WALKS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%']);

const environment = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false })
  .registerVariable('row', 'dyn')
  .registerFunction('sum(list): dyn', (list: readonly unknown[]) =>
    list.reduce<number>((total, each) => total + wholeOf(each), 0),
  );

function wholeOf(value: unknown): number {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError('no whole number');
}

/** The value of a CEL expression over a row. Throws where it has none. */
export function evaluated(text: string, row: unknown): unknown {
  const value: unknown = environment.parse(text)({ row });
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Adds to the shape what an expression over `row` reads of it. */
export function readByExpression(shape: RowShape, text: string, wanted: Wanted): void {
  visit(environment.parse(text).ast, new Map([['row', shape]]), wanted);
}

function visit(given: unknown, names: Names, wanted: Wanted = {}): void {
  const node = given as ASTNode;
  const args = node.args as unknown[];
  const place = placeOf(node, names);
  if (place !== null) {
    if (wanted.kind) place.readAs(wanted.kind);
    place.mayBe(wanted.literals ?? []);
  } else if (node.op === 'call') visitCall(args[0] as string, args[1] as unknown[], names, wanted);
  else if (node.op === 'rcall') visitMethod(args[0] as string, args[1], args[2] as unknown[], names, wanted);
  else if (COMPARISONS.has(node.op)) visitComparison(node.op, args, names);
  else if (node.op === 'in') visitMembership(args, names);
  else if (ARITHMETIC.has(node.op)) args.forEach((each) => visit(each, names, termOf(args, wanted)));
  else if (node.op === '?:') {
    visit(args[0], names, { kind: 'flag' });
    args.slice(1).forEach((each) => visit(each, names, wanted));
  } else if (node.op === '&&' || node.op === '||') args.forEach((each) => visit(each, names, { kind: 'flag' }));
  else if (node.op === '!_' || node.op === '-_') visit(args, names, node.op === '!_' ? { kind: 'flag' } : wanted);
  else if (node.op === 'list') args.forEach((each) => visit(each, names, wanted));
  else if (node.op === 'map') args.forEach((entry) => visit((entry as unknown[])[1], names, wanted));
  // a member of what was made before
  else if (node.op === '.' || node.op === '[]') visit(args[0], names, wanted);
}

/** A chain of members from a name on; null: it is none. */
function placeOf(given: unknown, names: Names): RowShape | null {
  const { op, args } = given as ASTNode;
  if (op === 'id') return names.get(args) ?? null;
  if (op !== '.' && op !== '[]') return null;
  const [receiver, key] = args as [unknown, unknown];
  const holder = placeOf(receiver, names);
  if (holder === null || op === '.') return holder?.member(key as string) ?? null;
  const literal = literalOf(key);
  if (typeof literal === 'string') return holder.member(literal);
  if (literal === undefined) visit(key, names);
  return holder.entries(typeof literal === 'number' ? literal + 1 : 1);
}

function literalOf(given: unknown): unknown {
  const { op, args } = given as ASTNode;
  if (op !== 'value') return undefined;
  return typeof args === 'bigint' ? Number(args) : args;
}

function visitCall(name: string, args: readonly unknown[], names: Names, wanted: Wanted): void {
  const [first] = args;
  const place = first === undefined ? null : placeOf(first, names);
  if (name === 'has' && place !== null) place.mayBeAbsent = true;
  else if (name === 'size' && place !== null) place.entries();
  else if (name === 'sum') {
    if (place !== null) place.entries().readAs('minor');
    else visit(first, names, { kind: 'minor' });
  } else args.forEach((each) => visit(each, names, name === 'dyn' ? wanted : {}));
}

function visitMethod(name: string, receiver: unknown, args: readonly unknown[], names: Names, wanted: Wanted): void {
  const place = placeOf(receiver, names);
  if (WALKS.has(name)) {
    if (place === null) return visit(receiver, names);
    const [entry, ...body] = args;
    const inner = new Map([...names, [(entry as ASTNode).args as string, place.entries()]]);
    for (const each of body) visit(each, inner, name === 'map' ? wanted : { kind: 'flag' });
    return;
  }
  if (place !== null && name === 'size') return void place.entries();
  const texts = args.map(literalOf).filter((each) => typeof each === 'string');
  visit(receiver, names, { kind: 'text', literals: texts.flatMap((each) => [each, `a${each}b${each}17`]) });
  for (const each of args) visit(each, names, {});
}

function visitComparison(op: string, [left, right]: readonly unknown[], names: Names): void {
  const equality = op === '==' || op === '!=';
  for (const [one, other] of [
    [left, right],
    [right, left],
  ]) {
    const literal = literalOf(other);
    const kind = equality || typeof literal === 'string' ? undefined : ('minor' as const);
    visit(one, names, { ...(kind ? { kind } : {}), ...(literal === undefined ? {} : { literals: [literal] }) });
  }
}

function visitMembership([one, list]: readonly unknown[], names: Names): void {
  const { op, args } = list as ASTNode;
  const literals = op === 'list' ? (args as unknown[]).map(literalOf).filter((each) => each !== undefined) : [];
  visit(one, names, { literals });
  if (op !== 'list') placeOf(list, names)?.entries().readAs('text');
}

/** Texts are put together, and numbers are reckoned with. */
function termOf(args: readonly unknown[], wanted: Wanted): Wanted {
  return args.some((each) => typeof literalOf(each) === 'string') ? { kind: 'text' } : { kind: wanted.kind ?? 'minor' };
}

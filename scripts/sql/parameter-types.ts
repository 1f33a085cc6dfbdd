import ts from 'typescript';
import type { SentValues } from './statements';

/** A parameter by its number or its name, and what the server takes it for: its name in pg_type. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
}

const NUMBERS = ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'];
const TEXTS = ['text', 'varchar', 'bpchar', 'name', 'char', 'uuid', 'interval'];

/** In which ways the values that are sent are not those that a statement takes. */
export function valueFaults(sent: SentValues, parameters: readonly Parameter[], checker: ts.TypeChecker): string[] {
  const names = new Set(parameters.map(({ name }) => name));
  const surplus = [...sent.types.keys()].filter((name) => !names.has(name) && !sent.optional.has(name));
  return [
    ...surplus.map((name) => `$${name} is sent, and is no parameter`),
    ...parameters.flatMap(({ name, type }) => {
      const value = sent.types.get(name);
      if (!value) return sent.isOpen ? [] : [`$${name} is a parameter, and is not sent`];
      return isTaken(type, value, checker) ? [] : [`$${name} is ${type}, and ${checker.typeToString(value)} is sent`];
    }),
  ];
}

/** Whether node-postgres makes of every value of the type a text that the server reads as the parameter. */
function isTaken(parameter: string, type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnion()) return type.types.every((part) => isTaken(parameter, part, checker));
  // NULL; or nothing is known of it
  const anything = ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
  if (type.flags & anything) return true;
  if (parameter.startsWith('_')) {
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    return checker.isArrayLikeType(type) && element !== undefined && isTaken(parameter.slice(1), element, checker);
  }
  const base = checker.getBaseConstraintOfType(type) ?? type;
  const is = (flag: ts.TypeFlags): boolean =>
    base.isIntersection() ? base.types.some((part) => part.flags & flag) : Boolean(base.flags & flag);
  // bytes are sent as they are, and are read as UTF-8
  if (parameter === 'text' && type.symbol?.name === 'Buffer') return true;
  if (TEXTS.includes(parameter)) return is(ts.TypeFlags.StringLike);
  // in text: a number that is too large for one of JavaScript's
  if (parameter === 'int8' && is(ts.TypeFlags.StringLike)) return true;
  if (NUMBERS.includes(parameter)) return is(ts.TypeFlags.NumberLike);
  if (parameter === 'bool') return is(ts.TypeFlags.BooleanLike);
  if (parameter === 'timestamptz') return is(ts.TypeFlags.StringLike) || type.symbol?.name === 'Date';
  if (parameter === 'bytea') return type.symbol?.name === 'Buffer';
  // a list would be written as one of PostgreSQL's
  if (parameter.startsWith('json'))
    return is(ts.TypeFlags.StringLike | ts.TypeFlags.Object) && !checker.isArrayLikeType(type);
  return false;
}

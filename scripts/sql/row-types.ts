import ts from 'typescript';

/** A column as the database gives it. */
export interface Column {
  readonly name: string;
  /** Its name in pg_type: `int8`, `_text` for a list of texts. */
  readonly type: string;
  /** Of a column of a table whether it may be NULL; undefined: an expression, of which nobody knows. */
  readonly nullable?: boolean;
}

/** What node-postgres makes of each type; platform/database/pg-sql.ts makes numbers of int8. */
const JAVASCRIPT: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'string',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  name: 'string',
  char: 'string',
  uuid: 'string',
  timestamptz: 'Date',
  bytea: 'Buffer',
  json: 'JSON',
  jsonb: 'JSON',
};

/** In which ways the declared type of a row is not what the columns give. */
export function rowFaults(row: ts.Type, columns: readonly Column[], checker: ts.TypeChecker): string[] {
  const declared = new Map(checker.getPropertiesOfType(row).map((property) => [property.name, property]));
  const given = new Map(columns.map((column) => [column.name, column]));
  const faults = [...declared.keys()]
    .filter((name) => !given.has(name))
    .map((name) => `${name} is declared, and no column`);
  if (given.size < columns.length) faults.push('two columns have one name');
  for (const column of columns) {
    const property = declared.get(column.name);
    if (!property) faults.push(`${column.name} is a column, and not declared`);
    else faults.push(...columnFaults(column, checker.getTypeOfSymbol(property), checker));
  }
  return faults;
}

function columnFaults(column: Column, type: ts.Type, checker: ts.TypeChecker): string[] {
  const faults: string[] = [];
  const parts = type.isUnion() ? type.types : [type];
  const optional = parts.some((part) => part.flags & ts.TypeFlags.Undefined);
  const nullable = parts.some((part) => part.flags & ts.TypeFlags.Null);
  const isUnknown = Boolean(type.flags & ts.TypeFlags.Unknown);
  const says = checker.typeToString(type);
  if (optional) faults.push(`${column.name} is declared as ${says}, and a column is never undefined`);
  const values = parts.filter((part) => !(part.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)));
  if (!isUnknown && !values.every((part) => isGiven(column.type, part, checker))) {
    faults.push(`${column.name} is declared as ${says}, and is ${column.type}`);
  }
  if (!isUnknown && column.nullable === true && !nullable) {
    faults.push(`${column.name} is declared as ${says}, and may be NULL`);
  }
  if (column.nullable === false && nullable) faults.push(`${column.name} is declared as ${says}, and is never NULL`);
  return faults;
}

function isGiven(columnType: string, type: ts.Type, checker: ts.TypeChecker): boolean {
  if (columnType.startsWith('_')) {
    const element = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
    if (!element) return false;
    // node-postgres has no list of int8 as numbers
    const elements = element.isUnion() ? element.types : [element];
    return elements.every((part) => isGiven(columnType === '_int8' ? 'text' : columnType.slice(1), part, checker));
  }
  const wanted = JAVASCRIPT[columnType];
  if (wanted === 'JSON') return true;
  if (wanted === 'string')
    return Boolean(type.flags & ts.TypeFlags.StringLike) || isBrand(type, ts.TypeFlags.StringLike);
  if (wanted === 'number') return Boolean(type.flags & ts.TypeFlags.NumberLike);
  if (wanted === 'boolean') return Boolean(type.flags & ts.TypeFlags.BooleanLike);
  return wanted !== undefined && type.symbol?.name === wanted;
}

function isBrand(type: ts.Type, flag: ts.TypeFlags): boolean {
  return type.isIntersection() && type.types.some((part) => part.flags & flag);
}

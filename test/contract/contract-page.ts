/**
 * A schema in one line: `name?` may be left out, `|null` may be null, `a|b` is an enum. Names of shapes stand for what
 * `shapes` says.
 */
export function shapeOf(document: any, schema: any): string {
  const resolved = schema?.$ref ? at(document, schema.$ref) : schema;
  if (!resolved) return '';
  if (resolved.allOf) return resolved.allOf.map((each: any) => shapeOf(document, each)).join(' & ');
  const parts = [...(resolved.anyOf ?? []), ...(resolved.oneOf ?? [])];
  if (parts.length > 0) {
    const shapes = parts.map((each) => shapeOf(document, each));
    return shapes.join('|');
  }
  const types: string[] = [resolved.type ?? 'any'].flat();
  const isNullable = types.includes('null') || (resolved.enum ?? []).includes(null);
  const shown = types.filter((type) => type !== 'null').map((type) => shapeOfType(document, resolved, type));
  return [...shown, ...(isNullable ? ['null'] : [])].join('|');
}

function shapeOfType(document: any, schema: any, type: string): string {
  if (schema.enum) return schema.enum.filter((each: unknown) => each !== null).join('|');
  if (type === 'array') return `[${shapeOf(document, schema.items)}]`;
  if (type !== 'object' || !schema.properties) return schema.format ?? type;
  const fields = Object.entries<any>(schema.properties).map(
    ([name, field]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${shapeOf(document, field)}`,
  );
  return `{${fields.sort().join(', ')}}`;
}

export function at(document: any, reference: string): any {
  return reference
    .slice(2)
    .split('/')
    .reduce((part, key) => part[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

/** What a page says of one operation. */
export interface ContractRow {
  readonly query?: string;
  readonly body?: string;
  /** Status and body. */
  readonly answers: readonly [number, string];
  /** Besides 401, 403, 429 and 500, which can happen everywhere. */
  readonly errors?: readonly number[];
  readonly needs?: string;
}

export const PROVIDER = 'practicehub|wodify|terminal';
export const NEXT = 'none|fix_request|fix_credentials|wait|reconnect|resume_sync|contact_support';

/** Fields in alphabetical order, as the shapes of the document are written. */
export const fields = (text: string): string =>
  `{${text
    .split(/, (?![^{[]*[}\]])/)
    .sort()
    .join(', ')}}`;
export const DONE = '{success: true}';
export const data = (shape: string): string => `{data: ${shape}, success: true}`;
export const bare = (shape: string): string => `{data: ${shape}}`;

import type { OpenAPIObject } from '@nestjs/swagger';

const SCHEMAS = '#/components/schemas/';

/** A union with a title is a component of that name, wherever it is written. */
export function hoistTitled(document: OpenAPIObject): void {
  const schemas: Record<string, unknown> = { ...document.components?.schemas };
  const visit = (part: unknown): void => {
    if (part === null || typeof part !== 'object') return;
    for (const [key, value] of Object.entries(part)) {
      visit(value);
      const title = isTitled(value) ? value.title : undefined;
      if (title === undefined) continue;
      schemas[title] = value;
      (part as Record<string, unknown>)[key] = { $ref: SCHEMAS + title };
    }
  };
  visit(document.paths);
  for (const schema of Object.values(schemas)) visit(schema);
  document.components = { ...document.components, schemas: schemas as never };
}

function isTitled(part: unknown): part is { title: string } {
  return part !== null && typeof part === 'object' && 'oneOf' in part && 'title' in part;
}

/**
 * Schemas are named for what they are, and not for the class that declares them: without `Dto`, and with `Request`
 * where one is the body of a request. An error: two classes would have one name.
 */
export function nameSchemas(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  const bodies = new Set(bodyReferences(document));
  const names = new Map(Object.keys(schemas).map((name) => [name, nameOf(name, bodies.has(SCHEMAS + name))]));
  if (new Set(names.values()).size < names.size) {
    const taken = [...names.values()].filter((name, index, all) => all.indexOf(name) !== index);
    throw new Error(`Two schemas of the document have the name ${taken.join(', ')}.`);
  }
  renameReferences(document, names);
  document.components = {
    ...document.components,
    schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [names.get(name), schema])),
  };
}

function nameOf(className: string, isRequest: boolean): string {
  const name = className.replace(/Dto$/, '');
  return isRequest ? `${name.replace(/Body$/, '')}Request` : name;
}

function bodyReferences(document: OpenAPIObject): string[] {
  return Object.values(document.paths)
    .flatMap(({ post, put, patch, delete: remove }) => [post, put, patch, remove])
    .flatMap((operation) => {
      const body = operation?.requestBody;
      const schema = body && 'content' in body ? body.content['application/json']?.schema : undefined;
      return schema && '$ref' in schema ? [schema.$ref] : [];
    });
}

function renameReferences(part: unknown, names: ReadonlyMap<string, string>): void {
  if (part === null || typeof part !== 'object') return;
  for (const [key, value] of Object.entries(part)) {
    if (typeof value === 'string' && value.startsWith(SCHEMAS)) {
      const name = value.slice(SCHEMAS.length);
      (part as Record<string, unknown>)[key] = SCHEMAS + (names.get(name) ?? name);
    } else renameReferences(value, names);
  }
}

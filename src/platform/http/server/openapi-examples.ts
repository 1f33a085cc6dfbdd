import type { OpenAPIObject } from '@nestjs/swagger';

/** A schema of OpenAPI 3.1, as far as examples are made of it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: unknown;
}

const BY_FORMAT: Readonly<Record<string, string>> = {
  uuid: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55',
  'date-time': '2026-05-01T09:30:00.000Z',
  uri: 'https://yourclinic.practicehub.io',
  email: 'info@revkeen.com',
};

/** Gives every JSON body without an example one, put together from the examples of its fields. */
export function addExamples(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (!operation) continue;
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const body of bodies) {
        const media = (body as { content?: Record<string, Media> } | undefined)?.content?.['application/json'];
        if (media?.schema && media.example === undefined && media.examples === undefined) {
          media.example = exampleOf(media.schema, document, 0);
        }
      }
    }
  }
}

function exampleOf(schema: Schema, document: OpenAPIObject, depth: number): unknown {
  if (schema.$ref) return exampleOf(resolve(schema.$ref, document), document, depth + 1);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return exampleOf(first, document, depth);
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, document, depth)));
  }
  const [type] = [schema.type].flat();
  if (type === 'object' || schema.properties) {
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member, document, depth + 1)]));
  }
  if (type === 'array') return schema.items && depth < 12 ? [exampleOf(schema.items, document, depth + 1)] : [];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  if (type === 'boolean') return true;
  return type === 'string' ? (BY_FORMAT[schema.format ?? ''] ?? 'text') : null;
}

function resolve(reference: string, document: OpenAPIObject): Schema {
  const name = reference.slice('#/components/schemas/'.length);
  return (document.components?.schemas?.[name] ?? {}) as Schema;
}

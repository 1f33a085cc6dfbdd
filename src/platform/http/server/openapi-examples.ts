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
  readonly required?: readonly string[];
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
  'date-time': '2099-05-01T09:30:00.000Z',
  uri: 'https://yourclinic.practicehub.io',
  email: 'info@revkeen.com',
};

/** Of required texts and parameters without an example of their own. */
const BY_NAME: Readonly<Record<string, string>> = {
  roles: 'operator',
  id: '812',
  access_token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJub2RlIn0.c2lnbmF0dXJl',
  refresh_token: 'rt_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ',
  message: 'The schedule starts it.',
  title: 'Credentials were rejected',
  merchants: 'Harbour Clinic',
  next: 'Ask the merchant to replace the credentials.',
  actorId: 'jo@example.com',
  subjectId: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55',
  stream: 'patients',
  source: 'worker',
  resourceType: 'bookings',
  jti: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55',
  externalId: '812',
  reason: 'The merchant asked for it (ticket 4711).',
  sample: '812',
  key: 'rk_sandbox_4fJ8kQ2mZ7vT1yB6nC3xW9pL5sD0hG',
  name: 'Front desk',
  targetKeyId: 'local/2',
  keyId: 'local/2',
  requestedBy: 'jo@example.com',
  reference: 'pay_8812',
  providerReference: 'RK-8812',
  externalInvoiceId: '501',
  externalCustomerId: '812',
  permissions: 'integrations.read',
  nodeIds: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55',
  kid: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2lnbmF0dXJl',
};

/**
 * Gives every JSON body without an example one, put together from the examples of its fields, and every parameter that
 * must be there one too.
 */
export function addExamples(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (!operation) continue;
      for (const parameter of operation.parameters ?? []) {
        if ('$ref' in parameter || !parameter.required) continue;
        const schema = parameter.schema as Schema;
        parameter.example ??= schema.example ?? exampleOf(schema, document, { name: parameter.name, depth: 0 });
      }
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const body of bodies) {
        const media = (body as { content?: Record<string, Media> } | undefined)?.content?.['application/json'];
        if (media?.schema && media.example === undefined && media.examples === undefined) {
          media.example = exampleOf(media.schema, document, { name: '', depth: 0 });
        }
      }
    }
  }
}

function exampleOf(schema: Schema, document: OpenAPIObject, at: { name: string; depth: number }): unknown {
  const deeper = (name: string) => ({ name, depth: at.depth + 1 });
  if (schema.$ref) return exampleOf(resolve(schema.$ref, document), document, deeper(at.name));
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return exampleOf(first, document, at);
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, document, at)));
  }
  const types = [schema.type].flat();
  const [type] = types;
  if (type === 'object' || schema.properties) {
    const members = Object.entries(schema.properties ?? {})
      .filter(([name, member]) => schema.required?.includes(name) || !isSilent(member))
      .map(([name, member]) => [name, exampleOf(member, document, deeper(name))]);
    return Object.fromEntries(members);
  }
  if (type === 'array')
    return schema.items && at.depth < 12 ? [exampleOf(schema.items, document, deeper(at.name))] : [];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  if (type === 'boolean') return true;
  return type === 'string' ? exampleText(schema, at.name) : null;
}

/** A text of which neither the schema nor its format has an example. */
function isSilent(schema: Schema): boolean {
  const [type] = [schema.type].flat();
  const told = schema.example ?? schema.default ?? schema.enum ?? BY_FORMAT[schema.format ?? ''];
  return type === 'string' && told === undefined;
}

function exampleText(schema: Schema, name: string): string | null {
  const text = BY_FORMAT[schema.format ?? ''] ?? BY_NAME[name];
  if (text !== undefined) return text;
  if ([schema.type].flat().includes('null')) return null;
  throw new Error(`No example is there for ${name}.`);
}

function resolve(reference: string, document: OpenAPIObject): Schema {
  const name = reference.slice('#/components/schemas/'.length);
  return (document.components?.schemas?.[name] ?? {}) as Schema;
}

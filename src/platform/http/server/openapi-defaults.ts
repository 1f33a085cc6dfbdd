import type { OpenAPIObject } from '@nestjs/swagger';

interface Field {
  $ref?: string;
  description?: string;
  default?: unknown;
  example?: unknown;
}

/**
 * Says in words what a field of a request is taken for when it is left out: generators take `default` for a field that
 * is always there, and would require it. A PATCH has no defaults: it leaves as it is what is left out.
 */
export function tellDefaults(document: OpenAPIObject): void {
  const patches = Object.values(document.paths).flatMap(({ patch }) => {
    const body = patch?.requestBody;
    const schema = body && 'content' in body ? body.content['application/json']?.schema : undefined;
    return schema && '$ref' in schema ? [schema.$ref.split('/').at(-1)] : [];
  });
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    for (const field of Object.values((schema as { properties?: Record<string, Field> }).properties ?? {})) {
      const { default: value } = field;
      if (value === undefined) continue;
      delete field.default;
      field.example ??= value;
      if (!patches.includes(name)) field.description += ` Default: \`${JSON.stringify(value)}\`.`;
    }
  }
}

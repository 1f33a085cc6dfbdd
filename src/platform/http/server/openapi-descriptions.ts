import type { OpenAPIObject } from '@nestjs/swagger';
import { ADMIN_FIELDS } from './openapi-admin-fields';
import { FIELDS } from './openapi-fields';
import { PARAMETER_TEXTS } from './openapi-parameters';
import type { Surface } from './openapi-surfaces';

interface Part {
  $ref?: string;
  description?: string;
  properties?: Record<string, Part>;
  items?: Part;
}

/** Gives every field and parameter that says nothing of itself what its name means. An error: nobody says it. */
export function addDescriptions(document: OpenAPIObject, surface: Surface): void {
  const fields = surface === 'admin' ? { ...FIELDS, ...ADMIN_FIELDS } : FIELDS;
  const missing: string[] = [];
  const find = (texts: Readonly<Record<string, string>>, owner: string, name: string): string | undefined => {
    const text = texts[`${owner}.${name}`] ?? texts[name];
    if (text === undefined) missing.push(`${owner}.${name}`);
    return text;
  };
  const describe = (owner: string, { properties = {}, items }: Part): void => {
    if (items) describe(owner, items);
    for (const [name, field] of Object.entries(properties)) {
      const described = field.description ?? find(fields, owner, name);
      if (described !== undefined) field.description = described;
      describe(owner, field);
    }
  };
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) describe(name, schema as Part);
  for (const item of Object.values(document.paths)) {
    for (const operation of [item.get, item.put, item.post, item.delete, item.patch]) {
      if (!operation) continue;
      for (const parameter of operation.parameters ?? []) {
        if ('$ref' in parameter) continue;
        parameter.description ??= find(PARAMETER_TEXTS, operation.operationId ?? '', parameter.name);
      }
      for (const answer of Object.values(operation.responses)) {
        if (!answer || '$ref' in answer) continue;
        for (const { schema } of Object.values(answer.content ?? {}))
          describe(operation.operationId ?? '', schema as Part);
      }
    }
  }
  if (missing.length > 0)
    throw new Error(`Without a description: ${missing.join(', ')}. Give each one where it is declared.`);
}

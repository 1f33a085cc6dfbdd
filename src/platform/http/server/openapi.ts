import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CODES, PUBLIC_ERROR_CODES } from '../../errors';
import { MAX_BODY_BYTES, MAX_OPEN_BODY_BYTES } from '../body-limits';
import { BODY_REQUIRED_EXTENSION } from '../body-required.decorator';
import { SUNSET_EXTENSION } from '../deprecated.decorator';
import { tellDefaults } from './openapi-defaults';
import { addDescriptions } from './openapi-descriptions';
import { addErrors, errorExamples, errorSchemas } from './openapi-errors';
import { addExamples } from './openapi-examples';
import { addRequestHeaders, HEADERS, isSecured, PARAMETERS, responseHeaders, type Described } from './openapi-headers';
import { hoistTitled, nameSchemas } from './openapi-names';
import { surfaceOf, type Surface } from './openapi-surfaces';
import { API_KEY_DESCRIPTION, BEARER_DESCRIPTION } from './openapi-text';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** What the service sends by itself, as the document has it. */
export interface SentDocument {
  readonly webhooks: Readonly<Record<string, object>>;
  readonly schemas: Readonly<Record<string, object>>;
}

export interface DocumentOptions {
  readonly surface: Surface;
  readonly version: string;
  /** Of the public surface alone. */
  readonly sent?: SentDocument;
  /** Where callers reach the service; null: wherever they read the document. */
  readonly publicOrigin?: string | null;
}

/** The OpenAPI 3.1 document of what one surface serves. */
export function openApiDocument(app: INestApplication, options: DocumentOptions): OpenAPIObject {
  // what decorators hold is not ours to change
  const document = structuredClone(SwaggerModule.createDocument(app, metadata(options)));
  hoistTitled(document);
  nameSchemas(document);
  const components = (document.components ??= {});
  const codes = options.surface === 'public' ? PUBLIC_ERROR_CODES : ERROR_CODES;
  components.schemas = { ...components.schemas, ...(errorSchemas(codes) as typeof components.schemas) };
  components.examples = errorExamples(codes);
  components.headers = HEADERS;
  components.parameters = PARAMETERS;
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) complete({ operation, method, path }, components);
    }
  }
  addExamples(document);
  const served = surfaceOf(document, options.surface);
  const { webhooks, schemas } = (options.surface === 'public' && options.sent) || {};
  Object.assign((served.components ??= {}).schemas ?? {}, schemas);
  addDescriptions(served, options.surface);
  tellDefaults(served);
  return webhooks ? Object.assign(served, { webhooks }) : served;
}

function metadata({ version, publicOrigin }: DocumentOptions): Omit<OpenAPIObject, 'paths'> {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setContact('Interlock', 'https://docs.revkeen.com', 'info@revkeen.com')
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(publicOrigin ?? '/', 'The deployment that serves this document.')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key', description: API_KEY_DESCRIPTION }, 'ApiKeyAuth')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: BEARER_DESCRIPTION },
      'BearerAuth',
    )
    .build();
}

/** What an operation owes to the rules that all share, rather than to its handler. */
function complete(described: Described, components: NonNullable<OpenAPIObject['components']>): void {
  const { operation } = described;
  // said, not left out: open to anyone on purpose
  operation.security ??= [];
  if (SUNSET_EXTENSION in operation) operation.deprecated = true;
  operation.description = [operation.description, accessOf(operation as unknown as Record<string, unknown>)]
    .filter(Boolean)
    .join('\n\n');
  addRequestHeaders(described);
  if (operation.requestBody && !('$ref' in operation.requestBody)) {
    const { schema } = operation.requestBody.content['application/json'] ?? {};
    const fields = schema && '$ref' in schema ? components.schemas?.[schema.$ref.split('/').at(-1)!] : schema;
    // none is taken for an empty object, which is enough where no field must be there
    operation.requestBody.required =
      BODY_REQUIRED_EXTENSION in operation || !fields || '$ref' in fields || (fields.required ?? []).length > 0;
    Object.assign(operation, { 'x-max-body-bytes': isSecured(described) ? MAX_BODY_BYTES : MAX_OPEN_BODY_BYTES });
    delete (operation as { [BODY_REQUIRED_EXTENSION]?: true })[BODY_REQUIRED_EXTENSION];
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response && !('$ref' in response) && /^2/.test(status)) {
      response.description ||= 'Done.';
      response.headers = { ...responseHeaders(described, Number(status)), ...response.headers };
    }
  }
  addErrors(described, components);
}

function accessOf(operation: Record<string, unknown>): string {
  const scope = operation['x-required-scope'];
  if (scope) return `Needs the scope \`${String(scope)}\`.`;
  const either = [
    ...((operation['x-required-roles'] ?? []) as string[]).map((role) => `the role \`${role}\``),
    ...(operation['x-required-permission'] ? [`the permission \`${String(operation['x-required-permission'])}\``] : []),
  ];
  return either.length > 0 ? `Needs one of: ${either.join(', ')}.` : '';
}

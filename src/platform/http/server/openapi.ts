import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Express, RequestHandler } from 'express';
import { MAX_BODY_BYTES, MAX_OPEN_BODY_BYTES } from '../body-limits';
import { addErrors, errorExamples, errorSchemas } from './openapi-errors';
import { addExamples } from './openapi-examples';
import { addRequestHeaders, type Described, HEADERS, isSecured, PARAMETERS, responseHeaders } from './openapi-headers';
import { API_KEY_DESCRIPTION, BEARER_DESCRIPTION, DESCRIPTION, TAGS } from './openapi-text';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** The OpenAPI 3.1 document of everything that is served, public and admin surfaces alike. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, metadata(version));
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, ...(errorSchemas() as typeof components.schemas) };
  components.examples = errorExamples();
  components.headers = HEADERS;
  components.parameters = PARAMETERS;
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) complete({ operation, method, path }, components);
    }
  }
  addExamples(document);
  return document;
}

/** `/openapi.json`, and Swagger UI at `/docs` that keeps what Authorize was given over a reload. */
export function serveOpenApi(app: NestExpressApplication, version: string): void {
  const express = app.getHttpAdapter().getInstance() as Express;
  let document: OpenAPIObject | undefined;
  const made = (): OpenAPIObject => (document ??= openApiDocument(app, version));
  let json: Buffer | undefined;
  express.get('/openapi.json', (_request, response) => {
    response.type('application/json').send((json ??= Buffer.from(JSON.stringify(made()))));
  });
  express.get(['/docs/swagger-ui-init.js', '/docs/docs/swagger-ui-init.js'], sentFromMemory());
  SwaggerModule.setup('docs', app, made, {
    raw: false,
    customSiteTitle: 'Interlock API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tagsSorter: 'alpha' },
  });
}

/** Encodes once what a later handler sends; both are open to anyone and as large as the document. */
function sentFromMemory(): RequestHandler {
  let kept: Buffer | undefined;
  return (_request, response, next) => {
    const send = response.send.bind(response);
    // not an error in its place
    response.send = (body: string) => send(response.statusCode === 200 ? (kept ??= Buffer.from(body)) : body);
    next();
  };
}

function metadata(version: string): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Interlock')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The deployment that serves this document.')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key', description: API_KEY_DESCRIPTION }, 'ApiKeyAuth')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: BEARER_DESCRIPTION },
      'BearerAuth',
    );
  for (const [name, description] of Object.entries(TAGS)) builder.addTag(name, description);
  return builder.build();
}

/** What an operation owes to the rules that all share, rather than to its handler. */
function complete(described: Described, components: NonNullable<OpenAPIObject['components']>): void {
  const { operation } = described;
  // said, not left out: open to anyone on purpose
  operation.security ??= [];
  operation.description = [
    operation.description ?? operation.summary,
    accessOf(operation as unknown as Record<string, unknown>),
  ]
    .filter(Boolean)
    .join('\n\n');
  addRequestHeaders(described);
  if (operation.requestBody && !('$ref' in operation.requestBody)) {
    const { schema } = operation.requestBody.content['application/json'] ?? {};
    const fields = schema && '$ref' in schema ? components.schemas?.[schema.$ref.split('/').at(-1)!] : schema;
    // none is taken for an empty object, which is enough where no field must be there
    operation.requestBody.required = !fields || '$ref' in fields || (fields.required ?? []).length > 0;
    Object.assign(operation, { 'x-max-body-bytes': isSecured(described) ? MAX_BODY_BYTES : MAX_OPEN_BODY_BYTES });
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

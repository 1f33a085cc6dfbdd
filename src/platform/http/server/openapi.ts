import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ERROR_CODES, NEXT_ACTIONS } from '../../errors';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const ERROR_REFERENCE = '#/components/schemas/Error';

const DESCRIPTION = `Connect, seal, schedule and sync third-party systems behind one REST API.

Every answer that is not 2xx has the one shape of \`Error\`; branch on \`code\`, which never changes its meaning.`;

/** The OpenAPI 3.1 document of everything that is served, public and admin surfaces alike. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Interlock')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'rk_sandbox_… or rk_live_…' },
      'ApiKeyAuth',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'BearerAuth')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Error: errorSchema() as never };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) describeErrors(operation, path);
    }
  }
  return document;
}

/** `/openapi.json`, and Swagger UI at `/docs` that keeps what Authorize was given over a reload. */
export function serveOpenApi(app: INestApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: '/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Interlock API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tagsSorter: 'alpha' },
  });
}

function describeErrors(operation: Operation, path: string): void {
  const secured = (operation.security?.length ?? 0) > 0;
  const applicable: Record<string, string | false> = {
    400: 'The request is not valid.',
    401: secured && 'No valid API key or token.',
    403: secured && 'The caller lacks the scope or permission.',
    404: path.includes('{') && 'Not found.',
    413: operation.requestBody !== undefined && 'The body is larger than 1 MiB.',
    415: operation.requestBody !== undefined && 'The body is not JSON.',
    429: secured && 'Too many requests; see Retry-After.',
    500: 'A fault of the service.',
    503: 'A part that the service depends on cannot be reached.',
  };
  for (const [status, description] of Object.entries(applicable)) {
    if (description !== false) operation.responses[status] ??= { description };
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    // every non-2xx answer of every surface has the one shape
    if (/^[45]/.test(status) && response && !('$ref' in response)) {
      response.content = { 'application/json': { schema: { $ref: ERROR_REFERENCE } } };
    }
  }
}

function errorSchema(): object {
  return {
    type: 'object',
    required: ['error', 'code', 'requestId', 'nextAction'],
    properties: {
      error: { type: 'string', description: 'What went wrong, in one sentence.' },
      code: { type: 'string', enum: ERROR_CODES },
      requestId: { type: 'string', description: 'Equals the x-request-id header.' },
      nextAction: { type: 'string', enum: NEXT_ACTIONS },
      details: {
        type: 'object',
        description: 'Validation errors only.',
        properties: {
          fields: {
            type: 'object',
            description: 'Field path to the rules it breaks; never the rejected value.',
            additionalProperties: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
    example: {
      error: 'The request is not valid.',
      code: 'invalid_request',
      requestId: '0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11',
      nextAction: 'fix_request',
      details: { fields: { 'credentials.apiKey': ['must not be empty'] } },
    },
  };
}

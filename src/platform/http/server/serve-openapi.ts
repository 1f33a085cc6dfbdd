import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Express, RequestHandler } from 'express';
import helmet from 'helmet';
import { liveDocument, type LiveEnum } from './live-document';
import type { SentDocument } from './openapi';
import type { Surface } from './openapi-surfaces';

export interface ServedDocument {
  readonly surface: Surface;
  readonly version: string;
  /** Of the public surface alone. */
  readonly sent?: SentDocument;
  /** Where callers reach the service; null: wherever they read the document. */
  readonly publicOrigin: string | null;
  readonly live: LiveEnum;
  /** With which paths of the document and of Swagger UI begin: '' or such as '/admin'. */
  readonly under: string;
}

/** `<under>/openapi.json`, and Swagger UI at `<under>/docs` that keeps what Authorize was given over a reload. */
export function serveOpenApi(app: NestExpressApplication, served: ServedDocument): void {
  const { under, live, ...options } = served;
  const { surface } = options;
  const express = app.getHttpAdapter().getInstance() as Express;
  const made = liveDocument(app, options, live);
  express.get(`${under}/openapi.json`, sentFromMemory(made), (_request, response) => {
    response.type('application/json').send(JSON.stringify(made()));
  });
  const page = `${under}/docs`;
  express.use(page, documentationPolicy());
  express.get([`${page}/swagger-ui-init.js`, `${page}/docs/swagger-ui-init.js`], sentFromMemory(made));
  SwaggerModule.setup(page, app, made, {
    raw: false,
    customSiteTitle: surface === 'admin' ? 'Interlock admin API' : 'Interlock API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}

/** Swagger UI needs inline styles and data: images; http:// on a developer's machine must not be upgraded. */
function documentationPolicy(): RequestHandler {
  return helmet.contentSecurityPolicy({ directives: { 'upgrade-insecure-requests': null } }) as RequestHandler;
}

/** Encodes once what a later handler sends of a document; it is as large as that. */
function sentFromMemory(made: () => OpenAPIObject): RequestHandler {
  let kept: Buffer | undefined;
  let of: OpenAPIObject | undefined;
  return (_request, response, next) => {
    const send = response.send.bind(response);
    const document = made();
    if (of !== document) [of, kept] = [document, undefined];
    // not an error in its place
    response.send = (body: string) => send(response.statusCode === 200 ? (kept ??= Buffer.from(body)) : body);
    next();
  };
}

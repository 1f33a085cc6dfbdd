import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';

/** `GET /` as a page of links, title and path each: whoever opens the address of a development start finds the rest. */
export function serveFrontPage(app: NestExpressApplication, links: Readonly<Record<string, string>>): void {
  const items = Object.entries(links).map(([title, path]) => `<li><a href="${path}">${title}</a></li>`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Interlock</title><h1>Interlock</h1><ul>${items.join('')}</ul></html>`;
  const express = app.getHttpAdapter().getInstance() as Express;
  express.get('/', (_request, response) => {
    response.type('html').send(page);
  });
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import type { Express, Request, RequestHandler, Response } from 'express';
import { InterlockError } from '../../platform/errors';

const FILES = {
  'main.js': 'text/javascript; charset=utf-8',
  'main.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'index.html': 'text/html; charset=utf-8',
} as const;
type FileName = keyof typeof FILES;

/** Beside the built program, and where the sources run as they are (tests, scripts). */
const FOLDERS = [path.join(__dirname, 'console'), path.join(__dirname, '../../../dist/console')];

/** Nothing inline, nothing from elsewhere, in nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The console's page, bundled at build time and kept in memory. */
export function serveConsole(express: Express): void {
  const files = readFiles();
  if (!files) new Logger('console').debug('The console has not been built; /admin says so.');
  const send =
    (name: FileName): RequestHandler =>
    (_request: Request, response: Response, next) => {
      if (!files)
        return next(new InterlockError('unavailable', { message: 'The console is not built: npm run build.' }));
      response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      response.type(FILES[name]).send(files.get(name));
    };
  express.get('/admin', send('index.html'));
  // what people type who do not know the path
  express.get('/console', (_request: Request, response: Response) => response.redirect('/admin'));
  for (const name of ['main.js', 'main.css', 'icon.svg'] as const) express.get(`/admin/assets/${name}`, send(name));
}

function readFiles(): Map<FileName, Buffer> | null {
  for (const folder of FOLDERS) {
    try {
      const names = Object.keys(FILES) as FileName[];
      return new Map(names.map((name) => [name, readFileSync(path.join(folder, name))]));
    } catch {
      // the next folder, or none
    }
  }
  return null;
}

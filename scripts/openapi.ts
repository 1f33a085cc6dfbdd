import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import openapiTS, { astToString } from 'openapi-typescript';
import { format } from 'prettier';
import { version } from '../package.json';
import { AppModule } from '../src/app.module';
import { loadConfig } from '../src/platform/config';
import { openApiDocument } from '../src/platform/http/server';
import { webhooksDocument } from '../src/webhooks';
import { writeOrCheck } from './drift';
import { sdkSources } from './sdk-sources';

/** Each document, and the types that are made of it. */
const SURFACES = {
  public: { file: 'openapi.json', types: 'test/support/api-types.ts' },
  admin: { file: 'openapi-admin.json', types: 'src/admin/console/api-types.ts' },
} as const;

/**
 * Nothing is started: in preview mode Nest builds the module graph, and no provider, so there is no database to ask.
 */
async function main(): Promise<void> {
  const config = loadConfig({ DATABASE_URL: 'postgres://preview@localhost/preview' });
  const app = await NestFactory.create(AppModule.forRoot(config), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  for (const surface of ['public', 'admin'] as const) {
    const { file, types } = SURFACES[surface];
    const document = JSON.stringify(openApiDocument(app, { surface, version, sent: webhooksDocument() }));
    writeOrCheck(file, await format(document, { parser: 'json' }), 'npm run openapi');
    const text = `// Generated from ${file} by \`npm run openapi\`.\n${astToString(await openapiTS(document))}`;
    const options = { parser: 'typescript', printWidth: 120, singleQuote: true } as const;
    writeOrCheck(types, await format(text, options), 'npm run openapi');
    if (surface === 'admin') continue;
    for (const { path, content } of await sdkSources(JSON.parse(document)))
      writeOrCheck(path, content, 'npm run openapi');
  }
}

void main();

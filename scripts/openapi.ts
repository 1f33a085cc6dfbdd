import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import openapiTS, { astToString } from 'openapi-typescript';
import { format } from 'prettier';
import { version } from '../package.json';
import { AppModule } from '../src/app.module';
import { loadConfig } from '../src/platform/config';
import { openApiDocument } from '../src/platform/http/server';
import { writeOrCheck } from './drift';
import { sdkSources } from './sdk-sources';

const TYPES = 'src/admin/console/api-types.ts';
const TYPES_HEADER = '// Generated from openapi.json by `npm run openapi`.\n';

/** Nothing is started: in preview mode Nest builds the module graph, and no provider, so there is no database to ask. */
async function main(): Promise<void> {
  const config = loadConfig({ DATABASE_URL: 'postgres://preview@localhost/preview' });
  const app = await NestFactory.create(AppModule.forRoot(config), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const document = JSON.stringify(openApiDocument(app, version));
  writeOrCheck('openapi.json', await format(document, { parser: 'json' }), 'npm run openapi');
  const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
  const options = { parser: 'typescript', printWidth: 120, singleQuote: true } as const;
  writeOrCheck(TYPES, TYPES_HEADER + (await format(types, options)), 'npm run openapi');
  for (const { path, content } of await sdkSources(JSON.parse(document)))
    writeOrCheck(path, content, 'npm run openapi');
}

void main();

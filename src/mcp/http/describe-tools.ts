import type { NestExpressApplication } from '@nestjs/platform-express';
import { openApiDocument } from '../../platform/http/server';
import { ToolService } from '../tool-service';

/** Tells the tools what the API is: both documents, made when a tool is first asked for. */
export function describeTools(app: NestExpressApplication, version: string): void {
  app.get(ToolService, { strict: false }).describe = () =>
    (['public', 'admin'] as const).map((surface) => openApiDocument(app, { surface, version }));
}

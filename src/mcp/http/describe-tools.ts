import type { NestExpressApplication } from '@nestjs/platform-express';
import { liveDocument, type LiveEnum } from '../../platform/http/server';
import { ToolService } from '../tool-service';

/** Tells the tools what the API is: both documents, made when a tool is first asked for. */
export function describeTools(app: NestExpressApplication, version: string, live: LiveEnum): void {
  const made = (['public', 'admin'] as const).map((surface) => liveDocument(app, { surface, version }, live));
  app.get(ToolService, { strict: false }).describe = () => made.map((document) => document());
}

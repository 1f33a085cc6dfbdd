import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module';
import { loadConfig } from '../../src/platform/config';

/** The application's parts without its HTTP server, as an API process that makes no development credentials. */
export function openContext(environment: Record<string, string>): Promise<INestApplicationContext> {
  const config = loadConfig({ ...environment, ROLE: 'api', DEV_CREDENTIALS: 'false' });
  // else Nest ends the process when it cannot start, and with it a jest worker
  return NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: false, abortOnError: false });
}

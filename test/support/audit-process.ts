import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '../../src/audit';
import { dataSourceOptions } from '../../src/database/data-source';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { DatabaseModule } from '../../src/platform/database';

/** The audit module as a worker runs it, in a process of its own that can be killed: chainer and streams. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  @Module({ providers: [{ provide: AppConfig, useValue: config }], exports: [AppConfig] })
  class ConfigModule {}
  @Module({
    imports: [
      { module: ConfigModule, global: true },
      DatabaseModule.forRoot(dataSourceOptions({ ...config.database, poolSize: 4 })),
      AuditModule,
    ],
  })
  class WorkerModule {}
  await NestFactory.createApplicationContext(WorkerModule, { logger: ['warn', 'error'], abortOnError: false });
  process.stdout.write('ready\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

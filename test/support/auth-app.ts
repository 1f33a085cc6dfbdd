import { Module, type DynamicModule, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AuditModule } from '../../src/audit';
import { AuthModule } from '../../src/auth';
import { dataSourceOptions } from '../../src/database/data-source';
import { MerchantsModule } from '../../src/merchants';
import { Clock, SystemClock } from '../../src/platform/clock';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { DatabaseModule } from '../../src/platform/database';
import { setUpHttp } from '../../src/platform/http/server';
import { VaultModule } from '../../src/vault';

@Module({})
class AuthTestModule {
  static forRoot(config: AppConfig, parts: AuthAppParts): DynamicModule {
    return {
      module: AuthTestModule,
      global: true,
      imports: [
        DatabaseModule.forRoot(dataSourceOptions(config.database)),
        AuditModule,
        VaultModule,
        MerchantsModule,
        AuthModule,
        ...(parts.imports ?? []),
      ],
      controllers: parts.controllers ?? [],
      providers: [
        { provide: AppConfig, useValue: config },
        { provide: Clock, useClass: SystemClock },
      ],
      exports: [AppConfig, Clock],
    };
  }
}

export interface AuthAppParts {
  readonly controllers?: Type[];
  readonly imports?: (Type | DynamicModule)[];
  readonly env?: Record<string, string>;
  readonly listen?: boolean;
  /** Left out: nothing is logged. */
  readonly logger?: LoggerService;
}

/**
 * An application with the real guard, database and HTTP set-up around the test's own controllers: one process of many.
 */
export async function createAuthApp(databaseUrl: string, parts: AuthAppParts = {}): Promise<NestExpressApplication> {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '5',
    LOCAL_KEYRING: `1:${Buffer.alloc(32, 7).toString('base64')}`,
    ...parts.env,
  });
  const app = await NestFactory.create<NestExpressApplication>(AuthTestModule.forRoot(config, parts), {
    logger: parts.logger ?? false,
    bodyParser: false,
    abortOnError: false,
  });
  setUpHttp(app, {
    pipes: [],
    trustProxy: false,
    track: [],
    onAnswered: () => undefined,
    hosts: { allowedHosts: null, ownOrigins: [] },
    servesApi: true,
  });
  try {
    await app.init();
  } catch (error) {
    await app.close();
    throw error;
  }
  if (parts.listen) await app.listen(0, '127.0.0.1');
  return app;
}

import 'reflect-metadata';
import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import { Pool } from 'pg';
import { toIntegrationView } from '../../src/lifecycle/integration-view';
import { INTEGRATION_BY_KEY, type IntegrationViewRow } from '../../src/lifecycle/store/integration-view.repository';

/**
 * The least that answers the same JSON: Nest and Express as they come, no guard, no log, no header of ours, one query
 * that the server has prepared. Who is asking stands in a header, as nothing looks it up.
 */
const pool = new Pool({ connectionString: process.argv[2], max: Number(process.argv[3]) });

@Controller('v2/integrations')
class BareController {
  @Get('practicehub')
  async read(@Req() request: Request): Promise<object> {
    const merchantId = request.headers['x-merchant-id'];
    const { rows } = await pool.query<IntegrationViewRow>({
      name: 'integration_by_slot',
      text: INTEGRATION_BY_KEY,
      values: [merchantId, 'live', 'practicehub'],
    });
    const [row] = rows;
    // node-postgres leaves bigints text
    return { data: row ? toIntegrationView({ ...row, intervalMs: Number(row.intervalMs) }) : null };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(BareModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  process.send?.(await app.getUrl());
}

void main();

// What Nest and Express take by themselves: one module, one controller, one route.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class HealthController {
  ready() {
    return { ready: true };
  }
}
Get('ready')(HealthController.prototype, 'ready', Object.getOwnPropertyDescriptor(HealthController.prototype, 'ready'));
Controller('health')(HealthController);

class LeastModule {}
Module({ controllers: [HealthController] })(LeastModule);

const app = await NestFactory.create(LeastModule, { logger: false });
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));

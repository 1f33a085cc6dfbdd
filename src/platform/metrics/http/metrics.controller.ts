import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { AppConfig } from '../../config';
import { InterlockError } from '../../errors';
import { Public } from '../../http';
import { Metrics } from '../metrics';

@Public()
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: AppConfig,
  ) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    // they have a listener of their own, which need not be as open as this one
    if (this.config.metricsPort !== null) throw new InterlockError('not_found');
    response.setHeader('Content-Type', this.metrics.contentType);
    response.send(await this.metrics.text());
  }
}

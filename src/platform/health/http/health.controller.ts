import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { InterlockError } from '../../errors';
import { Public, RequestContext, toErrorBody } from '../../http';
import { Readiness } from '../readiness';

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @ApiOperation({
    summary: 'The process runs',
    operationId: 'healthLive',
    description: 'Asks nothing else; restart the process when it does not answer.',
  })
  @ApiResponse({
    status: HttpStatus.OK,
    description: 'It does.',
    schema: { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } },
  })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'The process may be sent work',
    operationId: 'healthReady',
    description: 'Asks everything that the process needs; 503 names what is missing.',
  })
  @ApiResponse({
    status: HttpStatus.OK,
    description: 'Database, queue and migrations are in order; not draining.',
    schema: {
      type: 'object',
      required: ['status', 'checks'],
      properties: {
        status: { type: 'string', enum: ['ok'] },
        checks: { type: 'object', additionalProperties: true, description: 'Each check and what it found.' },
      },
    },
  })
  async ready(@Res() response: Response): Promise<void> {
    const checks = await this.readiness.report();
    response.setHeader('Cache-Control', 'no-store');
    if (Object.values(checks).every((check) => check.status === 'up')) {
      response.json({ status: 'ok', checks });
      return;
    }
    // answered here and not thrown: not being ready is a state, not a failure to log
    const error = new InterlockError('unavailable', { body: { status: 'unavailable', checks } });
    response.status(error.status).json(toErrorBody(error, RequestContext.requestId() ?? ''));
  }
}

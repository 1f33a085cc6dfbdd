import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AppConfig } from '../../config';
import { Daemons } from '../../daemon';
import { InterlockError } from '../../errors';
import { Public, RequestContext, toErrorBody } from '../../http';
import { Readiness } from '../readiness';

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly daemons: Daemons,
    private readonly config: AppConfig,
  ) {}

  @Get('live')
  @ApiOperation({
    summary: 'The process runs',
    operationId: 'getLiveness',
    description:
      'Asks nothing else. Restart the process when it does not answer, or answers 503: what it runs has not come round for minutes.',
  })
  @ApiResponse({
    status: HttpStatus.OK,
    description: 'It does.',
    schema: { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['ok'] } } },
  })
  live(@Res() response: Response): void {
    response.setHeader('Cache-Control', 'no-store');
    const [silent] = this.daemons.silentFor(this.config.dispatcherSilenceMs);
    if (!silent) return void response.json({ status: 'ok' });
    const reason = `the ${silent.name} has not come round for ${Math.round(silent.silentMs / 1_000)} s`;
    unavailable(response, { reason });
  }

  @Get('ready')
  @ApiOperation({
    summary: 'The process may be sent work',
    operationId: 'getReadiness',
    description: 'Asks everything that the process needs; 503 names what is missing.',
  })
  @ApiResponse({
    status: HttpStatus.OK,
    description: 'Database, queue and migrations are in order; not draining.',
    schema: {
      type: 'object',
      required: ['status', 'checks', 'dependencies'],
      properties: {
        status: { type: 'string', enum: ['ok'] },
        checks: { type: 'object', additionalProperties: true, description: 'Each check and what it found.' },
        dependencies: {
          type: 'object',
          additionalProperties: true,
          description:
            'What the process can do without for a while, as it last answered: `keyManagement` where AWS KMS is used. A dependency that is down does not make the answer 503.',
        },
      },
    },
  })
  async ready(@Res() response: Response): Promise<void> {
    const checks = await this.readiness.report();
    const dependencies = this.readiness.dependencies();
    response.setHeader('Cache-Control', 'no-store');
    if (Object.values(checks).every((check) => check.status === 'up')) {
      response.json({ status: 'ok', checks, dependencies });
      return;
    }
    unavailable(response, { checks, dependencies });
  }
}

/** Answered here and not thrown: it is a state, not a failure to log. */
function unavailable(response: Response, body: object): void {
  const error = new InterlockError('unavailable', { body: { status: 'unavailable', ...body } });
  response.status(error.status).json(toErrorBody(error, RequestContext.requestId() ?? ''));
}

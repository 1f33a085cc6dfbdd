import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { TokenVerifier } from '../../auth';
import { LiveRuns } from '../live-runs';
import { actor, Reads } from './admin-route';
import { LiveRunDto } from './dto/overview-answers.dto';
import { EventStream } from './event-stream';

/** Also how soon a token that was withdrawn loses a stream that it opened. */
const HEARTBEAT_MS = 10_000;
/** Then the browser connects again: to whichever process the balancer now chooses. */
const STREAM_MS = 5 * 60_000;

/** The text of the stream; `contentSchema` is what the data of one event holds. */
const EVENTS = {
  type: 'string',
  contentMediaType: 'application/json',
  contentSchema: { type: 'array', items: { $ref: getSchemaPath(LiveRunDto) } },
} as const;

@ApiTags('Overview')
@Controller('admin/api')
export class LiveController {
  constructor(
    private readonly live: LiveRuns,
    private readonly tokens: TokenVerifier,
  ) {}

  @Get('live')
  @Reads()
  @ApiOperation({
    operationId: 'adminStreamRuns',
    summary: 'Running syncs as they go, as server-sent events',
    description: 'A stream ends after five minutes, or with its token; an `EventSource` connects again by itself.',
  })
  @ApiExtraModels(LiveRunDto)
  @ApiOkResponse({
    description: 'An event `runs` with a list whenever it has changed. At most ten streams for one subject.',
    content: { 'text/event-stream': { schema: EVENTS } },
  })
  stream(@Req() request: Request, @Res() response: Response): void {
    const subject = actor();
    this.live.admit(subject);
    const stream = new EventStream(response);
    const stop = this.live.listen({
      subject,
      tell: (runs) => stream.send('runs', runs),
      end: () => stream.end(),
    });
    stream.onEnd(stop);
    const heartbeat = setInterval(() => {
      stream.heartbeat();
      void this.stillGood(request).then((good) => good || stream.end());
    }, HEARTBEAT_MS);
    const enough = setTimeout(() => stream.end(), STREAM_MS);
    stream.onEnd(() => {
      clearInterval(heartbeat);
      clearTimeout(enough);
    });
  }

  /** A token that cannot be verified just now (the database is away) keeps its stream until the next look. */
  private async stillGood(request: Request): Promise<boolean> {
    const token = (request.headers.authorization ?? '').replace(/^Bearer +/i, '');
    try {
      return (await this.tokens.verify(token)) !== null;
    } catch {
      return true;
    }
  }
}

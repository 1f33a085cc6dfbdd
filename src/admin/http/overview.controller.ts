import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { RequestContext } from '../../platform/http';
import { LiveRuns } from '../live-runs';
import { type Overview, OverviewService } from '../overview.service';
import type { Incident } from '../findings';
import { Described, Reads } from './admin-route';

const HEARTBEAT_MS = 15_000;
/** Then the browser connects again and shows its session anew: one that has ended meanwhile is over. */
const STREAM_MS = 5 * 60_000;

@ApiTags('Admin')
@Controller('admin/api')
export class OverviewController {
  constructor(
    private readonly overview: OverviewService,
    private readonly live: LiveRuns,
  ) {}

  @Get('me')
  @Reads()
  @Described('adminMe', 'Who is signed in', { description: 'Subject and roles of the token.' })
  me(): { data: { id: string; roles: readonly string[] } } {
    const { id, roles } = RequestContext.current()!.caller!;
    return { data: { id, roles } };
  }

  @Get('overview')
  @Reads()
  @Described('adminOverview', 'Is anything wrong, since when, for whom, and what next', {
    description: 'Findings worst first, counts by health, lateness, runs and error causes by hour, incidents.',
  })
  async read(): Promise<{ data: Overview }> {
    return { data: await this.overview.read() };
  }

  @Get('incidents')
  @Reads()
  @Described('adminIncidents', 'Outages of providers, open ones first', {
    description: 'The latest twenty.',
    list: true,
  })
  async incidents(): Promise<{ data: Incident[]; nextCursor: null }> {
    return { data: (await this.overview.read()).incidents, nextCursor: null };
  }

  @Get('live')
  @Reads()
  @ApiOperation({ operationId: 'adminLive', summary: 'Running syncs as they go, as server-sent events' })
  @ApiOkResponse({
    description: 'An event `runs` with a list whenever it has changed.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  stream(@Req() request: Request, @Res() response: Response): void {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    const end = (): void => void response.end();
    const stop = this.live.listen((runs) => void response.write(`event: runs\ndata: ${JSON.stringify(runs)}\n\n`), end);
    const heartbeat = setInterval(() => void response.write(': still here\n\n'), HEARTBEAT_MS);
    const enough = setTimeout(end, STREAM_MS);
    request.once('close', () => {
      stop();
      clearInterval(heartbeat);
      clearTimeout(enough);
    });
  }
}

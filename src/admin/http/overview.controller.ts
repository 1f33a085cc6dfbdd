import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequestContext } from '../../platform/http';
import { OverviewService, type Overview } from '../overview.service';
import { AdminOperation, Reads } from './admin-route';
import { OverviewQueryDto } from './dto/admin-queries.dto';
import { OverviewDto, SignedInDto } from './dto/overview-answers.dto';

@ApiTags('Overview')
@Controller('admin/api')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get('me')
  @Reads()
  @AdminOperation('adminGetMe', 'Who is signed in', {
    about: 'For a page that shows what the token allows: a viewer cannot act, an operator cannot touch keys.',
    type: SignedInDto,
    description: 'Subject and roles of the token.',
  })
  me(): { data: { id: string; roles: readonly string[] } } {
    const { id, roles } = RequestContext.current()!.caller!;
    return { data: { id, roles } };
  }

  @Get('overview')
  @Reads()
  @AdminOperation('adminGetOverview', 'Is anything wrong, since when, for whom, and what next', {
    about: 'The first page of the console in one answer. It is made anew every few seconds at most.',
    type: OverviewDto,
    description:
      'Findings worst first, counts by condition, lateness, runs and causes of failures over time, incidents.',
  })
  async read(@Query() query: OverviewQueryDto): Promise<{ data: Overview }> {
    const { environment = null, provider = null, range = 'day' } = query;
    return { data: await this.overview.read({ environment, provider, range }) };
  }
}

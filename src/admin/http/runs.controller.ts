import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { InterlockError } from '../../platform/errors';
import { IdPipe } from '../../platform/http';
import { SYNC_WORDS } from '../../sync';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { RunListRepository, type AdminRun, type AdminRunDetails, type RunStream } from '../store/run-list.repository';
import { AdminOperation, ApiId, Reads } from './admin-route';
import { AdminPageDto } from './dto/admin-queries.dto';
import { AdminRunDetailsDto, AdminRunDto, RunFilterDto } from './dto/run-answers.dto';

/** What the run says about what it read. */
interface Note {
  readonly code: string;
  readonly text: string;
}
type RunPage = Omit<AdminRunDetails, 'streams'> & { streams: (Omit<RunStream, 'notes'> & { notes: Note[] })[] };

const noteOf = (code: RunStream['notes'][number]): Note => ({ code, text: SYNC_WORDS.noteTexts[code] });

@ApiTags('Integrations of merchants')
@Controller('admin/api/runs')
export class RunsController {
  constructor(private readonly runs: RunListRepository) {}

  @Get()
  @Reads()
  @AdminOperation('adminListRuns', 'Runs of every merchant, the last change first', {
    about:
      'Syncs, pushes of payments and erasures, in the order of `changedAt`: when each ended, else began, else was asked for. Filters narrow the list, for example to what one bar of a chart counts.',
    type: AdminRunDto,
    description: 'One page.',
    list: true,
  })
  async list(@Query() filter: RunFilterDto, @Query() page: AdminPageDto): Promise<PageOf<Omit<AdminRun, 'micros'>>> {
    const { limit } = page;
    return toPage(await this.runs.page(filter, readPosition(page.cursor), limit), limit);
  }

  @Get(':id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetRun', 'One run', {
    about: 'Its attempts, what it read of each stream, what it noted about that, its errors, and the id of its trace.',
    type: AdminRunDetailsDto,
    description: 'With the log of its streams.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: RunPage }> {
    const found = await this.runs.find(id);
    if (!found) throw new InterlockError('not_found');
    const streams = found.streams.map((stream) => ({ ...stream, notes: stream.notes.map(noteOf) }));
    return { data: { ...found, streams } };
  }
}

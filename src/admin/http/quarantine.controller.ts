import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { QuarantineListRepository, type QuarantinedRow } from '../store/quarantine-list.repository';
import { AdminOperation, Reads } from './admin-route';
import { AdminPageDto, QuarantineFilterDto } from './dto/admin-queries.dto';
import { QuarantinedRowDto } from './dto/integration-answers.dto';

@ApiTags('Overview')
@Controller('admin/api')
export class QuarantineController {
  constructor(private readonly quarantined: QuarantineListRepository) {}

  @Get('quarantine')
  @Reads()
  @AdminOperation('adminListQuarantine', 'Rows of every merchant that could not be understood, newest first', {
    about:
      'What providers send that no rule understands, across merchants: the place to see that a provider has changed its format.',
    type: QuarantinedRowDto,
    description: 'Where and why; never the row itself.',
    list: true,
  })
  async list(@Query() filter: QuarantineFilterDto, @Query() page: AdminPageDto): Promise<PageOf<QuarantinedRow>> {
    const { limit } = page;
    return toPage(await this.quarantined.page(filter, readPosition(page.cursor), limit), limit);
  }
}

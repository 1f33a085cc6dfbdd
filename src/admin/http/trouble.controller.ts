import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Incident } from '../findings';
import { type PageOf, readPosition, toPage } from '../page-cursor';
import { type QuarantinedRow, TroubleListRepository } from '../store/trouble-list.repository';
import { AdminOperation, Reads } from './admin-route';
import { AdminPageDto, IncidentFilterDto, QuarantineFilterDto } from './dto/admin-queries.dto';
import { QuarantinedRowDto } from './dto/integration-answers.dto';
import { IncidentDto } from './dto/overview-answers.dto';

@ApiTags('Admin')
@Controller('admin/api')
export class TroubleController {
  constructor(private readonly troubles: TroubleListRepository) {}

  @Get('incidents')
  @Reads()
  @AdminOperation('adminIncidents', 'Outages of providers, newest first', {
    type: IncidentDto,
    description: 'One page.',
    list: true,
  })
  async incidents(@Query() filter: IncidentFilterDto, @Query() page: AdminPageDto): Promise<PageOf<Incident>> {
    const { limit } = page;
    return toPage(await this.troubles.incidents(filter, readPosition(page.cursor), limit), limit);
  }

  @Get('quarantine')
  @Reads()
  @AdminOperation('adminQuarantine', 'Rows of every merchant that could not be understood, newest first', {
    type: QuarantinedRowDto,
    description: 'Where and why; never the row itself.',
    list: true,
  })
  async quarantine(@Query() filter: QuarantineFilterDto, @Query() page: AdminPageDto): Promise<PageOf<QuarantinedRow>> {
    const { limit } = page;
    return toPage(await this.troubles.quarantine(filter, readPosition(page.cursor), limit), limit);
  }
}

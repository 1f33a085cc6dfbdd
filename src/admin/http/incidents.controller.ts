import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Incident } from '../finding-facts';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { IncidentListRepository } from '../store/incident-list.repository';
import { AdminOperation, Reads } from './admin-route';
import { AdminPageDto, IncidentFilterDto } from './dto/admin-queries.dto';
import { IncidentDto } from './dto/overview-answers.dto';

@ApiTags('Overview')
@Controller('admin/api')
export class IncidentsController {
  constructor(private readonly incidents: IncidentListRepository) {}

  @Get('incidents')
  @Reads()
  @AdminOperation('adminListIncidents', 'Outages of providers, newest first', {
    about: 'When many integrations of one provider fail at once, that is one outage: their runs wait for it to end.',
    type: IncidentDto,
    description: 'One page.',
    list: true,
  })
  async list(@Query() filter: IncidentFilterDto, @Query() page: AdminPageDto): Promise<PageOf<Incident>> {
    const { limit } = page;
    return toPage(await this.incidents.page(filter, readPosition(page.cursor), limit), limit);
  }
}

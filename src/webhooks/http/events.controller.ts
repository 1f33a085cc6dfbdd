import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiGoneResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentMerchant } from '../../auth';
import type { EventScope, LoggedEvent } from '../../events';
import { IdPipe } from '../../platform/http';
import { EventReads } from '../event-reads';
import { EventAnswerDto, EventPageDto, EventQueryDto, type EventDto } from './dto/event.dto';

@ApiTags('Events')
@Controller('v2/events')
export class EventsController {
  constructor(private readonly events: EventReads) {}

  @Get()
  @Authenticated({ scope: 'events:read' })
  @ApiOperation({
    operationId: 'listEvents',
    summary: 'The event log',
    description:
      'What happened, in commit order: what endpoints are sent. A reader that keeps its cursor sees each event once. Events are kept 30 days.',
  })
  @ApiOkResponse({ type: EventPageDto, description: 'The next events, oldest first.' })
  @ApiGoneResponse({ description: 'The cursor is older than the events that are kept.' })
  async list(@CurrentMerchant() scope: EventScope, @Query() query: EventQueryDto): Promise<EventPageDto> {
    const { cursor = null, limit, type, provider, integrationId } = query;
    const filter = {
      types: type === undefined ? null : [type],
      providers: provider === undefined ? null : [provider],
      integrationIds: integrationId === undefined ? null : [integrationId],
    };
    const page = await this.events.page(scope, { cursor, limit, filter });
    return { data: page.events.map(toEventDto), nextCursor: page.nextCursor, hasMore: page.hasMore };
  }

  @Get(':eventId')
  @Authenticated({ scope: 'events:read' })
  @ApiParam({ name: 'eventId', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'getEvent',
    summary: 'One event',
    description: 'By the `webhook-id` of its deliveries.',
  })
  @ApiOkResponse({ type: EventAnswerDto, description: 'The event.' })
  @ApiNotFoundResponse({ description: 'No such event of this merchant, or it is no longer kept.' })
  async one(
    @CurrentMerchant() scope: EventScope,
    @Param('eventId', new IdPipe('Event')) id: string,
  ): Promise<EventAnswerDto> {
    return { data: toEventDto(await this.events.one(scope, id)) };
  }
}

function toEventDto({ id, type, occurredAt, integrationId, provider, data }: LoggedEvent): EventDto {
  return { id, type, timestamp: occurredAt.toISOString(), integrationId, provider, data };
}

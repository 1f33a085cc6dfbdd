import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MerchantService } from '../../merchants';
import { ENVIRONMENTS, IdPipe, listEnd, listRequest, MayFail, offsetOf } from '../../platform/http';
import {
  AttemptDto,
  EndpointActions,
  EndpointExplanationDto,
  EndpointsService,
  OperatorEndpointDto,
  replayIn,
  toAttemptDto,
  toExplanationDto,
  toOperatorEndpointDto,
  type GivenUpEvent,
} from '../../webhooks';
import type { PageOf } from '../page-cursor';
import { AdminOperation, ApiId, Operates, Reads, setAuditReason } from './admin-route';
import { AdminPageDto } from './dto/admin-queries.dto';
import {
  AdminWebhookEndpointDto,
  GivenUpEventDto,
  ReplayedWebhookEventsDto,
  ReplayPreviewDto,
  ReplayPreviewQueryDto,
  ReplayWebhookEventsDto,
  SwitchWebhookEndpointDto,
  TestWebhookEndpointDto,
} from './dto/webhook-bodies.dto';

const ATTEMPTS = 'attempts';
const GIVEN_UP = 'given-up';

/** What merchants see and do of their endpoints, for operators: by the endpoint’s id, with a reason. */
@ApiTags('Webhook endpoints')
@Controller('admin/api')
export class AdminWebhookEndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly acts: EndpointActions,
    private readonly merchants: MerchantService,
  ) {}

  @Get('merchants/:id/webhook-endpoints')
  @Reads()
  @ApiId()
  @AdminOperation('adminListWebhookEndpoints', 'Webhook endpoints of a merchant, oldest first', {
    about: 'Of both environments: how each fares and how far it has come.',
    type: AdminWebhookEndpointDto,
    description: 'All of them, without their secrets.',
    list: 'whole',
  })
  async list(@Param('id', new IdPipe()) merchantId: string): Promise<{ data: AdminWebhookEndpointDto[] }> {
    const { name: merchantName } = await this.merchants.get(merchantId);
    const lists = await Promise.all(
      ENVIRONMENTS.map((environment) => this.endpoints.list({ merchantId, environment })),
    );
    return { data: lists.flat().map((endpoint) => ({ ...toOperatorEndpointDto(endpoint), merchantName })) };
  }

  @Get('webhook-endpoints/:id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetWebhookEndpoint', 'One webhook endpoint', {
    about: 'Its settings, how it fares, and how far behind the log it is.',
    type: AdminWebhookEndpointDto,
    description: 'The endpoint, without its secret.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: AdminWebhookEndpointDto }> {
    const scope = await this.endpoints.scopeOf(id);
    const { name: merchantName } = await this.merchants.get(scope.merchantId);
    return { data: { ...toOperatorEndpointDto(await this.endpoints.get(scope, id)), merchantName } };
  }

  @Get('webhook-endpoints/:id/explain')
  @Reads()
  @ApiId()
  @AdminOperation('adminExplainWebhookEndpoint', 'Why events are, or are not, delivered', {
    about: 'What the merchant is told by `explain`.',
    type: EndpointExplanationDto,
    description: 'What is in the way first, then what else is worth knowing.',
  })
  async explain(@Param('id', new IdPipe()) id: string): Promise<{ data: EndpointExplanationDto }> {
    return { data: toExplanationDto(await this.endpoints.explain(await this.endpoints.scopeOf(id), id)) };
  }

  @Get('webhook-endpoints/:id/attempts')
  @Reads()
  @ApiId()
  @AdminOperation('adminListWebhookAttempts', 'What was sent and what came of it, newest first', {
    about: 'Attempts are kept seven days. Answers are masked.',
    type: AttemptDto,
    description: 'One page.',
    list: true,
  })
  async attempts(@Param('id', new IdPipe()) id: string, @Query() page: AdminPageDto): Promise<PageOf<AttemptDto>> {
    const request = listRequest(page, ATTEMPTS);
    const { attempts, hasMore } = await this.acts.attempts(await this.endpoints.scopeOf(id), id, {
      eventId: null,
      before: request.cursor === null ? null : offsetOf(request),
      limit: request.limit,
    });
    const { nextCursor = null } = listEnd(ATTEMPTS, hasMore ? String(attempts.at(-1)!.id) : null);
    return { data: attempts.map(toAttemptDto), nextCursor };
  }

  @Get('webhook-endpoints/:id/given-up')
  @Reads()
  @ApiId()
  @AdminOperation('adminListGivenUpWebhookEvents', 'Events that were not taken by their last try, oldest first', {
    about: 'Nothing sends them again by itself. A replay by `eventId` does; one that is taken is listed no longer.',
    type: GivenUpEventDto,
    description: 'One page.',
    list: true,
  })
  async givenUp(@Param('id', new IdPipe()) id: string, @Query() page: AdminPageDto): Promise<PageOf<GivenUpEventDto>> {
    const request = listRequest(page, GIVEN_UP);
    const after = request.cursor === null ? 0 : offsetOf(request);
    const scope = await this.endpoints.scopeOf(id);
    const { events, hasMore } = await this.acts.givenUp(scope, id, { after, limit: request.limit });
    const { nextCursor = null } = listEnd(GIVEN_UP, hasMore ? String(events.at(-1)!.position) : null);
    return { data: events.map(toGivenUpEventDto), nextCursor };
  }

  @Get('webhook-endpoints/:id/replay-preview')
  @Reads()
  @ApiId()
  @MayFail('unprocessable_entity')
  @AdminOperation('adminPreviewWebhookReplay', 'What a replay would send', {
    about: 'Counts the events and sends nothing. 422 when the filters leave the event out.',
    type: ReplayPreviewDto,
    description: 'How many events, and from which position of the log to which.',
  })
  async preview(
    @Param('id', new IdPipe()) id: string,
    @Query() query: ReplayPreviewQueryDto,
  ): Promise<{ data: ReplayPreviewDto }> {
    const scope = await this.endpoints.scopeOf(id);
    return { data: await this.acts.preview(scope, id, replayIn(query)) };
  }

  @Post('webhook-endpoints/:id/replay')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('conflict', 'unprocessable_entity')
  @AdminOperation('adminReplayWebhookEvents', 'Send a part of the log once more', {
    about: 'Events keep their ids, and the filters hold. 409 when ten replays of the endpoint are under way.',
    type: ReplayedWebhookEventsDto,
    description: 'How many events that are.',
  })
  async replay(
    @Param('id', new IdPipe()) id: string,
    @Body() { reason, ...selection }: ReplayWebhookEventsDto,
  ): Promise<{ data: ReplayedWebhookEventsDto }> {
    const scope = await this.endpoints.scopeOf(id);
    setAuditReason(reason);
    return { data: await this.acts.replay(scope, id, replayIn(selection)) };
  }

  @Post('webhook-endpoints/:id/test')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @AdminOperation('adminTestWebhookEndpoint', 'Send a signed example now', {
    about: 'Once, whatever the filters say, also where the endpoint is switched off.',
    type: AttemptDto,
    description: 'What came of it; the endpoint’s refusal is an answer too.',
  })
  async test(
    @Param('id', new IdPipe()) id: string,
    @Body() { reason, type = 'sync.completed' }: TestWebhookEndpointDto,
  ): Promise<{ data: AttemptDto }> {
    const scope = await this.endpoints.scopeOf(id);
    setAuditReason(reason);
    return { data: toAttemptDto(await this.acts.test(scope, id, type)) };
  }

  @Post('webhook-endpoints/:id/switch')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @AdminOperation('adminSwitchWebhookEndpoint', 'Switch an endpoint off or on', {
    about: 'Switched on, it goes on where it stands: what happened meanwhile is sent, as far as it is kept.',
    type: OperatorEndpointDto,
    description: 'The endpoint as it is now.',
  })
  async switch(
    @Param('id', new IdPipe()) id: string,
    @Body() { reason, enabled }: SwitchWebhookEndpointDto,
  ): Promise<{ data: OperatorEndpointDto }> {
    const scope = await this.endpoints.scopeOf(id);
    setAuditReason(reason);
    return { data: toOperatorEndpointDto(await this.endpoints.change(scope, id, { enabled })) };
  }
}

function toGivenUpEventDto({ eventId, event, attempts, heldAt, lastError }: GivenUpEvent): GivenUpEventDto {
  const { type: eventType = null, occurredAt } = event ?? {};
  return {
    ...{ eventId, eventType, occurredAt: occurredAt?.toISOString() ?? null },
    ...{ attempts, heldAt: heldAt.toISOString(), lastError },
  };
}

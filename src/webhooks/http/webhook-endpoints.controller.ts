import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Authenticated, CurrentMerchant } from '../../auth';
import type { EventScope } from '../../events';
import { SecretResponse } from '../../idempotency';
import { BodyRequired, IdPipe, listEnd, listRequest, offsetOf } from '../../platform/http';
import type { EndpointSettings } from '../endpoint';
import { EndpointActions } from '../endpoint-actions.service';
import { EndpointsService } from '../endpoints.service';
import {
  AttemptAnswerDto,
  AttemptPageDto,
  AttemptQueryDto,
  EndpointExplanationAnswerDto,
  ReplayAnswerDto,
  ReplayDto,
  TestEndpointDto,
} from './dto/delivery.dto';
import { CreateEndpointDto, RotateEndpointSecretDto, UpdateEndpointDto } from './dto/endpoint-settings.dto';
import {
  DeletedEndpointDto,
  EndpointAnswerDto,
  EndpointListDto,
  IssuedEndpointAnswerDto,
  RotatedSecretAnswerDto,
} from './dto/webhook-endpoint.dto';
import { replayIn } from './replay-in';
import { toAttemptDto, toEndpointDto, toExplanationDto } from './views';

const READ = { scope: 'webhooks:read' } as const;
const WRITE = { scope: 'webhooks:write' } as const;
const WRITE_SECRET = { scope: 'webhooks:write', changesCredentials: true } as const;
const DEFAULT_OVERLAP_SECONDS = 86_400;
const ATTEMPTS = 'attempts';
const NOT_FOUND = { description: 'No such endpoint of this merchant.' };

const DEFAULTS: Omit<EndpointSettings, 'url'> = {
  description: null,
  eventTypes: null,
  providers: null,
  integrationIds: null,
  includeData: false,
  ordering: 'parallel',
  ratePerSecond: null,
  mirroredSignature: true,
};

const EndpointId = (): ParameterDecorator => Param('endpointId', new IdPipe('Webhook endpoint'));
const ApiEndpointId = (): MethodDecorator =>
  ApiParam({ name: 'endpointId', schema: { type: 'string', format: 'uuid' } });

@ApiTags('Webhook endpoints')
@Controller('v2/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly acts: EndpointActions,
  ) {}

  @Post()
  @Authenticated(WRITE_SECRET)
  @SecretResponse()
  @ApiOperation({
    operationId: 'createWebhookEndpoint',
    summary: 'Register an endpoint',
    description:
      'It is sent what happens from now on, signed by Standard Webhooks 1.0.0. The secret is in this answer and nowhere else.',
  })
  @ApiCreatedResponse({ type: IssuedEndpointAnswerDto, description: 'The endpoint, with its secret.' })
  @ApiConflictResponse({ description: 'There are 50 endpoints already.' })
  async create(
    @CurrentMerchant() scope: EventScope,
    @Body() body: CreateEndpointDto,
  ): Promise<IssuedEndpointAnswerDto> {
    const { endpoint, secret } = await this.endpoints.create(scope, { ...DEFAULTS, ...given(body), url: body.url });
    return { success: true, data: { ...toEndpointDto(endpoint), secret } };
  }

  @Get()
  @Authenticated(READ)
  @ApiOperation({
    operationId: 'listWebhookEndpoints',
    summary: 'All endpoints, oldest first',
    description: 'At most 50, without their secrets.',
  })
  @ApiOkResponse({ type: EndpointListDto, description: 'The endpoints of the key’s merchant and environment.' })
  async list(@CurrentMerchant() scope: EventScope): Promise<EndpointListDto> {
    return { data: (await this.endpoints.list(scope)).map(toEndpointDto) };
  }

  @Get(':endpointId')
  @Authenticated(READ)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'getWebhookEndpoint',
    summary: 'One endpoint',
    description: 'Where it is, what it is sent and how that goes; without its secret.',
  })
  @ApiOkResponse({ type: EndpointAnswerDto, description: 'The endpoint and how it fares.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async get(@CurrentMerchant() scope: EventScope, @EndpointId() id: string): Promise<EndpointAnswerDto> {
    return { success: true, data: toEndpointDto(await this.endpoints.get(scope, id)) };
  }

  @Patch(':endpointId')
  @Authenticated(WRITE)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'updateWebhookEndpoint',
    summary: 'Change an endpoint, switch it off or on',
    description: 'What is left out stays. Null clears a filter, the description and the rate.',
  })
  @ApiOkResponse({ type: EndpointAnswerDto, description: 'The endpoint as it is now.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async change(
    @CurrentMerchant() scope: EventScope,
    @EndpointId() id: string,
    @Body() body: UpdateEndpointDto,
  ): Promise<EndpointAnswerDto> {
    return { success: true, data: toEndpointDto(await this.endpoints.change(scope, id, given(body))) };
  }

  @Delete(':endpointId')
  @Authenticated(WRITE)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'deleteWebhookEndpoint',
    summary: 'Delete an endpoint',
    description: 'Its secret is destroyed, its attempts go with it.',
  })
  @ApiOkResponse({ type: DeletedEndpointDto, description: 'Done.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async remove(@CurrentMerchant() scope: EventScope, @EndpointId() id: string): Promise<DeletedEndpointDto> {
    await this.endpoints.remove(scope, id);
    return { success: true };
  }

  @Post(':endpointId/rotate-secret')
  @HttpCode(200)
  @Authenticated(WRITE_SECRET)
  @SecretResponse()
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'rotateWebhookEndpointSecret',
    summary: 'Replace the secret',
    description: 'Until the overlap ends every delivery is signed with both.',
  })
  @ApiOkResponse({ type: RotatedSecretAnswerDto, description: 'The new secret, shown once.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async rotateSecret(
    @CurrentMerchant() scope: EventScope,
    @EndpointId() id: string,
    @Body() body: RotateEndpointSecretDto,
  ): Promise<RotatedSecretAnswerDto> {
    const rotated = await this.endpoints.rotateSecret(scope, id, body.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS);
    const { secret, publicKey, previousSecretUntil } = rotated;
    const previousSecretExpiresAt = previousSecretUntil?.toISOString() ?? null;
    return { success: true, data: { secret, publicKey, previousSecretExpiresAt } };
  }

  @Get(':endpointId/attempts')
  @Authenticated(READ)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'listWebhookAttempts',
    summary: 'What was sent and what came of it, newest first',
    description: 'Attempts are kept seven days.',
  })
  @ApiOkResponse({ type: AttemptPageDto, description: 'One page of attempts.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async attempts(
    @CurrentMerchant() scope: EventScope,
    @EndpointId() id: string,
    @Query() query: AttemptQueryDto,
  ): Promise<AttemptPageDto> {
    const request = listRequest(query, ATTEMPTS);
    const found = await this.acts.attempts(scope, id, {
      eventId: query.eventId ?? null,
      before: request.cursor === null ? null : offsetOf(request),
      limit: request.limit,
    });
    const { nextCursor = null } = listEnd(ATTEMPTS, found.hasMore ? String(found.attempts.at(-1)!.id) : null);
    return { data: found.attempts.map(toAttemptDto), nextCursor, hasMore: found.hasMore };
  }

  @Post(':endpointId/test')
  @HttpCode(200)
  @Authenticated(WRITE)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'testWebhookEndpoint',
    summary: 'Send a signed example now',
    description: 'Of any type, once, whatever the filters say. It does not count for the endpoint’s health.',
  })
  @ApiOkResponse({ type: AttemptAnswerDto, description: 'What came of it; the endpoint’s refusal is an answer too.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async test(
    @CurrentMerchant() scope: EventScope,
    @EndpointId() id: string,
    @Body() body: TestEndpointDto,
  ): Promise<AttemptAnswerDto> {
    return { success: true, data: toAttemptDto(await this.acts.test(scope, id, body.type ?? 'sync.completed')) };
  }

  @Post(':endpointId/replay')
  @HttpCode(200)
  @Authenticated(WRITE)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'replayWebhookEvents',
    summary: 'Send a part of the log once more',
    description: 'One event by its `eventId`, or all from a time on. They keep their ids. The endpoint’s filters hold.',
  })
  @BodyRequired()
  @ApiOkResponse({ type: ReplayAnswerDto, description: 'How many events that are.' })
  @ApiNotFoundResponse({ description: 'No such endpoint, or no such event.' })
  @ApiConflictResponse({ description: 'Ten replays of this endpoint are under way.' })
  @ApiUnprocessableEntityResponse({ description: 'The filters of the endpoint leave the event out.' })
  async replay(
    @CurrentMerchant() scope: EventScope,
    @EndpointId() id: string,
    @Body() body: ReplayDto,
  ): Promise<ReplayAnswerDto> {
    // another merchant's endpoint is not found, whatever the body says
    await this.endpoints.get(scope, id);
    return { success: true, data: await this.acts.replay(scope, id, replayIn(body)) };
  }

  @Get(':endpointId/explain')
  @Authenticated(READ)
  @ApiEndpointId()
  @ApiOperation({
    operationId: 'explainWebhookEndpoint',
    summary: 'Why events are, or are not, delivered',
    description: 'What is in the way first, then what else is worth knowing, each with what to do.',
  })
  @ApiOkResponse({ type: EndpointExplanationAnswerDto, description: 'The reasons, in order.' })
  @ApiNotFoundResponse(NOT_FOUND)
  async explain(@CurrentMerchant() scope: EventScope, @EndpointId() id: string): Promise<EndpointExplanationAnswerDto> {
    return { data: toExplanationDto(await this.endpoints.explain(scope, id)) };
  }
}

/** Without what was left out. */
function given<T extends object>(body: T): Partial<T> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Partial<T>;
}

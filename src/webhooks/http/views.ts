import type { Attempt } from '../endpoint';
import { statusOf, type EndpointExplanation } from '../endpoint-explain';
import type { EndpointView } from '../store/endpoint.repository';
import type { AttemptDto, EndpointExplanationDto } from './dto/delivery.dto';
import type { OperatorEndpointDto } from './dto/operator-endpoint.dto';
import type { EndpointDto } from './dto/webhook-endpoint.dto';

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export function toEndpointDto(endpoint: EndpointView): EndpointDto {
  const { id, url, description, eventTypes, providers, integrationIds, includeData, ordering } = endpoint;
  return {
    ...{ id, url, description, includeData, ordering },
    eventTypes: eventTypes && [...eventTypes],
    providers: providers && [...providers],
    integrationIds: integrationIds && [...integrationIds],
    ratePerSecond: endpoint.ratePerSecond,
    mirroredSignature: endpoint.mirroredSignature,
    publicKey: endpoint.publicKey,
    previousSecretExpiresAt: iso(endpoint.previousUntil),
    enabled: endpoint.disabledReason === null,
    disabledReason: endpoint.disabledReason,
    status: statusOf(endpoint),
    consecutiveFailures: endpoint.failures,
    failingSince: iso(endpoint.failingSince),
    lastSuccessAt: iso(endpoint.lastSuccessAt),
    heldEvents: endpoint.heldCount,
    parkedEvents: endpoint.parkedCount,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  };
}

export function toOperatorEndpointDto(endpoint: EndpointView): OperatorEndpointDto {
  const { merchantId, environment, position, head, missed: missedEvents, replayCount: replays } = endpoint;
  const lag = { position, head, behind: Math.max(head - position, 0), missedEvents, replays };
  const { lastError, unsignedSince } = endpoint;
  return {
    ...toEndpointDto(endpoint),
    ...{ merchantId, environment, ...lag, lastError, unsignedSince: iso(unsignedSince) },
  };
}

export function toAttemptDto(attempt: Attempt): AttemptDto {
  const { eventId, eventType, durationMs, status, error, answer, nextAction } = attempt;
  return {
    ...{ eventId, eventType, attempt: attempt.attempt, attemptedAt: attempt.attemptedAt.toISOString() },
    ...{ durationMs, status, error, answer, nextAction, nextAttemptAt: iso(attempt.nextAttemptAt) },
  };
}

export function toExplanationDto({ willDeliver, reasons }: EndpointExplanation): EndpointExplanationDto {
  return { willDeliver, reasons: reasons.map((each) => ({ ...each, since: iso(each.since) })) };
}

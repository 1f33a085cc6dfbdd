export { EndpointActions } from './endpoint-actions.service';
export type { GivenUpEvent } from './endpoint-actions.service';
export { EndpointsService } from './endpoints.service';
/** What of an endpoint is shown, here and to the internal team. */
export { AttemptDto, EndpointExplanationDto } from './http/dto/delivery.dto';
export { OperatorEndpointDto } from './http/dto/operator-endpoint.dto';
export { replayIn } from './http/replay-in';
export { toAttemptDto, toExplanationDto, toOperatorEndpointDto } from './http/views';
/** What the OpenAPI document says of events that are sent. */
export { webhooksDocument } from './http/webhooks-document';
export { WebhooksModule } from './webhooks.module';

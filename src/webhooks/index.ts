/** What the OpenAPI document says of events that are sent. */
export { webhooksDocument } from './http/webhooks-document';
export { WebhooksModule } from './webhooks.module';

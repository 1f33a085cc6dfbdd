// Generated from openapi.json and the error catalogue by `npm run openapi`.
export interface paths {
  '/v2/integrations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List integrations
     * @description Every integration of the key’s merchant and environment, inactive ones too.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listIntegrations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read an integration
     * @description `data` is null when it was never configured.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change settings
     * @description Any of the settings of activate, without disconnecting. Another currency or time zone, and a resource that is switched on, start a full scan. `paymentMappings` replaces all mappings.
     *
     *     Needs the scope `integrations:write`.
     */
    patch: operations['updateIntegration'];
    trace?: never;
  };
  '/v2/integrations/{provider}/activate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Activate
     * @description Tests the credentials at the provider, seals them, stores the schedule and enqueues the first sync. 409 `already_active` when it is active: change settings with `PATCH`, replace credentials with `PUT …/credentials`, or deactivate first. Of several calls at once exactly one wins.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['activateIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/deactivate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Deactivate
     * @description Stops the schedule, cancels syncs and destroys the credential. Logs, records and mappings stay. An integration that is not active is 404. 409 only for an `Idempotency-Key` that was used for something else or is in use.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['deactivateIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Test credentials
     * @description Asks the provider; nothing is written.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['testCredentials'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sync now
     * @description Returns the run that will do it; a run under way that does all that is asked is that run.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['syncIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Report an outside worker’s result
     * @description For the platform’s own workers: connected is a success now, error one more failure, syncing is shown for at most 15 minutes, idle is a conflict while active.
     *
     *     Needs the scope `integrations:internal`.
     */
    put: operations['reportIntegrationStatus'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-toggle': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Switch automatic sync on or off
     * @description Off keeps credentials, mappings and cursors, and a sync under way finishes. On schedules again and closes an open breaker, unless the provider rejected the credentials. Both may be repeated. 409 only for an `Idempotency-Key` that was used for something else or is in use.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['toggleSync'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-interval': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Set the interval
     * @description Not below the provider’s minimum. Takes effect at once on every process.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['setSyncInterval'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/resume-sync': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resume sync
     * @description Closes the breaker and runs now, in one step. Its errors also carry `success: false`.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['resumeSync'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/invoice-lookback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Set how far back full scans read
     * @description Nothing older than the floor is concluded deleted.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['setInvoiceLookback'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/auto-send-invoices': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Store new unpaid invoices as open or as draft
     * @description Decides once, when an unpaid invoice is first stored; every other status passes through.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['setAutoSendInvoices'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/credentials': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Replace the credentials
     * @description Tested first; the old ones can be restored for 24 hours.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['replaceCredentials'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/credentials/rollback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Restore the credentials from before
     * @description Within 24 hours of a replacement.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['rollbackCredentials'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why the next sync will or will not run
     * @description Ordered reasons, the true one first.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['explainIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/data': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Erase synced data
     * @description Records, personal fields of logs, mappings. Only while not active.
     *
     *     Needs the scope `integrations:write`.
     */
    delete: operations['eraseIntegrationData'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/payment-mappings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List all payment mappings
     * @description By id. Mappings outlive a deactivation.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listPaymentMappings'];
    /**
     * Replace all payment mappings
     * @description Which of the provider’s payment methods each of ours stands for when a payment is pushed.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['replacePaymentMappings'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/payment-methods': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The provider’s payment methods, by the stored credentials
     * @description Asks the provider, each time.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listPaymentMethods'];
    put?: never;
    /**
     * The provider’s payment methods, by credentials that are used once
     * @description Nothing is stored, and no integration is needed.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['lookUpPaymentMethods'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-states': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How far each resource type is in step with the provider
     * @description Empty when the integration was never configured.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listSyncStates'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What the syncs did, newest first
     * @description One entry per run and resource type. Empty when the integration was never configured.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listSyncLogs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-logs/{logId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One entry of the log
     * @description What one run did to one resource type.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getSyncLog'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-logs/{logId}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try a failed entry again
     * @description Reads the entry’s resource type once more. 400 for an entry that is not failed, whose failure is permanent or whose run has not ended, when the integration is not active, and while the breaker is open.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['retrySyncLog'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-logs/batch-retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try failed entries again
     * @description Every failed entry gets one attempt; entries of one resource type share it. While the breaker is open nothing is queued.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['retrySyncLogs'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-stats/{integrationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Statistics of the runs of the last days
     * @description Over every resource type; `window` says from when to when.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getSyncStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/sync-stats-by-type/{integrationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Statistics of the last days, per resource type
     * @description The same numbers, one entry for each resource type that has log entries in the window.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getSyncStatsByType'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/product-mappings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What external products stand for
     * @description Empty when there are none. Mappings outlive a deactivation.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listProductMappings'];
    /**
     * Replace all product mappings
     * @description In one step: what is not in the list is gone.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['replaceProductMappings'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/product-mappings/{externalId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Remove one product mapping
     * @description Works also while the integration is not active.
     *
     *     Needs the scope `integrations:write`.
     */
    delete: operations['deleteProductMapping'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/unmapped-attempts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was synced without a product mapping
     * @description Packages, memberships and invoice items whose id has no mapping. Empty when never configured.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listUnmappedAttempts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/suggest-mappings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Which of the merchant’s products external items may be
     * @description By the words of the names, the price and the kind; the same question always has the same answer. The first 2,000 products by id are considered. Writes nothing.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['suggestMappings'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/packages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Packages and memberships as last synced
     * @description From the records of the last sync; the provider is not asked.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listPackages'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/billable-items': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Line items seen on synced invoices, one per item
     * @description From the records of the last sync; the provider is not asked.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listBillableItems'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/products': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The merchant’s own products, by name
     * @description Of the key’s merchant and environment, a page at a time.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listProducts'];
    /**
     * Create or update the merchant’s own products
     * @description Upserts by `id`; products that are not named stay as they are. They are the candidates of suggest-mappings.
     *
     *     Needs the scope `integrations:write`.
     */
    put: operations['upsertProducts'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/records/{resourceType}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The change feed of one resource type
     * @description One entry per record, at the position of its last change, in commit order. A reader that keeps its cursor sees the newest version of every record that changed, and no version twice.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listRecords'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/records/{resourceType}/{externalId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One record, deleted ones too
     * @description A deleted one keeps its last data, for as long as its tombstone is kept.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getRecord'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/payments': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Push a payment to the provider
     * @description Queues the payment, once per `reference`: the same reference with the same content is the same payment. One that failed is queued again, and goes on where it stopped.
     *
     *     Needs the scope `integrations:write`.
     */
    post: operations['pushPayment'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/integrations/{provider}/payments/{paymentId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How far a pushed payment is
     * @description `needs_review`: whether the provider took the payment is unknown; it is never sent again by itself. Look there before paying again.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getPushedPayment'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The event log
     * @description What happened, in commit order: what endpoints are sent. A reader that keeps its cursor sees each event once. Events are kept 30 days.
     *
     *     Needs the scope `events:read`.
     */
    get: operations['listEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/events/{eventId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One event
     * @description By the `webhook-id` of its deliveries.
     *
     *     Needs the scope `events:read`.
     */
    get: operations['getEvent'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All endpoints, oldest first
     * @description At most 50, without their secrets.
     *
     *     Needs the scope `webhooks:read`.
     */
    get: operations['listWebhookEndpoints'];
    put?: never;
    /**
     * Register an endpoint
     * @description It is sent what happens from now on, signed by Standard Webhooks 1.0.0. The secret is in this answer and nowhere else.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['createWebhookEndpoint'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One endpoint
     * @description Where it is, what it is sent and how that goes; without its secret.
     *
     *     Needs the scope `webhooks:read`.
     */
    get: operations['getWebhookEndpoint'];
    put?: never;
    post?: never;
    /**
     * Delete an endpoint
     * @description Its secret is destroyed, its attempts go with it.
     *
     *     Needs the scope `webhooks:write`.
     */
    delete: operations['deleteWebhookEndpoint'];
    options?: never;
    head?: never;
    /**
     * Change an endpoint, switch it off or on
     * @description What is left out stays. Null clears a filter, the description and the rate.
     *
     *     Needs the scope `webhooks:write`.
     */
    patch: operations['updateWebhookEndpoint'];
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}/rotate-secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace the secret
     * @description Until the overlap ends every delivery is signed with both.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['rotateWebhookEndpointSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}/attempts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was sent and what came of it, newest first
     * @description Attempts are kept seven days.
     *
     *     Needs the scope `webhooks:read`.
     */
    get: operations['listWebhookAttempts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a signed example now
     * @description Of any type, once, whatever the filters say. It does not count for the endpoint’s health.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['testWebhookEndpoint'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a part of the log once more
     * @description One event by its `eventId`, or all from a time on. They keep their ids. The endpoint’s filters hold.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['replayWebhookEvents'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/webhook-endpoints/{endpointId}/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why events are, or are not, delivered
     * @description What is in the way first, then what else is worth knowing, each with what to do.
     *
     *     Needs the scope `webhooks:read`.
     */
    get: operations['explainWebhookEndpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/sync-state/{source}/{merchantId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How far an outside worker has come, per resource type
     * @description Empty when nothing was remembered. Another merchant’s id is 403 here.
     *
     *     Needs the scope `sync:read`.
     */
    get: operations['listWatermarks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/sync-state/{source}/{merchantId}/{resourceType}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Remember how far an outside worker has come
     * @description Fields that are left out stay as they were.
     *
     *     Needs the scope `sync:write`.
     */
    put: operations['saveWatermark'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/providers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Which systems can be connected, and what each needs
     * @description `credentialSchema` is a JSON Schema that a form can be made of.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['listProviders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/providers/{provider}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One entry of the catalogue
     * @description As the list shows it.
     *
     *     Needs the scope `integrations:read`.
     */
    get: operations['getProvider'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The integrations of a node, oldest first
     * @description Without secrets; deleted ones are not part of it.
     *
     *     Needs one of: the role `operator`, the role `viewer`, the permission `integrations.read`.
     */
    get: operations['listNodeIntegrations'];
    put?: never;
    /**
     * Make an API key and secret for a node
     * @description The secret is in this answer and nowhere else; only a slow hash of it is stored. A caller that is no admin gives no permission that it lacks, and no later end than its own: 403.
     *
     *     Needs one of: the permission `integrations.write`.
     */
    post: operations['createNodeIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One integration, without its secret
     * @description Of a node within the caller’s reach; any other is 404.
     *
     *     Needs one of: the role `operator`, the role `viewer`, the permission `integrations.read`.
     */
    get: operations['getNodeIntegration'];
    /**
     * Rename an integration, change its permissions or its expiry
     * @description `node_id`, `api_key` and `secret` cannot be changed: 400 when one of them is sent. A caller that is no admin changes no key that holds more, or lives longer, than it does: 403.
     *
     *     Needs one of: the permission `integrations.write`.
     */
    put: operations['updateNodeIntegration'];
    post?: never;
    /**
     * End an integration
     * @description For callers that hold every permission of the integration and live as long. Its key and its refresh tokens stop working at once; access tokens within 20 seconds on every process, mostly within milliseconds.
     *
     *     Needs one of: the permission `integrations.write`.
     */
    delete: operations['deleteNodeIntegration'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/{id}/rotate-secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace the secret
     * @description The old one works until the overlap ends; sessions and tokens that came from it end with it. For callers that hold every permission of the integration and live as long.
     *
     *     Needs one of: the permission `integrations.write`.
     */
    post: operations['rotateNodeIntegrationSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Every node within reach
     * @description The nodes of the token with all of their descendants, in the order of their paths.
     *
     *     Needs one of: the role `operator`, the role `viewer`, the permission `nodes.read`.
     */
    get: operations['listNodes'];
    put?: never;
    /**
     * Add a node to the tree
     * @description Below a node within the caller’s reach; a root by an admin only.
     *
     *     Needs one of: the role `operator`, the permission `nodes.write`.
     */
    post: operations['createNode'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/nodes/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One node
     * @description Of those within the caller’s reach; any other is 404.
     *
     *     Needs one of: the role `operator`, the role `viewer`, the permission `nodes.read`.
     */
    get: operations['getNode'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Rename or move a node
     * @description A move takes along everything below the node, in one transaction. A caller that is no admin reaches the old parent and the new one, and holds what every key does whose reach the move changes: 403.
     *
     *     Needs one of: the role `operator`, the permission `nodes.write`.
     */
    patch: operations['updateNode'];
    trace?: never;
  };
  '/api/v1/nodes/{id}/children': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The nodes right below a node, by name
     * @description One level; a page at a time.
     *
     *     Needs one of: the role `operator`, the role `viewer`, the permission `nodes.read`.
     */
    get: operations['listChildNodes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/auth/authenticate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exchange an API key and secret for a pair of tokens
     * @description Key and secret in the body, or in the headers. 50 tries a minute for each key, and a bound for each address.
     */
    post: operations['authenticate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/auth/refresh': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exchange a refresh token for a new pair
     * @description It dies on use. Used a second time, every token of its session ends. 30 refreshes an hour for each session, and a bound for each address.
     */
    post: operations['refreshToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface webhooks {
  'integration.activated': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.activated
     * @description An integration was activated; its first sync follows.
     */
    post: operations['onIntegrationActivated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.deactivated': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.deactivated
     * @description An integration was deactivated. Nothing is synced until it is activated again.
     */
    post: operations['onIntegrationDeactivated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.paused': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.paused
     * @description Automatic sync stopped: switched off by the merchant, by an operator, or after failures.
     */
    post: operations['onIntegrationPaused'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.resumed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.resumed
     * @description Automatic sync goes on, after a pause.
     */
    post: operations['onIntegrationResumed'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.credentials_rejected': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.credentials_rejected
     * @description The provider rejected the stored credentials. Automatic sync is paused until they are replaced.
     */
    post: operations['onIntegrationCredentialsRejected'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.credentials_expiring': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.credentials_expiring
     * @description The stored credentials end at the provider within seven days, as the provider said when they were tested.
     */
    post: operations['onIntegrationCredentialsExpiring'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.degraded': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.degraded
     * @description A sync failed after one that had succeeded.
     */
    post: operations['onIntegrationDegraded'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'integration.recovered': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * integration.recovered
     * @description A sync succeeded after others had failed.
     */
    post: operations['onIntegrationRecovered'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'sync.completed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * sync.completed
     * @description A sync run succeeded.
     */
    post: operations['onSyncCompleted'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'sync.failed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * sync.failed
     * @description A sync run failed.
     */
    post: operations['onSyncFailed'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'records.changed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * records.changed
     * @description Records of one resource changed: those at the feed positions after `from`, up to `to`. Read them with `cursor` from the change feed of the resource.
     */
    post: operations['onRecordsChanged'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'deletion_plan.held': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * deletion_plan.held
     * @description A scan missed so many rows that an operator decides whether they are deleted.
     */
    post: operations['onDeletionPlanHeld'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'deletion_plan.approved': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * deletion_plan.approved
     * @description An operator approved the deletions that a scan had concluded.
     */
    post: operations['onDeletionPlanApproved'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'deletion_plan.discarded': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * deletion_plan.discarded
     * @description An operator discarded the deletions that a scan had concluded.
     */
    post: operations['onDeletionPlanDiscarded'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'payment.succeeded': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * payment.succeeded
     * @description A payment was pushed to the provider.
     */
    post: operations['onPaymentSucceeded'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'payment.failed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * payment.failed
     * @description A payment could not be pushed; the provider has nothing of it.
     */
    post: operations['onPaymentFailed'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'payment.needs_review': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * payment.needs_review
     * @description Nobody knows whether the provider took a payment: a person has to look.
     */
    post: operations['onPaymentNeedsReview'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'product_mapping.created': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * product_mapping.created
     * @description An external product was mapped.
     */
    post: operations['onProductMappingCreated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'product_mapping.updated': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * product_mapping.updated
     * @description An external product was mapped to another product.
     */
    post: operations['onProductMappingUpdated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'product_mapping.deleted': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * product_mapping.deleted
     * @description An external product is no longer mapped.
     */
    post: operations['onProductMappingDeleted'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'node_integration.created': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * node_integration.created
     * @description A key and secret were made for a node of the merchant.
     */
    post: operations['onNodeIntegrationCreated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'node_integration.rotated': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * node_integration.rotated
     * @description The secret of a node’s key was replaced.
     */
    post: operations['onNodeIntegrationRotated'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'node_integration.deleted': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * node_integration.deleted
     * @description A node’s key was deleted.
     */
    post: operations['onNodeIntegrationDeleted'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'api_key.expiring': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * api_key.expiring
     * @description An API key of the merchant ends within seven days.
     */
    post: operations['onApiKeyExpiring'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'webhook_endpoint.failing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * webhook_endpoint.failing
     * @description Deliveries to another endpoint have done nothing but fail for half, or three quarters, of five days.
     */
    post: operations['onWebhookEndpointFailing'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'webhook_endpoint.disabled': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * webhook_endpoint.disabled
     * @description Another endpoint was switched off: after five days of failures only, or because it answered 410.
     */
    post: operations['onWebhookEndpointDisabled'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  'webhook_endpoint.event_parked': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * webhook_endpoint.event_parked
     * @description Another endpoint refused an event until its tries were used up. Replay it by its id.
     */
    post: operations['onWebhookEndpointEventParked'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface components {
  schemas: {
    Product: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
       */
      id: string;
      /**
       * @description What the merchant calls the product.
       * @example Initial consultation
       */
      name: string;
      /**
       * @description What sort of product it is, in the merchant’s own words. Suggestions compare it with `service`, `package` and so on.
       * @example service
       */
      kind: string;
      /**
       * @description Price in minor units.
       * @example 4500
       */
      amountMinor: number;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
    };
    PutProductsRequest: {
      /** @description The products to create or update. */
      products: components['schemas']['Product'][];
    };
    PutProductsAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /**
       * @description How many products were sent.
       * @example 1
       */
      count: number;
    };
    ProductPagination: {
      /**
       * @description The page size that was used.
       * @example 25
       */
      limit: number;
      /**
       * @description How many entries stand before this page.
       * @example 0
       */
      offset: number;
      /**
       * @description How many entries there are in all.
       * @example 1
       */
      total: number;
      /**
       * @description Whether entries follow this page.
       * @example false
       */
      hasMore: boolean;
    };
    ProductList: {
      /** @description What was asked for. */
      data: components['schemas']['Product'][];
      /** @description Which part of the whole list this is. */
      pagination: components['schemas']['ProductPagination'];
    };
    CreateNodeRequest: {
      /**
       * Format: uuid
       * @description Left out or null: a root, which only an admin may make.
       */
      parent_id?: string | null;
      /**
       * @description A name for people.
       * @example Northside Clinic
       */
      name: string;
      /**
       * @description Its level: an organisation has accounts, an account has sub-accounts.
       * @example account
       * @enum {string}
       */
      type: 'organization' | 'account' | 'sub_account';
      /**
       * Format: uuid
       * @description With `environment`: tokens of this node may call /v2 on behalf of this merchant. Who is no admin may bind a node only as its parent is bound.
       */
      merchant_id?: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string|null}
       */
      environment?: 'sandbox' | 'live' | null;
    };
    Node: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       * @example 3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11
       */
      id: string;
      /**
       * Format: uuid
       * @description The node above it; null: it stands at the top.
       * @example null
       */
      parent_id: string | null;
      /**
       * @description A name for people.
       * @example Northside Clinic
       */
      name: string;
      /**
       * @description Its level: an organisation has accounts, an account has sub-accounts.
       * @example account
       * @enum {string}
       */
      type: 'organization' | 'account' | 'sub_account';
      /**
       * @description The ids from the root down to the node itself.
       * @example /3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/
       */
      path: string;
      /**
       * Format: uuid
       * @description The merchant that the node is bound to; null: none.
       * @example null
       */
      merchant_id: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @example null
       * @enum {string|null}
       */
      environment: 'sandbox' | 'live' | null;
      /**
       * Format: date-time
       * @description When it was made.
       * @example 2099-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @description When it last changed.
       * @example 2099-05-01T09:30:00.000Z
       */
      updated_at: string;
    };
    NodeList: {
      /**
       * @description Number of this page, from 1.
       * @example 1
       */
      page: number;
      /**
       * @description The page size that was used.
       * @example 10
       */
      per_page: number;
      /**
       * @description How many entries there are in all.
       * @example 1
       */
      total: number;
      /** @description One page of what was asked for. */
      items: components['schemas']['Node'][];
    };
    UpdateNodeRequest: {
      /**
       * @description A name for people.
       * @example Northside Clinic
       */
      name?: string;
      /**
       * Format: uuid
       * @description Moves the node with everything below it; null makes it a root, which only an admin may.
       * @example 0b54d3a2-8a0b-4b7b-9a60-1f0f0c1f7a11
       */
      parent_id?: string | null;
    };
    CreateNodeIntegrationRequest: {
      /**
       * Format: uuid
       * @description The node that the key belongs to.
       */
      node_id: string;
      /**
       * @description A name for people.
       * @example Billing back end
       */
      name: string;
      /**
       * @description What the key may do, as `<resource>.<action>`; duplicates collapse. Who is no admin can give only what its own token has. Those of this service: `nodes.read`, `nodes.write`, `integrations.read`, `integrations.write`, `integrations.internal`, `sync.read`, `sync.write`, `events.read`, `webhooks.read`, `webhooks.write`. A token also carries those of other services, which have resources of their own; a slip of the pen is 400. Default: `[]`.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions?: string[];
      /**
       * Format: date-time
       * @description In the future; null: never. Left out: as its maker ends, for an admin never. Later than its maker: 403.
       * @example 2099-05-01T00:00:00.000Z
       */
      expires_at?: string | null;
    };
    IssuedNodeIntegration: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The node that the key belongs to.
       */
      node_id: string;
      /**
       * @description A name for people.
       * @example Billing back end
       */
      name: string;
      /**
       * @description Names the key when it is exchanged for a token; no secret.
       * @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a
       */
      api_key: string;
      /**
       * @description What the holder may do, each as `<resource>.<action>`.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2099-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       * @example 2099-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * @description Shown once, here.
       * @example sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd
       */
      secret: string;
    };
    NodeIntegration: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The node that the key belongs to.
       */
      node_id: string;
      /**
       * @description A name for people.
       * @example Billing back end
       */
      name: string;
      /**
       * @description Names the key when it is exchanged for a token; no secret.
       * @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a
       */
      api_key: string;
      /**
       * @description What the holder may do, each as `<resource>.<action>`.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2099-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       * @example 2099-05-01T09:30:00.000Z
       */
      created_at: string;
    };
    NodeIntegrationList: {
      /**
       * @description Number of this page, from 1.
       * @example 1
       */
      page: number;
      /**
       * @description The page size that was used.
       * @example 10
       */
      per_page: number;
      /**
       * @description How many entries there are in all.
       * @example 1
       */
      total: number;
      /** @description One page of what was asked for. */
      items: components['schemas']['NodeIntegration'][];
    };
    UpdateNodeIntegrationRequest: {
      /**
       * @description A name for people.
       * @example Billing back end
       */
      name: string;
      /**
       * @description Left out: they stay. Live access tokens end when one is taken away. Those of this service: `nodes.read`, `nodes.write`, `integrations.read`, `integrations.write`, `integrations.internal`, `sync.read`, `sync.write`, `events.read`, `webhooks.read`, `webhooks.write`. A token also carries those of other services, which have resources of their own; a slip of the pen is 400.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions?: string[];
      /**
       * Format: date-time
       * @description In the future; null: never; left out: it stays. Later than the caller’s own: 403.
       * @example 2099-05-01T00:00:00.000Z
       */
      expires_at?: string | null;
    };
    RotateSecretRequest: {
      /**
       * @description How long the old secret keeps working. 0: it ends at once, with all tokens that came from it. Default: `0`.
       * @example 0
       */
      overlap_seconds?: number;
    };
    RotatedNodeIntegration: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The node that the key belongs to.
       */
      node_id: string;
      /**
       * @description A name for people.
       * @example Billing back end
       */
      name: string;
      /**
       * @description Names the key when it is exchanged for a token; no secret.
       * @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a
       */
      api_key: string;
      /**
       * @description What the holder may do, each as `<resource>.<action>`.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2099-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       * @example 2099-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * @description Shown once, here.
       * @example sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd
       */
      secret: string;
      /**
       * Format: date-time
       * @description Until when the old secret works; null: it does not.
       */
      previous_secret_expires_at: string | null;
    };
    AuthenticateRequest: {
      /**
       * @description Or the header Api-Key.
       * @example apex_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ2r9fK1cZ
       */
      api_key?: string | null;
      /**
       * @description Or the header Api-Secret.
       * @example sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd
       */
      secret_key?: string | null;
    };
    TokenPair: {
      /** @description A JWT: send it as Authorization: Bearer. */
      access_token: string;
      /** @description Good once, for seven days. */
      refresh_token: string;
      /**
       * @description How the token is sent: `Authorization: Bearer …`.
       * @example Bearer
       * @enum {string}
       */
      token_type: 'Bearer';
      /**
       * @description Seconds. Less only when the integration, or the old secret of a rotation, ends sooner.
       * @example 3600
       */
      expires_in: number;
      /**
       * Format: date-time
       * @description When the access token ends.
       * @example 2099-05-01T10:30:00.000Z
       */
      expires_at: string;
    };
    RefreshRequest: {
      /**
       * @description Good once; the answer holds its successor.
       * @example rt-apex_7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ4vT3wY5uE7aN1tX6r4c8Lm
       */
      refresh_token: string;
    };
    SyncState: {
      /**
       * @description The kind of record.
       * @example invoices
       */
      resourceType: string;
      /**
       * Format: date-time
       * @description When a scan last ended well.
       */
      lastSyncAt: string | null;
      /**
       * @description How the last sync ended; null: none has.
       * @example success
       * @enum {string|null}
       */
      lastSyncStatus: 'idle' | 'syncing' | 'success' | 'error' | null;
      /**
       * @description Rows that the last sync read; null: none has run.
       * @example 120
       */
      itemsProcessed: number | null;
      /**
       * @description What the last sync failed with; null: it did not fail.
       * @example null
       */
      lastSyncError: string | null;
      /**
       * @description Everything that the provider had changed up to here has been seen. Null: no complete scan yet.
       * @example 2099-06-01T08:59:00.000Z
       */
      cursor: string | null;
    };
    SyncStateList: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['SyncState'][];
    };
    SyncNote: {
      /**
       * @description A word for programs: it never changes its meaning.
       * @example filter_ignored
       * @enum {string}
       */
      code:
        | 'filter_ignored'
        | 'filter_refused'
        | 'filter_unproven'
        | 'order_ignored'
        | 'range_ignored'
        | 'list_absent'
        | 'list_empty'
        | 'count_short'
        | 'scan_incomplete'
        | 'deletions_held'
        | 'lookup_unproven'
        | 'rows_not_understood';
      /**
       * @description The note, in one sentence for a person.
       * @example The provider ignores its changed-since filter; the whole list was read and compared.
       */
      message: string;
    };
    SyncLog: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       * @example 5a0f6f0c-9f5d-4d35-9a1a-0d0b8f0f2a41
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       * @example 0f6d1e3a-7a55-4a9e-8a39-2f8b6b8f7c10
       */
      integrationId: string;
      /**
       * Format: uuid
       * @description The run that wrote the entry.
       */
      jobId: string;
      /**
       * @description Id of the provider in the catalogue.
       * @example practicehub
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description A resource type, or `payment_pushes`.
       * @example customers
       */
      resourceType: string;
      /**
       * @description How far it is.
       * @example success
       * @enum {string}
       */
      status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
      /**
       * @description What asked for the run.
       * @example scheduled
       * @enum {string}
       */
      jobType: 'scheduled' | 'manual' | 'single_retry' | 'batch_retry';
      /**
       * @description Retries count on.
       * @example 1
       */
      attempt: number;
      /**
       * Format: date-time
       * @description Null: not begun.
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @description Null: not ended.
       */
      finishedAt: string | null;
      /**
       * @description From start to end in milliseconds; null: not ended.
       * @example 1840
       */
      durationMs: number | null;
      /**
       * @description Rows that the provider sent.
       * @example 120
       */
      recordsFetched: number;
      /**
       * @description Records that are new.
       * @example 3
       */
      recordsCreated: number;
      /**
       * @description Records that changed.
       * @example 2
       */
      recordsUpdated: number;
      /**
       * @description Rows that brought nothing new.
       * @example 115
       */
      recordsUnchanged: number;
      /**
       * @description Records that became tombstones.
       * @example 0
       */
      recordsDeleted: number;
      /**
       * @description Rows that could not be understood.
       * @example 0
       */
      recordsQuarantined: number;
      /** @description What else is worth knowing of this sync. */
      notes: components['schemas']['SyncNote'][];
      /**
       * @description Why it failed, from the closed catalogue of codes; null: it did not.
       * @example null
       * @enum {string|null}
       */
      errorCode:
        | 'invalid_request'
        | 'provider_credentials_rejected'
        | 'not_active'
        | 'sync_paused'
        | 'unauthenticated'
        | 'permission_denied'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'rate_limited'
        | 'internal_error'
        | 'provider_error'
        | 'unavailable'
        | 'provider_timeout'
        | null;
      /**
       * @description Why it failed, or was skipped.
       * @example null
       */
      error: string | null;
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @example null
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
    };
    SyncPagination: {
      /**
       * @description The page size that was used.
       * @example 25
       */
      limit: number;
      /**
       * @description How many entries stand before this page.
       * @example 0
       */
      offset: number;
      /**
       * @description How many entries there are in all.
       * @example 1
       */
      total: number;
      /**
       * @description Whether entries follow this page.
       * @example false
       */
      hasMore: boolean;
    };
    SyncLogList: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['SyncLog'][];
      /** @description Which part of the whole list this is. */
      pagination: components['schemas']['SyncPagination'];
    };
    SyncLogAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['SyncLog'];
    };
    RetryData: {
      /**
       * Format: uuid
       * @description The run that retries; its entries carry it as `jobId`.
       */
      jobId: string;
    };
    RetryAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['RetryData'];
    };
    BatchRetryRequest: {
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description Left out: all of them.
       * @example invoices
       */
      resourceType?: string;
      /**
       * @description At most this many entries, newest first. A larger number is clamped. Default: `100`.
       * @example 100
       */
      limit?: number;
    };
    BatchRetryData: {
      /**
       * @description Entries that got their attempt.
       * @example 2
       */
      queued: number;
      /**
       * @description Failed entries that did not: permanent failures, entries that a retry was given already, all while the breaker is open, and those past the limit.
       * @example 1
       */
      skipped: number;
    };
    BatchRetryAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['BatchRetryData'];
    };
    StatsWindow: {
      /**
       * Format: date-time
       * @description Start of the time that is looked at.
       */
      from: string;
      /**
       * Format: date-time
       * @description End of the time that is looked at.
       */
      to: string;
    };
    SyncStats: {
      /**
       * @description Those under way included.
       * @example 24
       */
      runs: number;
      /**
       * @description How many ended well.
       * @example 23
       */
      succeeded: number;
      /**
       * @description How many failed.
       * @example 1
       */
      failed: number;
      /**
       * @description Cancelled, or not reached.
       * @example 0
       */
      skipped: number;
      /**
       * @description Rows that the provider sent.
       * @example 2880
       */
      recordsFetched: number;
      /**
       * @description Records that are new.
       * @example 30
       */
      recordsCreated: number;
      /**
       * @description Records that changed.
       * @example 12
       */
      recordsUpdated: number;
      /**
       * @description Rows that brought nothing new.
       * @example 2838
       */
      recordsUnchanged: number;
      /**
       * @description Records that became tombstones.
       * @example 0
       */
      recordsDeleted: number;
      /**
       * @description 0 when nothing has ended in the window.
       * @example 1840
       */
      averageDurationMs: number;
      /**
       * Format: date-time
       * @description Start of the newest run.
       */
      lastRunAt: string | null;
      /** @description The time that the figures are of. */
      window: components['schemas']['StatsWindow'];
    };
    SyncStatsAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['SyncStats'];
    };
    SyncStatsOfType: {
      /**
       * @description Those under way included.
       * @example 24
       */
      runs: number;
      /**
       * @description How many ended well.
       * @example 23
       */
      succeeded: number;
      /**
       * @description How many failed.
       * @example 1
       */
      failed: number;
      /**
       * @description Cancelled, or not reached.
       * @example 0
       */
      skipped: number;
      /**
       * @description Rows that the provider sent.
       * @example 2880
       */
      recordsFetched: number;
      /**
       * @description Records that are new.
       * @example 30
       */
      recordsCreated: number;
      /**
       * @description Records that changed.
       * @example 12
       */
      recordsUpdated: number;
      /**
       * @description Rows that brought nothing new.
       * @example 2838
       */
      recordsUnchanged: number;
      /**
       * @description Records that became tombstones.
       * @example 0
       */
      recordsDeleted: number;
      /**
       * @description 0 when nothing has ended in the window.
       * @example 1840
       */
      averageDurationMs: number;
      /**
       * Format: date-time
       * @description Start of the newest run.
       */
      lastRunAt: string | null;
      /** @description The time that the figures are of. */
      window: components['schemas']['StatsWindow'];
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
    };
    SyncStatsByTypeAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['SyncStatsOfType'][];
    };
    Address: {
      /**
       * @description First line of the street address.
       * @example 1 High Street
       */
      line1: string | null;
      /**
       * @description Second line of the street address.
       * @example Flat 2
       */
      line2: string | null;
      /**
       * @description Town or city.
       * @example Leeds
       */
      city: string | null;
      /**
       * @description County, state or province.
       * @example West Yorkshire
       */
      region: string | null;
      /**
       * @description Postal or ZIP code.
       * @example LS1 4AP
       */
      postalCode: string | null;
      /**
       * @description As the provider writes it: a name or a code.
       * @example United Kingdom
       */
      country: string | null;
    };
    CustomerData: {
      /**
       * @description Full name.
       * @example Ada Byron
       */
      name: string | null;
      /**
       * @description Given name.
       * @example Ada
       */
      firstName: string | null;
      /**
       * @description Family name.
       * @example Byron
       */
      lastName: string | null;
      /**
       * @description Email address, as the provider has it.
       * @example ada@example.com
       */
      email: string | null;
      /**
       * @description Telephone number, as the provider writes it.
       * @example 0113 496 0000
       */
      phone: string | null;
      /** @description Postal address; null: the provider has none. */
      address: components['schemas']['Address'] | null;
      /**
       * @description The customer’s number in a third system, where the provider keeps one.
       * @example C-1007
       */
      externalReference: string | null;
      /**
       * @description false: archived or inactive at the provider.
       * @example true
       */
      active: boolean;
    };
    CustomerRecord: {
      /**
       * Format: uuid
       * @description Of the record here; it stays the same in all versions.
       */
      id: string;
      /**
       * @description The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.
       * @example package:12
       */
      externalId: string;
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description The last change.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /**
       * Format: date-time
       * @description The provider’s own time of the last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /**
       * Format: date-time
       * @description When this version was stored here.
       */
      syncedAt: string;
      /**
       * @description Says what `data` is: here a customer. (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      resourceType: 'customers';
      /** @description The record in the form that all providers share. A deleted one keeps its last data. */
      data: components['schemas']['CustomerData'];
    };
    ProductData: {
      /**
       * @description What the provider calls it.
       * @example Initial consultation
       */
      name: string;
      /**
       * @description `package`: a number of visits that is paid once. `membership`: paid again each interval.
       * @enum {string}
       */
      kind: 'product' | 'service' | 'package' | 'membership';
      /**
       * @description Price; null: the provider names none. In minor units of the currency.
       * @example 4500
       */
      amountMinor: number | null;
      /**
       * @description ISO 4217 code of the amounts beside it.
       * @example GBP
       */
      currency: string;
      /**
       * @description How often a membership is billed, in the provider’s word; null otherwise.
       * @example monthly
       */
      interval: string | null;
      /**
       * @description Visits that are included; null: not counted.
       * @example 10
       */
      visits: number | null;
      /**
       * @description false: no longer sold.
       * @example true
       */
      active: boolean;
      /**
       * @description The holder of a package or membership, as `externalId` of the customer.
       * @example 812
       */
      customerExternalId?: string | null;
      /**
       * @description All holders of a package or membership that several customers share.
       * @example [
       *       "812",
       *       "813"
       *     ]
       */
      customerExternalIds?: string[];
    };
    ProductRecord: {
      /**
       * Format: uuid
       * @description Of the record here; it stays the same in all versions.
       */
      id: string;
      /**
       * @description The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.
       * @example package:12
       */
      externalId: string;
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description The last change.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /**
       * Format: date-time
       * @description The provider’s own time of the last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /**
       * Format: date-time
       * @description When this version was stored here.
       */
      syncedAt: string;
      /**
       * @description Says what `data` is: here a product, service, package or membership. (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      resourceType: 'products';
      /** @description The record in the form that all providers share. A deleted one keeps its last data. */
      data: components['schemas']['ProductData'];
    };
    InvoiceLine: {
      /**
       * @description `externalId` of the product; null: the line names none.
       * @example service:12
       */
      externalItemId: string | null;
      /**
       * @description What stands on the line.
       * @example Initial consultation
       */
      description: string | null;
      /**
       * @description How many; fractions are possible.
       * @example 1
       */
      quantity: number;
      /**
       * @description Total of the line. In minor units of the currency.
       * @example 4500
       */
      amountMinor: number;
    };
    InvoiceData: {
      /**
       * @description Number that stands on the invoice.
       * @example INV-2041
       */
      number: string | null;
      /**
       * @description `externalId` of the customer; null: the provider names none.
       * @example 812
       */
      customerExternalId: string | null;
      /**
       * @description `unknown`: nobody can say whether it is owed.
       * @enum {string}
       */
      status: 'draft' | 'open' | 'partial' | 'overdue' | 'paid' | 'void' | 'refunded' | 'unknown';
      /**
       * @description Who says the status: the provider, payments that cover the invoice exactly (`derived`), or nobody.
       * @enum {string}
       */
      statusSource: 'provider' | 'derived' | 'unknown';
      /**
       * @description ISO 4217 code of the amounts beside it.
       * @example GBP
       */
      currency: string;
      /**
       * @description What it was made out for, also after a refund. In minor units of the currency.
       * @example 4500
       */
      totalMinor: number;
      /**
       * @description What is still owed; null: the provider does not say. In minor units of the currency.
       * @example 4500
       */
      balanceMinor: number | null;
      /**
       * @description What was given back; null: the provider does not say how much. In minor units of the currency.
       * @example 4500
       */
      refundedMinor: number | null;
      /**
       * Format: date-time
       * @description When it was made out.
       */
      issuedAt: string | null;
      /**
       * Format: date-time
       * @description When payment is due.
       */
      dueAt: string | null;
      /** @description In the order of the invoice. */
      lines: components['schemas']['InvoiceLine'][];
    };
    InvoiceRecord: {
      /**
       * Format: uuid
       * @description Of the record here; it stays the same in all versions.
       */
      id: string;
      /**
       * @description The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.
       * @example package:12
       */
      externalId: string;
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description The last change.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /**
       * Format: date-time
       * @description The provider’s own time of the last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /**
       * Format: date-time
       * @description When this version was stored here.
       */
      syncedAt: string;
      /**
       * @description Says what `data` is: here an invoice. (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      resourceType: 'invoices';
      /** @description The record in the form that all providers share. A deleted one keeps its last data. */
      data: components['schemas']['InvoiceData'];
    };
    PaymentData: {
      /**
       * @description `externalId` of the invoice that it pays; null: the provider names none.
       * @example 2041
       */
      invoiceExternalId: string | null;
      /**
       * @description `externalId` of the customer; null: the provider names none.
       * @example 812
       */
      customerExternalId: string | null;
      /**
       * @description What was paid, also after a refund. In minor units of the currency.
       * @example 4500
       */
      amountMinor: number;
      /**
       * @description What was given back; null: the provider does not say how much. In minor units of the currency.
       * @example 4500
       */
      refundedMinor: number | null;
      /**
       * @description ISO 4217 code of the amounts beside it.
       * @example GBP
       */
      currency: string;
      /**
       * @description How it was paid, in the provider’s word.
       * @example Card
       */
      method: string | null;
      /**
       * Format: date-time
       * @description When it was paid.
       */
      paidAt: string | null;
      /**
       * @description `paid`, `refunded` or `void`.
       * @example paid
       */
      status: string;
      /**
       * @description Who entered it at the provider; `interlock`: it was pushed from here.
       * @enum {string}
       */
      origin: 'provider' | 'interlock';
      /**
       * @description Last four digits of the card. Card payments only.
       * @example 4242
       */
      cardLast4?: string | null;
      /**
       * @description Scheme of the card. Card payments only.
       * @example Visa
       */
      cardScheme?: string | null;
    };
    PaymentRecord: {
      /**
       * Format: uuid
       * @description Of the record here; it stays the same in all versions.
       */
      id: string;
      /**
       * @description The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.
       * @example package:12
       */
      externalId: string;
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description The last change.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /**
       * Format: date-time
       * @description The provider’s own time of the last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /**
       * Format: date-time
       * @description When this version was stored here.
       */
      syncedAt: string;
      /**
       * @description Says what `data` is: here a payment. (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      resourceType: 'payments';
      /** @description The record in the form that all providers share. A deleted one keeps its last data. */
      data: components['schemas']['PaymentData'];
    };
    DeviceData: {
      /**
       * @description What the merchant calls the terminal.
       * @example Front desk
       */
      name: string | null;
      /**
       * @description Serial number of the manufacturer.
       * @example S1F2-000158
       */
      serial: string | null;
      /**
       * @description Make or operating system.
       * @example android
       */
      platform: string | null;
      /**
       * @description Whether it could take a payment when it was read.
       * @enum {string}
       */
      status: 'online' | 'offline' | 'pairing';
      /**
       * Format: date-time
       * @description When the provider last heard of it.
       */
      lastSeenAt: string | null;
    };
    DeviceRecord: {
      /**
       * Format: uuid
       * @description Of the record here; it stays the same in all versions.
       */
      id: string;
      /**
       * @description The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.
       * @example package:12
       */
      externalId: string;
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description The last change.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /**
       * Format: date-time
       * @description The provider’s own time of the last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /**
       * Format: date-time
       * @description When this version was stored here.
       */
      syncedAt: string;
      /**
       * @description Says what `data` is: here a card terminal. (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      resourceType: 'devices';
      /** @description The record in the form that all providers share. A deleted one keeps its last data. */
      data: components['schemas']['DeviceData'];
    };
    RecordPage: {
      /** @description In the order in which they changed. */
      data: components['schemas']['SyncedRecord'][];
      /**
       * @description Keep it and come back with it: also on the last page.
       * @example ZjEuMTIw
       */
      nextCursor: string;
      /**
       * @description true: the next page is there at once.
       * @example false
       */
      hasMore: boolean;
    };
    RecordAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['SyncedRecord'];
    };
    Watermark: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string;
      /**
       * @description The source.
       * @example mindbody
       */
      provider: string;
      /**
       * @description The kind of record.
       * @example appointments
       */
      resourceType: string;
      /**
       * Format: date-time
       * @description End of the last sync that succeeded; null: none has.
       */
      lastSyncAt: string | null;
      /**
       * @description How the last sync ended; null: none has.
       * @enum {string|null}
       */
      lastSyncStatus: 'idle' | 'syncing' | 'success' | 'error' | null;
      /** @description What the last sync failed with; null: it did not fail. */
      lastSyncError: string | null;
      /** @description Where the worker goes on: its own word. */
      cursor: string | null;
      /** @description How many items the worker has synced. */
      itemsSynced: number;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
    };
    WatermarkList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @description What was asked for. */
      data: components['schemas']['Watermark'][];
    };
    PutWatermarkRequest: {
      /**
       * Format: date-time
       * @description End of the last sync that succeeded; null: none has.
       */
      lastSyncAt?: string | null;
      /**
       * @description How the last sync ended; null: none has.
       * @example success
       * @enum {string|null}
       */
      lastSyncStatus?: 'idle' | 'syncing' | 'success' | 'error' | null;
      /** @description What the last sync failed with; null: it did not fail. */
      lastSyncError?: string | null;
      /**
       * @description Where the worker goes on: its own word.
       * @example 2099-06-01T09:00:00Z
       */
      cursor?: string | null;
      /**
       * @description How many items the worker has synced.
       * @example 120
       */
      itemsSynced?: number;
    };
    WatermarkAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['Watermark'];
      /** @description Whether this call made it. */
      created: boolean;
    };
    MappingMetadata: {
      /**
       * @description A name for people.
       * @example Ten visit pass
       */
      name?: string;
      /**
       * @description What kind of item it is, in the provider’s word.
       * @example package
       */
      type?: string;
      /**
       * @description How it is charged, in the provider’s word.
       * @example upfront
       */
      charge_type?: string;
    };
    ProductMapping: {
      /**
       * @description With its kind; bare where nothing of it was synced.
       * @example package:12
       */
      externalId: string;
      /**
       * @description As sent, or as last synced.
       * @example Ten visit pass
       */
      externalName: string | null;
      /**
       * Format: uuid
       * @description The merchant’s own product, as `id` of `/v2/products`.
       */
      internalId: string;
      /** @description Null, as the next three: there is no such product. */
      productName: string | null;
      /**
       * @description Kind of the merchant’s product; null: the product is not known.
       * @example package
       */
      productKind: string | null;
      /**
       * @description Its price in minor units; null: the product is not known.
       * @example 15000
       */
      productAmountMinor: number | null;
      /**
       * @description ISO 4217 code of that price; null: the product is not known.
       * @example GBP
       */
      productCurrency: string | null;
      /** @description As sent; empty when nothing was. */
      metadata: components['schemas']['MappingMetadata'];
    };
    ProductMappingList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['ProductMapping'][];
    };
    PutProductMapping: {
      /**
       * @description With its kind; the provider’s bare id where only one kind has it, else 409 `conflict`.
       * @example package:12
       */
      externalId: string;
      /**
       * Format: uuid
       * @description The merchant’s own product; it need not exist yet.
       */
      internalId: string;
      /** @description What is remembered of the item for display; nothing is decided by it. */
      metadata?: components['schemas']['MappingMetadata'];
    };
    PutProductMappingsRequest: {
      /** @description All mappings: those that are left out are removed. */
      mappings: components['schemas']['PutProductMapping'][];
    };
    PutProductMappingsAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /**
       * @description How many mappings there are now.
       * @example 1
       */
      count: number;
    };
    MappingDone: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
    };
    UnmappedAttempt: {
      /**
       * @description With its kind, where that is known; of a plan its first row’s.
       * @example package:12
       */
      externalPackageId: string;
      /**
       * @description What the provider calls it.
       * @example Ten visit pass
       */
      externalPackageName: string | null;
      /**
       * @description Live records that name it: the package itself, and lines of invoices.
       * @example 4
       */
      count: number;
      /**
       * Format: date-time
       * @description When a record that names it last came or changed.
       */
      lastSeenAt: string;
    };
    UnmappedAttemptList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['UnmappedAttempt'][];
      /**
       * @description The sum of all counts, also of what was cut.
       * @example 4
       */
      totalCount: number;
    };
    ExternalItem: {
      /**
       * @description Id of the item at the provider, as packages and billable items show it.
       * @example 12
       */
      id: string;
      /**
       * @description A name for people.
       * @example Ten visit pass
       */
      name: string;
      /**
       * @description What kind of item it is, in the provider’s word.
       * @example package
       */
      type?: string | null;
      /**
       * @description How it is charged, in the provider’s word.
       * @example upfront
       */
      charge_type?: string | null;
      /**
       * @description In major units.
       * @example 150
       */
      price?: number | null;
      /**
       * @description Where the item was seen.
       * @example package
       * @enum {string|null}
       */
      source?: 'package' | 'invoice' | 'unmapped' | null;
    };
    SuggestMappingsRequest: {
      /** @description The items to find products for. */
      externalItems: components['schemas']['ExternalItem'][];
    };
    Suggestion: {
      /**
       * @description Id of the item at the provider, with its kind before it where products are meant.
       * @example 12
       */
      externalId: string;
      /**
       * Format: uuid
       * @description The merchant’s own product, as `id` of `/v2/products`.
       */
      internalId: string;
      /**
       * @description From 0 to 1: how well the two fit.
       * @example 0.94
       */
      confidence: number;
      /**
       * @description Why the two fit, in one sentence.
       * @example The names share 3 of 3 words (93 % alike), the price is the same and both are a package.
       */
      reasoning: string;
    };
    SuggestionsAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description At most one per item; none where nothing is alike enough. */
      suggestions: components['schemas']['Suggestion'][];
    };
    Package: {
      /**
       * @description With its kind, as it is mapped; of a plan its first row’s.
       * @example package:12
       */
      id: string;
      /**
       * @description A name for people.
       * @example Ten visit pass
       */
      name: string;
      /**
       * @description What customers see it called; null: the same name.
       * @example 10 visits
       */
      public_name?: string;
      /**
       * @description What kind of item it is, in the provider’s word.
       * @example package
       * @enum {string}
       */
      type?: 'package' | 'membership';
      /**
       * @description In the provider’s words.
       * @example visits
       */
      package_type?: string;
      /**
       * @description In the provider’s words.
       * @example upfront
       */
      charge_type?: string;
      /**
       * @description In major units of the currency that the provider uses (150 is £150.00).
       * @example 150
       */
      price?: number;
      /**
       * @description Visits that are included; null: not counted.
       * @example 10
       */
      visits?: number;
      /**
       * @description Whether the provider still offers it.
       * @example true
       */
      active?: boolean;
    };
    PackageList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['Package'][];
    };
    BillableItem: {
      /**
       * @description As it is mapped: with its kind where the invoice says it.
       * @example product:31
       */
      id: string;
      /**
       * @description A name for people.
       * @example Initial consultation
       */
      name: string;
      /**
       * @description What kind of item it is, in the provider’s word.
       * @example service
       */
      type?: string;
      /**
       * @description How it is charged, in the provider’s word.
       * @example upfront
       */
      charge_type?: string;
      /**
       * @description Of one, as the newest invoice shows it. In major units of the currency that the provider uses (150 is £150.00).
       * @example 45
       */
      price?: number;
      /**
       * @description Where the item was seen.
       * @enum {string}
       */
      source: 'invoice';
    };
    BillableItemList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['BillableItem'][];
    };
    PaymentMappingRow: {
      /**
       * @description The caller’s own.
       * @example card
       */
      id: string;
      /**
       * @description How a payment was made on the platform, such as `card`.
       * @example card
       */
      revkeenMethod: string;
      /**
       * @description The provider’s id of the payment method, whichever provider it is.
       * @example 2
       */
      practiceHubMethodId: string;
    };
    PaymentMappingList: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['PaymentMappingRow'][];
    };
    PutPaymentMappingsRequest: {
      /** @description All mappings: those that are left out are removed. */
      mappings: components['schemas']['PaymentMappingRow'][];
    };
    PaymentMethod: {
      /**
       * @description Id at the provider, which payment mappings name.
       * @example 2
       */
      id: number;
      /**
       * @description A name for people.
       * @example Card
       */
      name: string;
      /**
       * @description Whether the provider still offers it.
       * @example true
       */
      active: boolean;
      /**
       * @description Place in the provider’s own list.
       * @example 20
       */
      sort_order: number;
    };
    PaymentMethodList: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['PaymentMethod'][];
    };
    OneShotCredentialsRequest: {
      /**
       * Format: uri
       * @description Where the provider’s API answers. Normalised before use; https, and a public host of the provider.
       * @example https://yourclinic.practicehub.io
       */
      baseUrl: string;
      /**
       * Format: password
       * @description The key that the provider issued.
       * @example ph_8c1f2d4e6a8b
       */
      apiKey: string;
      /**
       * Format: email
       * @description Contact address that is shown to the provider. Default: `"info@revkeen.com"`.
       * @example info@revkeen.com
       */
      contactEmail?: string;
      /** @description Taken for compatibility. No provider asks for it. */
      tenantId?: string;
    };
    PushPaymentRequest: {
      /**
       * @description The `externalId` of a synced invoice.
       * @example 501
       */
      externalInvoiceId: string;
      /**
       * @description In minor units of the currency, such as pence.
       * @example 4400
       */
      amountMinor: number;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
      /**
       * @description A method that payment-mappings maps.
       * @example card
       */
      method: string;
      /**
       * Format: date-time
       * @description When the customer paid, on the customer’s side.
       * @example 2099-05-05T10:00:00Z
       */
      paidAt: string;
      /**
       * @description Your own word for this payment.
       * @example pay_8812
       */
      reference: string;
    };
    PushRequestedData: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The run that pushes it.
       */
      jobId: string;
      /**
       * @description How far it is.
       * @example queued
       * @enum {string}
       */
      status: 'queued' | 'pushed' | 'failed' | 'needs_review';
    };
    PushRequested: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['PushRequestedData'];
    };
    OutboundPayment: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The run that pushes it, or did last.
       */
      jobId: string;
      /**
       * @description How far it is.
       * @example pushed
       * @enum {string}
       */
      status: 'queued' | 'pushed' | 'failed' | 'needs_review';
      /**
       * @description The invoice at the provider that the payment is for.
       * @example 501
       */
      externalInvoiceId: string;
      /**
       * @description In minor units of the currency, such as pence.
       * @example 4400
       */
      amountMinor: number;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
      /**
       * @description How it was paid: an `id` of the payment mappings.
       * @example card
       */
      method: string;
      /**
       * Format: date-time
       * @description When the customer paid, on the customer’s side.
       */
      paidAt: string;
      /**
       * @description The caller’s own word for the payment; the same one is pushed once.
       * @example pay_8812
       */
      reference: string;
      /**
       * @description Set as soon as the provider has the payment, also when a later step failed.
       * @example 77
       */
      externalPaymentId: string | null;
      /**
       * @description Why it failed, from the closed catalogue of codes; null: it did not.
       * @example null
       * @enum {string|null}
       */
      errorCode:
        | 'invalid_request'
        | 'provider_credentials_rejected'
        | 'not_active'
        | 'sync_paused'
        | 'unauthenticated'
        | 'permission_denied'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'rate_limited'
        | 'internal_error'
        | 'provider_error'
        | 'unavailable'
        | 'provider_timeout'
        | null;
      /**
       * @description Why it failed, or what it waits for.
       * @example null
       */
      error: string | null;
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @example null
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
    };
    OutboundPaymentAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['OutboundPayment'];
    };
    ProviderState: {
      /**
       * @description Syncs that failed since the last one that succeeded.
       * @example 0
       */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description When a sync last failed; null: none has since activation.
       * @example 2099-05-01T09:30:00.000Z
       */
      lastErrorAt: string | null;
      /**
       * Format: date-time
       * @description End of the last sync that succeeded; null: none has.
       * @example 2099-05-01T09:30:00.000Z
       */
      lastSyncAt: string | null;
      /**
       * @description The environment that it works in.
       * @enum {string}
       */
      mode: 'sandbox' | 'live';
    };
    SyncIntervalState: {
      /** @description A schedule exists and will fire. */
      hasRepeatableJob: boolean;
      /**
       * @description Time between two syncs, in milliseconds.
       * @example 3600000
       */
      intervalMs: number;
      /**
       * Format: date-time
       * @description Absent when the schedule will not fire.
       * @example 2099-05-01T09:30:00.000Z
       */
      nextRun?: string;
    };
    FilterFinding: {
      /**
       * @description The provider’s list that is read.
       * @example patients
       */
      stream: string;
      /**
       * @description Only a filter that is honoured is used.
       * @enum {string}
       */
      state: 'honoured' | 'ignored' | 'refused' | 'unproven';
      /**
       * Format: date-time
       * @description When it was last tried.
       * @example 2099-05-01T09:30:00.000Z
       */
      checkedAt: string;
    };
    Configuration: {
      /**
       * @description Whether new unpaid invoices are stored as `open` (true) or `draft` (false).
       * @example false
       */
      autoSendInvoices: boolean;
      /**
       * @description How many days of invoices and payments a full scan reads.
       * @example 90
       */
      invoiceLookbackDays: number;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
      /**
       * @description IANA zone of the account’s times; null: unknown.
       * @example Europe/London
       */
      timezone: string | null;
      /**
       * @description Minutes between two syncs.
       * @example 60
       */
      syncIntervalMinutes: number;
      /**
       * @description Whether customers are read.
       * @example true
       */
      syncPatients: boolean;
      /**
       * @description Whether products and services are read.
       * @example true
       */
      syncProducts: boolean;
      /**
       * @description Whether packages and memberships are read.
       * @example true
       */
      syncPackages: boolean;
      /**
       * @description Whether invoices and payments are read.
       * @example true
       */
      syncInvoices: boolean;
      /**
       * @description Whether payments that are made on the platform are sent to the provider.
       * @example false
       */
      pushPayments: boolean;
      /**
       * @description Where the provider’s API answers.
       * @example https://yourclinic.practicehub.io
       */
      baseUrl: string;
      /**
       * @description The last four characters of the key.
       * @example 8c1f
       */
      credentialHint: string;
    };
    Integration: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @description Whether it is connected. */
      isActive: boolean;
      /** @description Whether it syncs by itself. */
      syncEnabled: boolean;
      /**
       * @description `connected`: active and fine. `syncing`: a sync is running. `error`: the last one failed. `idle`: not active. null: the first activation has not finished.
       * @enum {string|null}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle' | null;
      /**
       * Format: date-time
       * @description End of the last successful run since the last activation.
       * @example 2099-05-01T09:30:00.000Z
       */
      lastSyncAt: string | null;
      /** @description What the last sync failed with; null: it did not fail. */
      lastSyncError: string | null;
      /**
       * @description `degraded`: the last sync failed. `paused`: syncing by itself has stopped until `resume-sync`.
       * @enum {string}
       */
      syncHealth: 'healthy' | 'degraded' | 'paused';
      /** @description How the syncs of this integration went. */
      providerState: components['schemas']['ProviderState'];
      /** @description Its schedule. */
      syncInterval: components['schemas']['SyncIntervalState'];
      /** @description The changed-since filters that were tried on this account. */
      filters: components['schemas']['FilterFinding'][];
      /** @description Settings, and of the credential its hint and base URL only. */
      configuration: components['schemas']['Configuration'];
      /**
       * Format: date-time
       * @description When it was made.
       * @example 2099-05-01T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       * @example 2099-05-01T09:30:00.000Z
       */
      updatedAt: string;
    };
    Pagination: {
      /**
       * @description The page size that was used.
       * @example 25
       */
      limit: number;
      /**
       * @description How many entries stand before this page.
       * @example 0
       */
      offset: number;
      /**
       * @description How many entries there are in all.
       * @example 1
       */
      total: number;
      /**
       * @description Whether entries follow this page.
       * @example false
       */
      hasMore: boolean;
    };
    IntegrationList: {
      /** @description What was asked for. */
      data: components['schemas']['Integration'][];
      /** @description Which part of the whole list this is. */
      pagination: components['schemas']['Pagination'];
    };
    IntegrationAnswer: {
      /** @description null: never configured. */
      data: components['schemas']['Integration'] | null;
    };
    SettingsRequest: {
      /**
       * @description Minutes between syncs. Activation takes the provider’s default when it is left out.
       * @example 60
       */
      syncIntervalMinutes?: number;
      /**
       * @description ISO 4217. Activation takes the merchant’s default currency when it is left out.
       * @example GBP
       */
      currency?: string;
      /**
       * @description IANA zone of the account’s times; null: unknown, as it is when activation leaves it out.
       * @example Europe/London
       */
      timezone?: string | null;
      /**
       * @description How many days of invoices and payments a full scan reads.
       * @example 90
       */
      invoiceLookbackDays?: number;
      /**
       * @description Whether it syncs by itself.
       * @example true
       */
      syncEnabled?: boolean;
      /**
       * @description Customers.
       * @example true
       */
      syncPatients?: boolean;
      /**
       * @description Services and products.
       * @example true
       */
      syncProducts?: boolean;
      /**
       * @description Packages and memberships.
       * @example true
       */
      syncPackages?: boolean;
      /**
       * @description Invoices, and payments with them.
       * @example true
       */
      syncInvoices?: boolean;
      /**
       * @description Send payments made on the platform to the provider.
       * @example false
       */
      pushPayments?: boolean;
      /**
       * @description Unpaid invoices are stored as open (true) or draft (false).
       * @example false
       */
      autoSendInvoices?: boolean;
      /** @description Left out: the mappings kept from before. */
      paymentMappings?: components['schemas']['PaymentMappingRow'][];
    };
    Activated: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['Integration'];
    };
    Credentials: {
      /**
       * Format: password
       * @description The key that the provider issued.
       * @example ph_8c1f2d4e6a8b
       */
      apiKey: string;
      /**
       * Format: uri
       * @description Where the provider’s API answers. Normalised before use; https, and a public host of the provider.
       * @example https://yourclinic.practicehub.io
       */
      baseUrl: string;
      /**
       * @description Application name that is shown to the provider. Default: `"RevKeen"`.
       * @example RevKeen
       */
      appName?: string;
      /**
       * Format: email
       * @description Contact address that is shown to the provider. Default: `"info@revkeen.com"`.
       * @example info@revkeen.com
       */
      appEmail?: string;
    };
    ActivateRequest: {
      /** @description How the service reaches the merchant’s account. They are sealed before they are stored. */
      credentials: components['schemas']['Credentials'];
      /**
       * @description Minutes between syncs. Activation takes the provider’s default when it is left out.
       * @example 60
       */
      syncIntervalMinutes?: number;
      /**
       * @description ISO 4217. Activation takes the merchant’s default currency when it is left out.
       * @example GBP
       */
      currency?: string;
      /**
       * @description IANA zone of the account’s times; null: unknown, as it is when activation leaves it out.
       * @example Europe/London
       */
      timezone?: string | null;
      /**
       * @description How many days of invoices and payments a full scan reads. Default: `90`.
       * @example 90
       */
      invoiceLookbackDays?: number;
      /**
       * @description Whether it syncs by itself. Default: `true`.
       * @example true
       */
      syncEnabled?: boolean;
      /**
       * @description Customers. Default: `true`.
       * @example true
       */
      syncPatients?: boolean;
      /**
       * @description Services and products. Default: `true`.
       * @example true
       */
      syncProducts?: boolean;
      /**
       * @description Packages and memberships. Default: `true`.
       * @example true
       */
      syncPackages?: boolean;
      /**
       * @description Invoices, and payments with them. Default: `true`.
       * @example true
       */
      syncInvoices?: boolean;
      /**
       * @description Send payments made on the platform to the provider. Default: `false`.
       * @example false
       */
      pushPayments?: boolean;
      /**
       * @description Unpaid invoices are stored as open (true) or draft (false). Default: `false`.
       * @example false
       */
      autoSendInvoices?: boolean;
      /** @description Left out: the mappings kept from before. */
      paymentMappings?: components['schemas']['PaymentMappingRow'][];
    };
    DeactivateRequest: {
      /**
       * @description Only an explicit false keeps the sealed credential. Default: `true`.
       * @example true
       */
      deleteCredentials?: boolean;
    };
    Message: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /**
       * @description What was done, in one sentence for a person.
       * @example Sync resumed.
       */
      message: string;
    };
    CredentialsRequest: {
      /** @description How the service reaches the merchant’s account. They are sealed before they are stored. */
      credentials: components['schemas']['Credentials'];
    };
    CredentialTest: {
      /** @description Whether the provider took the credentials. */
      valid: boolean;
      /** @description The provider’s message, when not valid. */
      error?: string;
      /** @description The same message. */
      reason?: string;
    };
    SyncRequest: {
      /**
       * @description Read everything again, without emptying anything first. Default: `false`.
       * @example false
       */
      fullResync?: boolean;
    };
    Job: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /**
       * Format: uuid
       * @description The run’s id.
       */
      jobId: string;
    };
    StatusRequest: {
      /**
       * @description `connected`: a sync succeeded just now. `error`: one failed. `syncing`: one is running. `idle`: none is.
       * @enum {string}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /** @description With status error: what went wrong. */
      lastSyncError?: string | null;
    };
    Success: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
    };
    SyncToggleRequest: {
      /** @description true: sync by itself. false: only when asked. */
      enabled: boolean;
    };
    SyncIntervalRequest: {
      /**
       * @description Minutes between two syncs.
       * @example 60
       */
      syncIntervalMinutes: number;
    };
    Resumed: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /**
       * @description What was done, in one sentence for a person.
       * @example Sync resumed.
       */
      message: string;
      /**
       * Format: uuid
       * @description The run’s id.
       */
      jobId?: string;
    };
    InvoiceLookbackRequest: {
      /**
       * @description How many days of invoices and payments a full scan reads.
       * @example 90
       */
      invoiceLookbackDays: number;
    };
    AutoSendInvoicesRequest: {
      /** @description Whether new unpaid invoices are stored as `open` (true) or `draft` (false). */
      autoSendInvoices: boolean;
    };
    ReplacedCredential: {
      /**
       * @description Counts the credentials that were stored, from 1.
       * @example 2
       */
      version: number;
      /**
       * Format: date-time
       * @description Until when the credentials from before can be restored.
       */
      rollbackUntil: string;
    };
    CredentialsReplaced: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['ReplacedCredential'];
    };
    CredentialVersion: {
      /**
       * @description Counts the credentials that were stored, from 1.
       * @example 2
       */
      version: number;
    };
    CredentialsRolledBack: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['CredentialVersion'];
    };
    ExplainReason: {
      /**
       * @description A word for programs: it never changes its meaning.
       * @example scheduled
       */
      code: string;
      /** @description The reason, in one sentence for a person. */
      message: string;
      /**
       * Format: date-time
       * @description Since when it is so; null: not known.
       */
      since: string | null;
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @enum {string}
       */
      nextAction: 'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support';
    };
    Explanation: {
      /** @description Whether the next sync will run by itself. */
      willRun: boolean;
      /**
       * Format: date-time
       * @description When the next sync is expected to start; null: it will not by itself.
       */
      nextExpectedStart: string | null;
      /** @description The true reason first. */
      reasons: components['schemas']['ExplainReason'][];
    };
    ExplainAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['Explanation'];
    };
    Event: {
      /**
       * Format: uuid
       * @description The `webhook-id` of its deliveries.
       */
      id: string;
      /**
       * @description What kind of item it is, in the provider’s word.
       * @example sync.completed
       * @enum {string}
       */
      type:
        | 'integration.activated'
        | 'integration.deactivated'
        | 'integration.paused'
        | 'integration.resumed'
        | 'integration.credentials_rejected'
        | 'integration.credentials_expiring'
        | 'integration.degraded'
        | 'integration.recovered'
        | 'sync.completed'
        | 'sync.failed'
        | 'records.changed'
        | 'deletion_plan.held'
        | 'deletion_plan.approved'
        | 'deletion_plan.discarded'
        | 'payment.succeeded'
        | 'payment.failed'
        | 'payment.needs_review'
        | 'product_mapping.created'
        | 'product_mapping.updated'
        | 'product_mapping.deleted'
        | 'node_integration.created'
        | 'node_integration.rotated'
        | 'node_integration.deleted'
        | 'api_key.expiring'
        | 'webhook_endpoint.failing'
        | 'webhook_endpoint.disabled'
        | 'webhook_endpoint.event_parked';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /**
       * Format: uuid
       * @description null: it is about no integration.
       */
      integrationId: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @example practicehub
       * @enum {string|null}
       */
      provider: 'practicehub' | 'wodify' | 'terminal' | null;
      /** @description By type: see the webhooks of this document. */
      data: {
        [key: string]: unknown;
      };
    };
    EventPage: {
      /** @description What was asked for. */
      data: components['schemas']['Event'][];
      /**
       * @description Keep it and come back with it: also on the last page.
       * @example ZTEuMS4xMjA
       */
      nextCursor: string;
      /**
       * @description Whether entries follow this page.
       * @example false
       */
      hasMore: boolean;
    };
    EventAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['Event'];
    };
    CreateEndpointRequest: {
      /**
       * @description A note for people.
       * @example Billing
       */
      description?: string | null;
      /**
       * @description null: all types, also those that are to come.
       * @example [
       *       "sync.completed",
       *       "records.changed"
       *     ]
       */
      eventTypes?:
        | (
            | 'integration.activated'
            | 'integration.deactivated'
            | 'integration.paused'
            | 'integration.resumed'
            | 'integration.credentials_rejected'
            | 'integration.credentials_expiring'
            | 'integration.degraded'
            | 'integration.recovered'
            | 'sync.completed'
            | 'sync.failed'
            | 'records.changed'
            | 'deletion_plan.held'
            | 'deletion_plan.approved'
            | 'deletion_plan.discarded'
            | 'payment.succeeded'
            | 'payment.failed'
            | 'payment.needs_review'
            | 'product_mapping.created'
            | 'product_mapping.updated'
            | 'product_mapping.deleted'
            | 'node_integration.created'
            | 'node_integration.rotated'
            | 'node_integration.deleted'
            | 'api_key.expiring'
            | 'webhook_endpoint.failing'
            | 'webhook_endpoint.disabled'
            | 'webhook_endpoint.event_parked'
          )[]
        | null;
      /**
       * @description null: all. With a list, events that are about no provider are left out.
       * @example [
       *       "practicehub"
       *     ]
       */
      providers?: ('practicehub' | 'wodify' | 'terminal')[] | null;
      /**
       * @description null: all. With a list, events that are about no integration are left out.
       * @example [
       *       "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
       *     ]
       */
      integrationIds?: string[] | null;
      /**
       * @description `records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more. Default: `false`.
       * @example false
       */
      includeData?: boolean;
      /**
       * @description `strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again. Default: `"parallel"`.
       * @example parallel
       * @enum {string}
       */
      ordering?: 'parallel' | 'strict';
      /**
       * @description Deliveries a second; null: no limit.
       * @example 50
       */
      ratePerSecond?: number | null;
      /**
       * @description Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks. Default: `true`.
       * @example true
       */
      mirroredSignature?: boolean;
      /**
       * Format: uri
       * @description An https URL of a public host. Redirects are not followed.
       * @example https://billing.example.com/hooks/interlock
       */
      url: string;
    };
    IssuedEndpoint: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uri
       * @description An https URL of a public host. Redirects are not followed.
       * @example https://billing.example.com/hooks/interlock
       */
      url: string;
      /**
       * @description A note for people.
       * @example Billing
       */
      description: string | null;
      /**
       * @description null: all types, also those that are to come.
       * @example [
       *       "sync.completed",
       *       "records.changed"
       *     ]
       */
      eventTypes:
        | (
            | 'integration.activated'
            | 'integration.deactivated'
            | 'integration.paused'
            | 'integration.resumed'
            | 'integration.credentials_rejected'
            | 'integration.credentials_expiring'
            | 'integration.degraded'
            | 'integration.recovered'
            | 'sync.completed'
            | 'sync.failed'
            | 'records.changed'
            | 'deletion_plan.held'
            | 'deletion_plan.approved'
            | 'deletion_plan.discarded'
            | 'payment.succeeded'
            | 'payment.failed'
            | 'payment.needs_review'
            | 'product_mapping.created'
            | 'product_mapping.updated'
            | 'product_mapping.deleted'
            | 'node_integration.created'
            | 'node_integration.rotated'
            | 'node_integration.deleted'
            | 'api_key.expiring'
            | 'webhook_endpoint.failing'
            | 'webhook_endpoint.disabled'
            | 'webhook_endpoint.event_parked'
          )[]
        | null;
      /**
       * @description null: all. With a list, events that are about no provider are left out.
       * @example [
       *       "practicehub"
       *     ]
       */
      providers: ('practicehub' | 'wodify' | 'terminal')[] | null;
      /**
       * @description null: all. With a list, events that are about no integration are left out.
       * @example [
       *       "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
       *     ]
       */
      integrationIds: string[] | null;
      /**
       * @description `records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more.
       * @example false
       */
      includeData: boolean;
      /**
       * @description `strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again.
       * @example parallel
       * @enum {string}
       */
      ordering: 'parallel' | 'strict';
      /**
       * @description Deliveries a second; null: no limit.
       * @example 50
       */
      ratePerSecond: number | null;
      /**
       * @description Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks.
       * @example true
       */
      mirroredSignature: boolean;
      /**
       * @description Verifies the `v1a` signatures.
       * @example whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
       */
      publicKey: string;
      /**
       * Format: date-time
       * @description Until when the secret that was replaced signs too.
       */
      previousSecretExpiresAt: string | null;
      /**
       * @description true: sync by itself. false: only when asked.
       * @example true
       */
      enabled: boolean;
      /**
       * @description Why nothing is sent to it; null: it is sent to.
       * @example null
       * @enum {string|null}
       */
      disabledReason: 'switched_off' | 'failing' | 'gone' | null;
      /**
       * @description `degraded`: the last five tries failed.
       * @example healthy
       * @enum {string}
       */
      status: 'healthy' | 'degraded' | 'disabled';
      /**
       * @description Failed tries since the last success.
       * @example 0
       */
      consecutiveFailures: number;
      /**
       * Format: date-time
       * @description Since when every try has failed; null: the last one succeeded, or there was none.
       * @example null
       */
      failingSince: string | null;
      /**
       * Format: date-time
       * @description When it last accepted an event; null: it never did.
       */
      lastSuccessAt: string | null;
      /**
       * @description Events that are tried again, or wait behind one that is.
       * @example 0
       */
      heldEvents: number;
      /**
       * @description Events that were given up after their last try.
       * @example 0
       */
      parkedEvents: number;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * @description Shown once, here. Verifies the `v1` signatures and `X-RevKeen-Signature`.
       * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
       */
      secret: string;
    };
    IssuedEndpointAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['IssuedEndpoint'];
    };
    Endpoint: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uri
       * @description An https URL of a public host. Redirects are not followed.
       * @example https://billing.example.com/hooks/interlock
       */
      url: string;
      /**
       * @description A note for people.
       * @example Billing
       */
      description: string | null;
      /**
       * @description null: all types, also those that are to come.
       * @example [
       *       "sync.completed",
       *       "records.changed"
       *     ]
       */
      eventTypes:
        | (
            | 'integration.activated'
            | 'integration.deactivated'
            | 'integration.paused'
            | 'integration.resumed'
            | 'integration.credentials_rejected'
            | 'integration.credentials_expiring'
            | 'integration.degraded'
            | 'integration.recovered'
            | 'sync.completed'
            | 'sync.failed'
            | 'records.changed'
            | 'deletion_plan.held'
            | 'deletion_plan.approved'
            | 'deletion_plan.discarded'
            | 'payment.succeeded'
            | 'payment.failed'
            | 'payment.needs_review'
            | 'product_mapping.created'
            | 'product_mapping.updated'
            | 'product_mapping.deleted'
            | 'node_integration.created'
            | 'node_integration.rotated'
            | 'node_integration.deleted'
            | 'api_key.expiring'
            | 'webhook_endpoint.failing'
            | 'webhook_endpoint.disabled'
            | 'webhook_endpoint.event_parked'
          )[]
        | null;
      /**
       * @description null: all. With a list, events that are about no provider are left out.
       * @example [
       *       "practicehub"
       *     ]
       */
      providers: ('practicehub' | 'wodify' | 'terminal')[] | null;
      /**
       * @description null: all. With a list, events that are about no integration are left out.
       * @example [
       *       "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
       *     ]
       */
      integrationIds: string[] | null;
      /**
       * @description `records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more.
       * @example false
       */
      includeData: boolean;
      /**
       * @description `strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again.
       * @example parallel
       * @enum {string}
       */
      ordering: 'parallel' | 'strict';
      /**
       * @description Deliveries a second; null: no limit.
       * @example 50
       */
      ratePerSecond: number | null;
      /**
       * @description Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks.
       * @example true
       */
      mirroredSignature: boolean;
      /**
       * @description Verifies the `v1a` signatures.
       * @example whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
       */
      publicKey: string;
      /**
       * Format: date-time
       * @description Until when the secret that was replaced signs too.
       */
      previousSecretExpiresAt: string | null;
      /**
       * @description true: sync by itself. false: only when asked.
       * @example true
       */
      enabled: boolean;
      /**
       * @description Why nothing is sent to it; null: it is sent to.
       * @example null
       * @enum {string|null}
       */
      disabledReason: 'switched_off' | 'failing' | 'gone' | null;
      /**
       * @description `degraded`: the last five tries failed.
       * @example healthy
       * @enum {string}
       */
      status: 'healthy' | 'degraded' | 'disabled';
      /**
       * @description Failed tries since the last success.
       * @example 0
       */
      consecutiveFailures: number;
      /**
       * Format: date-time
       * @description Since when every try has failed; null: the last one succeeded, or there was none.
       * @example null
       */
      failingSince: string | null;
      /**
       * Format: date-time
       * @description When it last accepted an event; null: it never did.
       */
      lastSuccessAt: string | null;
      /**
       * @description Events that are tried again, or wait behind one that is.
       * @example 0
       */
      heldEvents: number;
      /**
       * @description Events that were given up after their last try.
       * @example 0
       */
      parkedEvents: number;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
    };
    EndpointList: {
      /** @description What was asked for. */
      data: components['schemas']['Endpoint'][];
    };
    EndpointAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['Endpoint'];
    };
    UpdateEndpointRequest: {
      /**
       * @description A note for people.
       * @example Billing
       */
      description?: string | null;
      /**
       * @description null: all types, also those that are to come.
       * @example [
       *       "sync.completed",
       *       "records.changed"
       *     ]
       */
      eventTypes?:
        | (
            | 'integration.activated'
            | 'integration.deactivated'
            | 'integration.paused'
            | 'integration.resumed'
            | 'integration.credentials_rejected'
            | 'integration.credentials_expiring'
            | 'integration.degraded'
            | 'integration.recovered'
            | 'sync.completed'
            | 'sync.failed'
            | 'records.changed'
            | 'deletion_plan.held'
            | 'deletion_plan.approved'
            | 'deletion_plan.discarded'
            | 'payment.succeeded'
            | 'payment.failed'
            | 'payment.needs_review'
            | 'product_mapping.created'
            | 'product_mapping.updated'
            | 'product_mapping.deleted'
            | 'node_integration.created'
            | 'node_integration.rotated'
            | 'node_integration.deleted'
            | 'api_key.expiring'
            | 'webhook_endpoint.failing'
            | 'webhook_endpoint.disabled'
            | 'webhook_endpoint.event_parked'
          )[]
        | null;
      /**
       * @description null: all. With a list, events that are about no provider are left out.
       * @example [
       *       "practicehub"
       *     ]
       */
      providers?: ('practicehub' | 'wodify' | 'terminal')[] | null;
      /**
       * @description null: all. With a list, events that are about no integration are left out.
       * @example [
       *       "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
       *     ]
       */
      integrationIds?: string[] | null;
      /**
       * @description `records.changed` comes with the records, newest versions, as many as fit into 20 kB; `hasMoreRecords` says that there are more.
       * @example false
       */
      includeData?: boolean;
      /**
       * @description `strict`: an event of an integration is sent when the one before was taken, or given up. `parallel`: several at a time, and later ones go on while one is tried again.
       * @example parallel
       * @enum {string}
       */
      ordering?: 'parallel' | 'strict';
      /**
       * @description Deliveries a second; null: no limit.
       * @example 50
       */
      ratePerSecond?: number | null;
      /**
       * @description Whether `X-RevKeen-Signature` is sent beside the headers of Standard Webhooks.
       * @example true
       */
      mirroredSignature?: boolean;
      /**
       * Format: uri
       * @description An https URL of a public host. Redirects are not followed.
       * @example https://billing.example.com/hooks/interlock
       */
      url?: string;
      /**
       * @description `false`: nothing is sent. `true`: it goes on where it stands, so that nothing is lost.
       * @example true
       */
      enabled?: boolean;
    };
    DeletedEndpoint: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
    };
    RotateEndpointSecretRequest: {
      /**
       * @description How long the old secret signs too. 0: not at all. Default: `86400`.
       * @example 86400
       */
      overlapSeconds?: number;
    };
    RotatedSecret: {
      /**
       * @description Shown once, here. Verifies the `v1` signatures and `X-RevKeen-Signature`.
       * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
       */
      secret: string;
      /**
       * @description Verifies the `v1a` signature, with `whpk_` before it.
       * @example whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
       */
      publicKey: string;
      /**
       * Format: date-time
       * @description Until when events are signed with the former secret as well.
       */
      previousSecretExpiresAt: string | null;
    };
    RotatedSecretAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['RotatedSecret'];
    };
    Attempt: {
      /**
       * Format: uuid
       * @description The `webhook-id`; of a test, an id that is no event’s.
       */
      eventId: string;
      /**
       * @description What happened.
       * @example sync.completed
       * @enum {string}
       */
      eventType:
        | 'integration.activated'
        | 'integration.deactivated'
        | 'integration.paused'
        | 'integration.resumed'
        | 'integration.credentials_rejected'
        | 'integration.credentials_expiring'
        | 'integration.degraded'
        | 'integration.recovered'
        | 'sync.completed'
        | 'sync.failed'
        | 'records.changed'
        | 'deletion_plan.held'
        | 'deletion_plan.approved'
        | 'deletion_plan.discarded'
        | 'payment.succeeded'
        | 'payment.failed'
        | 'payment.needs_review'
        | 'product_mapping.created'
        | 'product_mapping.updated'
        | 'product_mapping.deleted'
        | 'node_integration.created'
        | 'node_integration.rotated'
        | 'node_integration.deleted'
        | 'api_key.expiring'
        | 'webhook_endpoint.failing'
        | 'webhook_endpoint.disabled'
        | 'webhook_endpoint.event_parked';
      /**
       * @description Which try it was, from 1.
       * @example 1
       */
      attempt: number;
      /**
       * Format: date-time
       * @description When it was sent.
       */
      attemptedAt: string;
      /**
       * @description From start to end in milliseconds; null: not ended.
       * @example 84
       */
      durationMs: number;
      /**
       * @description null: there was no answer.
       * @example 200
       */
      status: number | null;
      /**
       * @description null: the event was taken.
       * @example null
       */
      error: string | null;
      /**
       * @description The first kilobyte of the answer, masked.
       * @example ok
       */
      answer: string | null;
      /**
       * @description What follows: `parked` was the last try, `disabled` switched the endpoint off.
       * @example none
       * @enum {string}
       */
      nextAction: 'none' | 'retry' | 'parked' | 'disabled';
      /**
       * Format: date-time
       * @description When it is sent again; null: it is not.
       * @example null
       */
      nextAttemptAt: string | null;
    };
    AttemptPage: {
      /** @description What was asked for. */
      data: components['schemas']['Attempt'][];
      /**
       * @description The `cursor` of older ones; null: there are none.
       * @example null
       */
      nextCursor: string | null;
      /**
       * @description Whether entries follow this page.
       * @example false
       */
      hasMore: boolean;
    };
    TestEndpointRequest: {
      /**
       * @description What kind of item it is, in the provider’s word. Default: `"sync.completed"`.
       * @example sync.completed
       * @enum {string}
       */
      type?:
        | 'integration.activated'
        | 'integration.deactivated'
        | 'integration.paused'
        | 'integration.resumed'
        | 'integration.credentials_rejected'
        | 'integration.credentials_expiring'
        | 'integration.degraded'
        | 'integration.recovered'
        | 'sync.completed'
        | 'sync.failed'
        | 'records.changed'
        | 'deletion_plan.held'
        | 'deletion_plan.approved'
        | 'deletion_plan.discarded'
        | 'payment.succeeded'
        | 'payment.failed'
        | 'payment.needs_review'
        | 'product_mapping.created'
        | 'product_mapping.updated'
        | 'product_mapping.deleted'
        | 'node_integration.created'
        | 'node_integration.rotated'
        | 'node_integration.deleted'
        | 'api_key.expiring'
        | 'webhook_endpoint.failing'
        | 'webhook_endpoint.disabled'
        | 'webhook_endpoint.event_parked';
    };
    AttemptAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['Attempt'];
    };
    ReplayRequest: {
      /**
       * Format: uuid
       * @description One event, also one that was given up. Without `from` and `to`.
       */
      eventId?: string;
      /**
       * Format: date-time
       * @description Events from this time on. Must be there where there is no `eventId`.
       * @example null
       */
      from?: string | null;
      /**
       * Format: date-time
       * @description Events before this time; null or left out: all up to now.
       * @example null
       */
      to?: string | null;
    };
    Replayed: {
      /**
       * @description Events that are sent once more.
       * @example 12
       */
      events: number;
    };
    ReplayAnswer: {
      /**
       * @description Always true. A failure is an answer with another status, in the shape of `ErrorBody`.
       * @example true
       * @enum {boolean}
       */
      success: true;
      /** @description What was asked for. */
      data: components['schemas']['Replayed'];
    };
    EndpointReason: {
      /**
       * @description A word for programs: it never changes its meaning.
       * @example up_to_date
       */
      code: string;
      /**
       * @description What was done, in one sentence for a person.
       * @example Everything was delivered.
       */
      message: string;
      /**
       * Format: date-time
       * @description Since when it is so; null: not known.
       * @example null
       */
      since: string | null;
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @example none
       * @enum {string}
       */
      nextAction: 'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support';
    };
    EndpointExplanation: {
      /**
       * @description What happens now is sent without anybody doing anything.
       * @example true
       */
      willDeliver: boolean;
      /** @description Ordered, the true one first. */
      reasons: components['schemas']['EndpointReason'][];
    };
    EndpointExplanationAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['EndpointExplanation'];
    };
    Capabilities: {
      /** @description Its payment methods can be listed. */
      paymentMethods: boolean;
      /** @description Paid payments can be pushed to it. */
      pushPayments: boolean;
      /** @description It has packages or memberships. */
      packages: boolean;
    };
    Provider: {
      /**
       * @description What a path names the provider by.
       * @example practicehub
       * @enum {string}
       */
      id: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description What people call the provider.
       * @example PracticeHub
       */
      name: string;
      /**
       * @description JSON Schema of `credentials`.
       * @example {
       *       "type": "object",
       *       "required": [
       *         "apiKey",
       *         "baseUrl"
       *       ]
       *     }
       */
      credentialSchema: {
        [key: string]: unknown;
      };
      /**
       * @description Minutes between two syncs where an activation names none.
       * @example 60
       */
      defaultIntervalMinutes: number;
      /**
       * @description The shortest interval that the provider bears, in minutes.
       * @example 5
       */
      minimumIntervalMinutes: number;
      /**
       * @description What of the provider can be read.
       * @example [
       *       "customers",
       *       "invoices"
       *     ]
       */
      resources: ('customers' | 'products' | 'invoices' | 'payments' | 'devices')[];
      /** @description What else the provider can do. */
      capabilities: components['schemas']['Capabilities'];
      /**
       * Format: uri
       * @description The provider’s own documentation.
       * @example https://practicehub.io
       */
      docsUrl: string;
    };
    ProviderList: {
      /** @description What was asked for. */
      data: components['schemas']['Provider'][];
    };
    ProviderAnswer: {
      /** @description What was asked for. */
      data: components['schemas']['Provider'];
    };
    /**
     * SyncedRecord
     * @description One synced record. `resourceType` says which one it is.
     */
    SyncedRecord:
      | components['schemas']['CustomerRecord']
      | components['schemas']['ProductRecord']
      | components['schemas']['InvoiceRecord']
      | components['schemas']['PaymentRecord']
      | components['schemas']['DeviceRecord'];
    /**
     * @example {
     *       "error": "The request is not valid.",
     *       "code": "invalid_request",
     *       "requestId": "0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11",
     *       "nextAction": "fix_request",
     *       "details": {
     *         "fields": {
     *           "credentials.apiKey": [
     *             "must not be empty"
     *           ]
     *         }
     *       }
     *     }
     */
    ErrorBody: {
      /** @description What went wrong, in one sentence. */
      error: string;
      /**
       * @description From a closed catalogue; never changes its meaning.
       * @enum {string}
       */
      code:
        | 'invalid_request'
        | 'provider_credentials_rejected'
        | 'not_active'
        | 'sync_paused'
        | 'unauthenticated'
        | 'permission_denied'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'rate_limited'
        | 'internal_error'
        | 'provider_error'
        | 'unavailable'
        | 'provider_timeout';
      /** @description Equals the x-request-id header. */
      requestId: string;
      /**
       * @description What the caller can do about it.
       * @enum {string}
       */
      nextAction: 'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support';
      /** @description Validation errors only. */
      details?: {
        /** @description Field path to the rules it breaks; never the rejected value. */
        fields: {
          [key: string]: string[];
        };
      };
    };
    /** @description An integration was activated; its first sync follows. */
    IntegrationActivatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.activated';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Whether it had been active before.
         * @example false
         */
        reactivated: boolean;
      };
    };
    /** @description An integration was deactivated. Nothing is synced until it is activated again. */
    IntegrationDeactivatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.deactivated';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
      };
    };
    /** @description Automatic sync stopped: switched off by the merchant, by an operator, or after failures. */
    IntegrationPausedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.paused';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Who stopped it: the merchant, an operator, or repeated failures.
         * @example failures
         * @enum {string}
         */
        cause: 'merchant' | 'operator' | 'failures';
      };
    };
    /** @description Automatic sync goes on, after a pause. */
    IntegrationResumedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.resumed';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
      };
    };
    /** @description The provider rejected the stored credentials. Automatic sync is paused until they are replaced. */
    IntegrationCredentialsRejectedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.credentials_rejected';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description For people, at most 200 characters.
         * @example The provider answered with an error.
         */
        error: string | null;
      };
    };
    /** @description The stored credentials end at the provider within seven days, as the provider said when they were tested. */
    IntegrationCredentialsExpiringEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.credentials_expiring';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: date-time
         * @description When they end.
         * @example 2099-05-01T09:30:00.000Z
         */
        expiresAt: string;
      };
    };
    /** @description A sync failed after one that had succeeded. */
    IntegrationDegradedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.degraded';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Of the error catalogue.
         * @example provider_error
         */
        errorCode: string | null;
        /**
         * @description For people, at most 200 characters.
         * @example The provider answered with an error.
         */
        error: string | null;
      };
    };
    /** @description A sync succeeded after others had failed. */
    IntegrationRecoveredEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'integration.recovered';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
      };
    };
    /** @description A sync run succeeded. */
    SyncCompletedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'sync.completed';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: uuid
         * @description The run that it belongs to; log entries carry it as `jobId`.
         * @example 0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44
         */
        runId: string;
        /**
         * @description In all resources.
         * @example 3
         */
        recordsCreated: number;
        /**
         * @description In all resources.
         * @example 12
         */
        recordsUpdated: number;
        /**
         * @description In all resources.
         * @example 0
         */
        recordsDeleted: number;
      };
    };
    /** @description A sync run failed. */
    SyncFailedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'sync.failed';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: uuid
         * @description The run that it belongs to; log entries carry it as `jobId`.
         * @example 0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44
         */
        runId: string;
        /**
         * @description Of the error catalogue.
         * @example provider_error
         */
        errorCode: string | null;
        /**
         * @description For people, at most 200 characters.
         * @example The provider answered with an error.
         */
        error: string | null;
      };
    };
    /** @description Records of one resource changed: those at the feed positions after `from`, up to `to`. Read them with `cursor` from the change feed of the resource. */
    RecordsChangedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'records.changed';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Of the change feed.
         * @example invoices
         */
        resourceType: string;
        /**
         * @description Feed position before the first of these changes.
         * @example 1200
         */
        from: number;
        /**
         * @description Feed position of the last of these changes.
         * @example 1212
         */
        to: number;
        /**
         * @description Records that are newest in this range and were created.
         * @example 2
         */
        created: number;
        /**
         * @description Records that are newest in this range and were updated.
         * @example 9
         */
        updated: number;
        /**
         * @description Records that are newest in this range and were deleted.
         * @example 1
         */
        deleted: number;
        /**
         * @description The feed cursor that stands before the first of these changes.
         * @example ZjIuMS4wYTFiMmMzZC4xMjAw
         */
        cursor: string;
        /** @description For endpoints with `includeData`: the newest versions, as many as fit. */
        records?: components['schemas']['SyncedRecord'][];
        /** @description There are more than `records` holds: read them with `cursor`. */
        hasMoreRecords?: boolean;
      };
    };
    /** @description A scan missed so many rows that an operator decides whether they are deleted. */
    DeletionPlanHeldEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'deletion_plan.held';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Of the change feed.
         * @example invoices
         */
        resourceType: string;
        /**
         * @description Rows that the scan missed.
         * @example 120
         */
        rows: number;
      };
    };
    /** @description An operator approved the deletions that a scan had concluded. */
    DeletionPlanApprovedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'deletion_plan.approved';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Of the change feed.
         * @example invoices
         */
        resourceType: string;
        /**
         * @description Rows that the scan missed.
         * @example 120
         */
        rows: number;
        /**
         * @description Records that were deleted.
         * @example 118
         */
        deleted: number;
      };
    };
    /** @description An operator discarded the deletions that a scan had concluded. */
    DeletionPlanDiscardedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'deletion_plan.discarded';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Of the change feed.
         * @example invoices
         */
        resourceType: string;
        /**
         * @description Rows that the scan missed.
         * @example 120
         */
        rows: number;
      };
    };
    /** @description A payment was pushed to the provider. */
    PaymentSucceededEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'payment.succeeded';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: uuid
         * @description The payment, as `id` of `/v2/integrations/{provider}/payments`.
         * @example 5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10
         */
        paymentId: string;
        /**
         * @description Minor units.
         * @example 4500
         */
        amountMinor: number;
        /**
         * @description ISO 4217.
         * @example GBP
         */
        currency: string;
      };
    };
    /** @description A payment could not be pushed; the provider has nothing of it. */
    PaymentFailedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'payment.failed';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: uuid
         * @description The payment, as `id` of `/v2/integrations/{provider}/payments`.
         * @example 5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10
         */
        paymentId: string;
        /**
         * @description Minor units.
         * @example 4500
         */
        amountMinor: number;
        /**
         * @description ISO 4217.
         * @example GBP
         */
        currency: string;
        /**
         * @description Of the error catalogue.
         * @example provider_error
         */
        errorCode: string | null;
      };
    };
    /** @description Nobody knows whether the provider took a payment: a person has to look. */
    PaymentNeedsReviewEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'payment.needs_review';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * Format: uuid
         * @description The payment, as `id` of `/v2/integrations/{provider}/payments`.
         * @example 5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10
         */
        paymentId: string;
        /**
         * @description Minor units.
         * @example 4500
         */
        amountMinor: number;
        /**
         * @description ISO 4217.
         * @example GBP
         */
        currency: string;
      };
    };
    /** @description An external product was mapped. */
    ProductMappingCreatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'product_mapping.created';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Id of the item at the provider, with its kind before it where products are meant.
         * @example membership:70
         */
        externalId: string;
        /**
         * Format: uuid
         * @description The merchant’s own product, as `id` of `/v2/products`.
         * @example 4a1d6c0e-7b3f-4c55-8a21-9e0f3d5b6c77
         */
        internalId: string;
      };
    };
    /** @description An external product was mapped to another product. */
    ProductMappingUpdatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'product_mapping.updated';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Id of the item at the provider, with its kind before it where products are meant.
         * @example membership:70
         */
        externalId: string;
        /**
         * Format: uuid
         * @description The merchant’s own product, as `id` of `/v2/products`.
         * @example 4a1d6c0e-7b3f-4c55-8a21-9e0f3d5b6c77
         */
        internalId: string;
      };
    };
    /** @description An external product is no longer mapped. */
    ProductMappingDeletedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'product_mapping.deleted';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The integration that it belongs to.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description An id of `GET /v2/providers`.
         * @example practicehub
         */
        provider: string;
        /**
         * @description Id of the item at the provider, with its kind before it where products are meant.
         * @example membership:70
         */
        externalId: string;
      };
    };
    /** @description A key and secret were made for a node of the merchant. */
    NodeIntegrationCreatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'node_integration.created';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The key with its secret, as `/api/v1/integrations` names it.
         * @example 2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21
         */
        nodeIntegrationId: string;
        /**
         * Format: uuid
         * @description The node that the key belongs to.
         * @example 9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60
         */
        nodeId: string;
      };
    };
    /** @description The secret of a node’s key was replaced. */
    NodeIntegrationRotatedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'node_integration.rotated';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The key with its secret, as `/api/v1/integrations` names it.
         * @example 2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21
         */
        nodeIntegrationId: string;
        /**
         * Format: uuid
         * @description The node that the key belongs to.
         * @example 9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60
         */
        nodeId: string;
      };
    };
    /** @description A node’s key was deleted. */
    NodeIntegrationDeletedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'node_integration.deleted';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The key with its secret, as `/api/v1/integrations` names it.
         * @example 2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21
         */
        nodeIntegrationId: string;
        /**
         * Format: uuid
         * @description The node that the key belongs to.
         * @example 9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60
         */
        nodeId: string;
      };
    };
    /** @description An API key of the merchant ends within seven days. */
    ApiKeyExpiringEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'api_key.expiring';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The API key.
         * @example e3b0c442-98fc-4c14-9afb-f4c8996fb924
         */
        apiKeyId: string;
        /**
         * @description A name for people.
         * @example Billing back end
         */
        name: string;
        /**
         * Format: date-time
         * @description When the key ends.
         * @example 2099-05-01T09:30:00.000Z
         */
        expiresAt: string;
      };
    };
    /** @description Deliveries to another endpoint have done nothing but fail for half, or three quarters, of five days. */
    WebhookEndpointFailingEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'webhook_endpoint.failing';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The endpoint that this is about, never the one that it is sent to.
         * @example c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90
         */
        endpointId: string;
        /**
         * Format: date-time
         * @description The first failure.
         * @example 2099-05-01T09:30:00.000Z
         */
        failingSince: string;
        /**
         * Format: date-time
         * @description When it is switched off.
         * @example 2099-05-01T09:30:00.000Z
         */
        disablesAt: string;
      };
    };
    /** @description Another endpoint was switched off: after five days of failures only, or because it answered 410. */
    WebhookEndpointDisabledEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'webhook_endpoint.disabled';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The endpoint that this is about, never the one that it is sent to.
         * @example c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90
         */
        endpointId: string;
        /**
         * @description Why: nothing but failures for five days, or an answer of 410.
         * @example failing
         * @enum {string}
         */
        reason: 'failing' | 'gone';
      };
    };
    /** @description Another endpoint refused an event until its tries were used up. Replay it by its id. */
    WebhookEndpointEventParkedEvent: {
      /**
       * @description What happened.
       * @constant
       */
      type: 'webhook_endpoint.event_parked';
      /**
       * Format: date-time
       * @description When it happened.
       */
      timestamp: string;
      /** @description What it happened to. */
      data: {
        /**
         * Format: uuid
         * @description The endpoint that this is about, never the one that it is sent to.
         * @example c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90
         */
        endpointId: string;
        /**
         * Format: uuid
         * @description The event, as its `webhook-id` and `GET /v2/events/{eventId}` name it.
         * @example 1c9b5f3a-0e7d-4a62-8b4f-6d2c0a9e7f31
         */
        eventId: string;
        /**
         * @description What happened.
         * @example sync.completed
         */
        eventType: string;
      };
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: {
    /**
     * @description The caller’s own when it was a sane token, else made; log lines carry it.
     * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
     */
    RequestId: string;
    /**
     * @description The version that the answer is of.
     * @example 2026-05-01
     */
    ApiVersion: '2026-05-01';
    /**
     * @description Requests that can be made at once: the burst. Absent when rate limits are switched off.
     * @example 2000
     */
    RateLimitLimit: string;
    /**
     * @description Requests that are left of the burst.
     * @example 1999
     */
    RateLimitRemaining: string;
    /**
     * @description When the full burst is there again, in Unix seconds.
     * @example 4081308600
     */
    RateLimitReset: string;
    /**
     * @description Present when the answer is the stored one of an earlier request with this Idempotency-Key.
     * @example true
     */
    IdempotencyReplayed: 'true';
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  listIntegrations: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description How many entries to leave out before the page. */
        offset?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "practicehub",
           *           "isActive": true,
           *           "syncEnabled": true,
           *           "status": "connected",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncError": null,
           *           "syncHealth": "healthy",
           *           "providerState": {
           *             "consecutiveErrors": 0,
           *             "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *             "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *             "mode": "sandbox"
           *           },
           *           "syncInterval": {
           *             "hasRepeatableJob": true,
           *             "intervalMs": 3600000,
           *             "nextRun": "2099-05-01T09:30:00.000Z"
           *           },
           *           "filters": [
           *             {
           *               "stream": "patients",
           *               "state": "honoured",
           *               "checkedAt": "2099-05-01T09:30:00.000Z"
           *             }
           *           ],
           *           "configuration": {
           *             "autoSendInvoices": false,
           *             "invoiceLookbackDays": 90,
           *             "currency": "GBP",
           *             "timezone": "Europe/London",
           *             "syncIntervalMinutes": 60,
           *             "syncPatients": true,
           *             "syncProducts": true,
           *             "syncPackages": true,
           *             "syncInvoices": true,
           *             "pushPayments": false,
           *             "baseUrl": "https://yourclinic.practicehub.io",
           *             "credentialHint": "8c1f"
           *           },
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "updatedAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "pagination": {
           *         "limit": 25,
           *         "offset": 0,
           *         "total": 1,
           *         "hasMore": false
           *       }
           *     }
           */
          'application/json': components['schemas']['IntegrationList'];
        };
      };
    };
  };
  getIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "practicehub",
           *         "isActive": true,
           *         "syncEnabled": true,
           *         "status": "connected",
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastSyncError": null,
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2099-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2099-05-01T09:30:00.000Z"
           *           }
           *         ],
           *         "configuration": {
           *           "autoSendInvoices": false,
           *           "invoiceLookbackDays": 90,
           *           "currency": "GBP",
           *           "timezone": "Europe/London",
           *           "syncIntervalMinutes": 60,
           *           "syncPatients": true,
           *           "syncProducts": true,
           *           "syncPackages": true,
           *           "syncInvoices": true,
           *           "pushPayments": false,
           *           "baseUrl": "https://yourclinic.practicehub.io",
           *           "credentialHint": "8c1f"
           *         },
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['IntegrationAnswer'];
        };
      };
    };
  };
  updateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "syncIntervalMinutes": 60,
         *       "currency": "GBP",
         *       "timezone": "Europe/London",
         *       "invoiceLookbackDays": 90,
         *       "syncEnabled": true,
         *       "syncPatients": true,
         *       "syncProducts": true,
         *       "syncPackages": true,
         *       "syncInvoices": true,
         *       "pushPayments": false,
         *       "autoSendInvoices": false,
         *       "paymentMappings": [
         *         {
         *           "id": "card",
         *           "revkeenMethod": "card",
         *           "practiceHubMethodId": "2"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['SettingsRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "practicehub",
           *         "isActive": true,
           *         "syncEnabled": true,
           *         "status": "connected",
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastSyncError": null,
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2099-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2099-05-01T09:30:00.000Z"
           *           }
           *         ],
           *         "configuration": {
           *           "autoSendInvoices": false,
           *           "invoiceLookbackDays": 90,
           *           "currency": "GBP",
           *           "timezone": "Europe/London",
           *           "syncIntervalMinutes": 60,
           *           "syncPatients": true,
           *           "syncProducts": true,
           *           "syncPackages": true,
           *           "syncInvoices": true,
           *           "pushPayments": false,
           *           "baseUrl": "https://yourclinic.practicehub.io",
           *           "credentialHint": "8c1f"
           *         },
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['Activated'];
        };
      };
    };
  };
  activateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f2d4e6a8b",
         *         "baseUrl": "https://yourclinic.practicehub.io",
         *         "appName": "RevKeen",
         *         "appEmail": "info@revkeen.com"
         *       },
         *       "syncIntervalMinutes": 60,
         *       "currency": "GBP",
         *       "timezone": "Europe/London",
         *       "invoiceLookbackDays": 90,
         *       "syncEnabled": true,
         *       "syncPatients": true,
         *       "syncProducts": true,
         *       "syncPackages": true,
         *       "syncInvoices": true,
         *       "pushPayments": false,
         *       "autoSendInvoices": false,
         *       "paymentMappings": [
         *         {
         *           "id": "card",
         *           "revkeenMethod": "card",
         *           "practiceHubMethodId": "2"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['ActivateRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "practicehub",
           *         "isActive": true,
           *         "syncEnabled": true,
           *         "status": "connected",
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastSyncError": null,
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2099-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2099-05-01T09:30:00.000Z"
           *           }
           *         ],
           *         "configuration": {
           *           "autoSendInvoices": false,
           *           "invoiceLookbackDays": 90,
           *           "currency": "GBP",
           *           "timezone": "Europe/London",
           *           "syncIntervalMinutes": 60,
           *           "syncPatients": true,
           *           "syncProducts": true,
           *           "syncPackages": true,
           *           "syncInvoices": true,
           *           "pushPayments": false,
           *           "baseUrl": "https://yourclinic.practicehub.io",
           *           "credentialHint": "8c1f"
           *         },
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['Activated'];
        };
      };
    };
  };
  deactivateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "deleteCredentials": true
         *     }
         */
        'application/json': components['schemas']['DeactivateRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "message": "Sync resumed."
           *     }
           */
          'application/json': components['schemas']['Message'];
        };
      };
    };
  };
  testCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f2d4e6a8b",
         *         "baseUrl": "https://yourclinic.practicehub.io",
         *         "appName": "RevKeen",
         *         "appEmail": "info@revkeen.com"
         *       }
         *     }
         */
        'application/json': components['schemas']['CredentialsRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "valid": true
           *     }
           */
          'application/json': components['schemas']['CredentialTest'];
        };
      };
    };
  };
  syncIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "fullResync": false
         *     }
         */
        'application/json': components['schemas']['SyncRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *     }
           */
          'application/json': components['schemas']['Job'];
        };
      };
    };
  };
  reportIntegrationStatus: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "status": "connected"
         *     }
         */
        'application/json': components['schemas']['StatusRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['Success'];
        };
      };
    };
  };
  toggleSync: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "enabled": true
         *     }
         */
        'application/json': components['schemas']['SyncToggleRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['Success'];
        };
      };
    };
  };
  setSyncInterval: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "syncIntervalMinutes": 60
         *     }
         */
        'application/json': components['schemas']['SyncIntervalRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['Success'];
        };
      };
    };
  };
  resumeSync: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "message": "Sync resumed.",
           *       "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *     }
           */
          'application/json': components['schemas']['Resumed'];
        };
      };
    };
  };
  setInvoiceLookback: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "invoiceLookbackDays": 90
         *     }
         */
        'application/json': components['schemas']['InvoiceLookbackRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['Success'];
        };
      };
    };
  };
  setAutoSendInvoices: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "autoSendInvoices": true
         *     }
         */
        'application/json': components['schemas']['AutoSendInvoicesRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['Success'];
        };
      };
    };
  };
  replaceCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f2d4e6a8b",
         *         "baseUrl": "https://yourclinic.practicehub.io",
         *         "appName": "RevKeen",
         *         "appEmail": "info@revkeen.com"
         *       }
         *     }
         */
        'application/json': components['schemas']['CredentialsRequest'];
      };
    };
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "version": 2,
           *         "rollbackUntil": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['CredentialsReplaced'];
        };
      };
    };
  };
  rollbackCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "version": 2
           *       }
           *     }
           */
          'application/json': components['schemas']['CredentialsRolledBack'];
        };
      };
    };
  };
  explainIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "willRun": true,
           *         "nextExpectedStart": "2099-05-01T09:30:00.000Z",
           *         "reasons": [
           *           {
           *             "code": "scheduled",
           *             "message": "The schedule starts it.",
           *             "since": "2099-05-01T09:30:00.000Z",
           *             "nextAction": "none"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['ExplainAnswer'];
        };
      };
    };
  };
  eraseIntegrationData: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      202: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *     }
           */
          'application/json': components['schemas']['Job'];
        };
      };
    };
  };
  listPaymentMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description At most 500. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": [
           *         {
           *           "id": "card",
           *           "revkeenMethod": "card",
           *           "practiceHubMethodId": "2"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaymentMappingList'];
        };
      };
    };
  };
  replacePaymentMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "mappings": [
         *         {
         *           "id": "card",
         *           "revkeenMethod": "card",
         *           "practiceHubMethodId": "2"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['PutPaymentMappingsRequest'];
      };
    };
    responses: {
      /** @description The list is now this one. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['MappingDone'];
        };
      };
    };
  };
  listPaymentMethods: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description As the provider lists them. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "id": 2,
           *           "name": "Card",
           *           "active": true,
           *           "sort_order": 20
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaymentMethodList'];
        };
      };
    };
  };
  lookUpPaymentMethods: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "baseUrl": "https://yourclinic.practicehub.io",
         *       "apiKey": "ph_8c1f2d4e6a8b",
         *       "contactEmail": "info@revkeen.com"
         *     }
         */
        'application/json': components['schemas']['OneShotCredentialsRequest'];
      };
    };
    responses: {
      /** @description As the provider lists them. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "id": 2,
           *           "name": "Card",
           *           "active": true,
           *           "sort_order": 20
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaymentMethodList'];
        };
      };
    };
  };
  listSyncStates: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One state per resource type. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": [
           *         {
           *           "resourceType": "invoices",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncStatus": "success",
           *           "itemsProcessed": 120,
           *           "lastSyncError": null,
           *           "cursor": "2099-06-01T08:59:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['SyncStateList'];
        };
      };
    };
  };
  listSyncLogs: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description How many entries to leave out before the page. */
        offset?: number;
        /** @description Only entries of this integration. */
        integrationId?: string;
        /** @description Only entries of this kind of record. */
        resourceType?: string;
        /** @description Only entries of this run. */
        jobId?: string;
        /** @description Only those with this status. */
        status?: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
        /** @description Only entries whose run was asked for like this. */
        jobType?: 'scheduled' | 'manual' | 'single_retry' | 'batch_retry';
        /** @description Inclusive. */
        createdAfter?: string;
        /** @description Exclusive. */
        createdBefore?: string;
        /** @description Only the newest entry of each resource type among those that the other filters leave. */
        latestOnly?: 'true' | 'false';
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of the log. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": [
           *         {
           *           "id": "5a0f6f0c-9f5d-4d35-9a1a-0d0b8f0f2a41",
           *           "integrationId": "0f6d1e3a-7a55-4a9e-8a39-2f8b6b8f7c10",
           *           "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "practicehub",
           *           "resourceType": "customers",
           *           "status": "success",
           *           "jobType": "scheduled",
           *           "attempt": 1,
           *           "startedAt": "2099-05-01T09:30:00.000Z",
           *           "finishedAt": "2099-05-01T09:30:00.000Z",
           *           "durationMs": 1840,
           *           "recordsFetched": 120,
           *           "recordsCreated": 3,
           *           "recordsUpdated": 2,
           *           "recordsUnchanged": 115,
           *           "recordsDeleted": 0,
           *           "recordsQuarantined": 0,
           *           "notes": [
           *             {
           *               "code": "filter_ignored",
           *               "message": "The provider ignores its changed-since filter; the whole list was read and compared."
           *             }
           *           ],
           *           "errorCode": null,
           *           "error": null,
           *           "nextAction": null,
           *           "createdAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "pagination": {
           *         "limit": 25,
           *         "offset": 0,
           *         "total": 1,
           *         "hasMore": false
           *       }
           *     }
           */
          'application/json': components['schemas']['SyncLogList'];
        };
      };
    };
  };
  getSyncLog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of an entry of the log.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        logId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "5a0f6f0c-9f5d-4d35-9a1a-0d0b8f0f2a41",
           *         "integrationId": "0f6d1e3a-7a55-4a9e-8a39-2f8b6b8f7c10",
           *         "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "practicehub",
           *         "resourceType": "customers",
           *         "status": "success",
           *         "jobType": "scheduled",
           *         "attempt": 1,
           *         "startedAt": "2099-05-01T09:30:00.000Z",
           *         "finishedAt": "2099-05-01T09:30:00.000Z",
           *         "durationMs": 1840,
           *         "recordsFetched": 120,
           *         "recordsCreated": 3,
           *         "recordsUpdated": 2,
           *         "recordsUnchanged": 115,
           *         "recordsDeleted": 0,
           *         "recordsQuarantined": 0,
           *         "notes": [
           *           {
           *             "code": "filter_ignored",
           *             "message": "The provider ignores its changed-since filter; the whole list was read and compared."
           *           }
           *         ],
           *         "errorCode": null,
           *         "error": null,
           *         "nextAction": null,
           *         "createdAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['SyncLogAnswer'];
        };
      };
    };
  };
  retrySyncLog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of an entry of the log.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        logId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A run will do it: a new one, or one that was under way. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': components['schemas']['RetryAnswer'];
        };
      };
    };
  };
  retrySyncLogs: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "resourceType": "invoices",
         *       "limit": 100
         *     }
         */
        'application/json': components['schemas']['BatchRetryRequest'];
      };
    };
    responses: {
      /** @description How many entries will be tried again. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "queued": 2,
           *         "skipped": 1
           *       }
           *     }
           */
          'application/json': components['schemas']['BatchRetryAnswer'];
        };
      };
    };
  };
  getSyncStats: {
    parameters: {
      query?: {
        /** @description How far back the window reaches; a larger number is clamped. */
        days?: number;
      };
      header?: never;
      path: {
        /**
         * @description Id of the integration, as `GET /v2/integrations` lists it.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description `runs` counts runs. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "runs": 24,
           *         "succeeded": 23,
           *         "failed": 1,
           *         "skipped": 0,
           *         "recordsFetched": 2880,
           *         "recordsCreated": 30,
           *         "recordsUpdated": 12,
           *         "recordsUnchanged": 2838,
           *         "recordsDeleted": 0,
           *         "averageDurationMs": 1840,
           *         "lastRunAt": "2099-05-01T09:30:00.000Z",
           *         "window": {
           *           "from": "2099-05-01T09:30:00.000Z",
           *           "to": "2099-05-01T09:30:00.000Z"
           *         }
           *       }
           *     }
           */
          'application/json': components['schemas']['SyncStatsAnswer'];
        };
      };
    };
  };
  getSyncStatsByType: {
    parameters: {
      query?: {
        /** @description How far back the window reaches; a larger number is clamped. */
        days?: number;
      };
      header?: never;
      path: {
        /**
         * @description Id of the integration, as `GET /v2/integrations` lists it.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        integrationId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description `runs` counts log entries. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": [
           *         {
           *           "runs": 24,
           *           "succeeded": 23,
           *           "failed": 1,
           *           "skipped": 0,
           *           "recordsFetched": 2880,
           *           "recordsCreated": 30,
           *           "recordsUpdated": 12,
           *           "recordsUnchanged": 2838,
           *           "recordsDeleted": 0,
           *           "averageDurationMs": 1840,
           *           "lastRunAt": "2099-05-01T09:30:00.000Z",
           *           "window": {
           *             "from": "2099-05-01T09:30:00.000Z",
           *             "to": "2099-05-01T09:30:00.000Z"
           *           },
           *           "resourceType": "customers"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['SyncStatsByTypeAnswer'];
        };
      };
    };
  };
  listProductMappings: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By external id. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "externalId": "package:12",
           *           "externalName": "Ten visit pass",
           *           "internalId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "productName": null,
           *           "productKind": "package",
           *           "productAmountMinor": 15000,
           *           "productCurrency": "GBP",
           *           "metadata": {
           *             "name": "Ten visit pass",
           *             "type": "package",
           *             "charge_type": "upfront"
           *           }
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['ProductMappingList'];
        };
      };
    };
  };
  replaceProductMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "mappings": [
         *         {
         *           "externalId": "package:12",
         *           "internalId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *           "metadata": {
         *             "name": "Ten visit pass",
         *             "type": "package",
         *             "charge_type": "upfront"
         *           }
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['PutProductMappingsRequest'];
      };
    };
    responses: {
      /** @description The list is now this one. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "count": 1
           *     }
           */
          'application/json': components['schemas']['PutProductMappingsAnswer'];
        };
      };
    };
  };
  deleteProductMapping: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the record at the provider; products carry their kind before it.
         * @example package:12
         */
        externalId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['MappingDone'];
        };
      };
    };
  };
  listUnmappedAttempts: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The last seen first. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "externalPackageId": "package:12",
           *           "externalPackageName": "Ten visit pass",
           *           "count": 4,
           *           "lastSeenAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "totalCount": 4
           *     }
           */
          'application/json': components['schemas']['UnmappedAttemptList'];
        };
      };
    };
  };
  suggestMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "externalItems": [
         *         {
         *           "id": "12",
         *           "name": "Ten visit pass",
         *           "type": "package",
         *           "charge_type": "upfront",
         *           "price": 150,
         *           "source": "package"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['SuggestMappingsRequest'];
      };
    };
    responses: {
      /** @description In the order of the items. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "suggestions": [
           *         {
           *           "externalId": "12",
           *           "internalId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "confidence": 0.94,
           *           "reasoning": "The names share 3 of 3 words (93 % alike), the price is the same and both are a package."
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['SuggestionsAnswer'];
        };
      };
    };
  };
  listPackages: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By name; what the provider does not say is left out. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "id": "package:12",
           *           "name": "Ten visit pass",
           *           "public_name": "10 visits",
           *           "type": "package",
           *           "package_type": "visits",
           *           "charge_type": "upfront",
           *           "price": 150,
           *           "visits": 10,
           *           "active": true
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PackageList'];
        };
      };
    };
  };
  listBillableItems: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By id, each as the newest invoice shows it. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "success": true,
           *       "data": [
           *         {
           *           "id": "product:31",
           *           "name": "Initial consultation",
           *           "type": "service",
           *           "charge_type": "upfront",
           *           "price": 45,
           *           "source": "invoice"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['BillableItemList'];
        };
      };
    };
  };
  listProducts: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description How many entries to leave out before the page. */
        offset?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of products. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "name": "Initial consultation",
           *           "kind": "service",
           *           "amountMinor": 4500,
           *           "currency": "GBP"
           *         }
           *       ],
           *       "pagination": {
           *         "limit": 25,
           *         "offset": 0,
           *         "total": 1,
           *         "hasMore": false
           *       }
           *     }
           */
          'application/json': components['schemas']['ProductList'];
        };
      };
    };
  };
  upsertProducts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "products": [
         *         {
         *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *           "name": "Initial consultation",
         *           "kind": "service",
         *           "amountMinor": 4500,
         *           "currency": "GBP"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['PutProductsRequest'];
      };
    };
    responses: {
      /** @description All were stored, in one transaction. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "count": 1
           *     }
           */
          'application/json': components['schemas']['PutProductsAnswer'];
        };
      };
    };
  };
  listRecords: {
    parameters: {
      query?: {
        /** @description Left out: from the start. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description Whether tombstones are part of the answer. */
        includeDeleted?: 'true' | 'false';
      };
      header?: never;
      path: {
        /**
         * @description The kind of record.
         * @example customers
         */
        resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The next entries; none when never configured. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "externalId": "package:12",
           *           "version": 2,
           *           "operation": "created",
           *           "sourceUpdatedAt": "2099-05-01T09:30:00.000Z",
           *           "syncedAt": "2099-05-01T09:30:00.000Z",
           *           "resourceType": "customers",
           *           "data": {
           *             "name": "Ada Byron",
           *             "firstName": "Ada",
           *             "lastName": "Byron",
           *             "email": "ada@example.com",
           *             "phone": "0113 496 0000",
           *             "address": {
           *               "line1": "1 High Street",
           *               "line2": "Flat 2",
           *               "city": "Leeds",
           *               "region": "West Yorkshire",
           *               "postalCode": "LS1 4AP",
           *               "country": "United Kingdom"
           *             },
           *             "externalReference": "C-1007",
           *             "active": true
           *           }
           *         }
           *       ],
           *       "nextCursor": "ZjEuMTIw",
           *       "hasMore": false
           *     }
           */
          'application/json': components['schemas']['RecordPage'];
        };
      };
    };
  };
  getRecord: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the record at the provider; products carry their kind before it.
         * @example 812
         */
        externalId: string;
        /**
         * @description The kind of record.
         * @example customers
         */
        resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its newest version. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "externalId": "package:12",
           *         "version": 2,
           *         "operation": "created",
           *         "sourceUpdatedAt": "2099-05-01T09:30:00.000Z",
           *         "syncedAt": "2099-05-01T09:30:00.000Z",
           *         "resourceType": "customers",
           *         "data": {
           *           "name": "Ada Byron",
           *           "firstName": "Ada",
           *           "lastName": "Byron",
           *           "email": "ada@example.com",
           *           "phone": "0113 496 0000",
           *           "address": {
           *             "line1": "1 High Street",
           *             "line2": "Flat 2",
           *             "city": "Leeds",
           *             "region": "West Yorkshire",
           *             "postalCode": "LS1 4AP",
           *             "country": "United Kingdom"
           *           },
           *           "externalReference": "C-1007",
           *           "active": true
           *         }
           *       }
           *     }
           */
          'application/json': components['schemas']['RecordAnswer'];
        };
      };
    };
  };
  pushPayment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "externalInvoiceId": "501",
         *       "amountMinor": 4400,
         *       "currency": "GBP",
         *       "method": "card",
         *       "paidAt": "2099-05-05T10:00:00Z",
         *       "reference": "pay_8812"
         *     }
         */
        'application/json': components['schemas']['PushPaymentRequest'];
      };
    };
    responses: {
      /** @description Done. */
      202: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "status": "queued"
           *       }
           *     }
           */
          'application/json': components['schemas']['PushRequested'];
        };
      };
    };
  };
  getPushedPayment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the payment, as the answer to its push said.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        paymentId: string;
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "jobId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "status": "pushed",
           *         "externalInvoiceId": "501",
           *         "amountMinor": 4400,
           *         "currency": "GBP",
           *         "method": "card",
           *         "paidAt": "2099-05-01T09:30:00.000Z",
           *         "reference": "pay_8812",
           *         "externalPaymentId": "77",
           *         "errorCode": null,
           *         "error": null,
           *         "nextAction": null,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['OutboundPaymentAnswer'];
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query?: {
        /** @description Left out: from the oldest that is kept. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description Only events of this type. */
        type?:
          | 'integration.activated'
          | 'integration.deactivated'
          | 'integration.paused'
          | 'integration.resumed'
          | 'integration.credentials_rejected'
          | 'integration.credentials_expiring'
          | 'integration.degraded'
          | 'integration.recovered'
          | 'sync.completed'
          | 'sync.failed'
          | 'records.changed'
          | 'deletion_plan.held'
          | 'deletion_plan.approved'
          | 'deletion_plan.discarded'
          | 'payment.succeeded'
          | 'payment.failed'
          | 'payment.needs_review'
          | 'product_mapping.created'
          | 'product_mapping.updated'
          | 'product_mapping.deleted'
          | 'node_integration.created'
          | 'node_integration.rotated'
          | 'node_integration.deleted'
          | 'api_key.expiring'
          | 'webhook_endpoint.failing'
          | 'webhook_endpoint.disabled'
          | 'webhook_endpoint.event_parked';
        /** @description Id of the provider, as `/v2/providers` lists it. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Id of the integration, as `GET /v2/integrations` lists it. */
        integrationId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The next events, oldest first. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "type": "sync.completed",
           *           "timestamp": "2099-05-01T09:30:00.000Z",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "practicehub",
           *           "data": {}
           *         }
           *       ],
           *       "nextCursor": "ZTEuMS4xMjA",
           *       "hasMore": false
           *     }
           */
          'application/json': components['schemas']['EventPage'];
        };
      };
    };
  };
  getEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the event, as its `webhook-id` said.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        eventId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The event. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "type": "sync.completed",
           *         "timestamp": "2099-05-01T09:30:00.000Z",
           *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "practicehub",
           *         "data": {}
           *       }
           *     }
           */
          'application/json': components['schemas']['EventAnswer'];
        };
      };
    };
  };
  listWebhookEndpoints: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoints of the key’s merchant and environment. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "url": "https://billing.example.com/hooks/interlock",
           *           "description": "Billing",
           *           "eventTypes": [
           *             "sync.completed",
           *             "records.changed"
           *           ],
           *           "providers": [
           *             "practicehub"
           *           ],
           *           "integrationIds": [
           *             "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *           ],
           *           "includeData": false,
           *           "ordering": "parallel",
           *           "ratePerSecond": 50,
           *           "mirroredSignature": true,
           *           "publicKey": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           *           "previousSecretExpiresAt": "2099-05-01T09:30:00.000Z",
           *           "enabled": true,
           *           "disabledReason": null,
           *           "status": "healthy",
           *           "consecutiveFailures": 0,
           *           "failingSince": null,
           *           "lastSuccessAt": "2099-05-01T09:30:00.000Z",
           *           "heldEvents": 0,
           *           "parkedEvents": 0,
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "updatedAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['EndpointList'];
        };
      };
    };
  };
  createWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "description": "Billing",
         *       "eventTypes": [
         *         "sync.completed",
         *         "records.changed"
         *       ],
         *       "providers": [
         *         "practicehub"
         *       ],
         *       "integrationIds": [
         *         "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
         *       ],
         *       "includeData": false,
         *       "ordering": "parallel",
         *       "ratePerSecond": 50,
         *       "mirroredSignature": true,
         *       "url": "https://billing.example.com/hooks/interlock"
         *     }
         */
        'application/json': components['schemas']['CreateEndpointRequest'];
      };
    };
    responses: {
      /** @description The endpoint, with its secret. */
      201: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "url": "https://billing.example.com/hooks/interlock",
           *         "description": "Billing",
           *         "eventTypes": [
           *           "sync.completed",
           *           "records.changed"
           *         ],
           *         "providers": [
           *           "practicehub"
           *         ],
           *         "integrationIds": [
           *           "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *         ],
           *         "includeData": false,
           *         "ordering": "parallel",
           *         "ratePerSecond": 50,
           *         "mirroredSignature": true,
           *         "publicKey": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           *         "previousSecretExpiresAt": "2099-05-01T09:30:00.000Z",
           *         "enabled": true,
           *         "disabledReason": null,
           *         "status": "healthy",
           *         "consecutiveFailures": 0,
           *         "failingSince": null,
           *         "lastSuccessAt": "2099-05-01T09:30:00.000Z",
           *         "heldEvents": 0,
           *         "parkedEvents": 0,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z",
           *         "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
           *       }
           *     }
           */
          'application/json': components['schemas']['IssuedEndpointAnswer'];
        };
      };
    };
  };
  getWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint and how it fares. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "url": "https://billing.example.com/hooks/interlock",
           *         "description": "Billing",
           *         "eventTypes": [
           *           "sync.completed",
           *           "records.changed"
           *         ],
           *         "providers": [
           *           "practicehub"
           *         ],
           *         "integrationIds": [
           *           "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *         ],
           *         "includeData": false,
           *         "ordering": "parallel",
           *         "ratePerSecond": 50,
           *         "mirroredSignature": true,
           *         "publicKey": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           *         "previousSecretExpiresAt": "2099-05-01T09:30:00.000Z",
           *         "enabled": true,
           *         "disabledReason": null,
           *         "status": "healthy",
           *         "consecutiveFailures": 0,
           *         "failingSince": null,
           *         "lastSuccessAt": "2099-05-01T09:30:00.000Z",
           *         "heldEvents": 0,
           *         "parkedEvents": 0,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['EndpointAnswer'];
        };
      };
    };
  };
  deleteWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true
           *     }
           */
          'application/json': components['schemas']['DeletedEndpoint'];
        };
      };
    };
  };
  updateWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "description": "Billing",
         *       "eventTypes": [
         *         "sync.completed",
         *         "records.changed"
         *       ],
         *       "providers": [
         *         "practicehub"
         *       ],
         *       "integrationIds": [
         *         "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
         *       ],
         *       "includeData": false,
         *       "ordering": "parallel",
         *       "ratePerSecond": 50,
         *       "mirroredSignature": true,
         *       "url": "https://billing.example.com/hooks/interlock",
         *       "enabled": true
         *     }
         */
        'application/json': components['schemas']['UpdateEndpointRequest'];
      };
    };
    responses: {
      /** @description The endpoint as it is now. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "url": "https://billing.example.com/hooks/interlock",
           *         "description": "Billing",
           *         "eventTypes": [
           *           "sync.completed",
           *           "records.changed"
           *         ],
           *         "providers": [
           *           "practicehub"
           *         ],
           *         "integrationIds": [
           *           "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *         ],
           *         "includeData": false,
           *         "ordering": "parallel",
           *         "ratePerSecond": 50,
           *         "mirroredSignature": true,
           *         "publicKey": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           *         "previousSecretExpiresAt": "2099-05-01T09:30:00.000Z",
           *         "enabled": true,
           *         "disabledReason": null,
           *         "status": "healthy",
           *         "consecutiveFailures": 0,
           *         "failingSince": null,
           *         "lastSuccessAt": "2099-05-01T09:30:00.000Z",
           *         "heldEvents": 0,
           *         "parkedEvents": 0,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['EndpointAnswer'];
        };
      };
    };
  };
  rotateWebhookEndpointSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "overlapSeconds": 86400
         *     }
         */
        'application/json': components['schemas']['RotateEndpointSecretRequest'];
      };
    };
    responses: {
      /** @description The new secret, shown once. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
           *         "publicKey": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           *         "previousSecretExpiresAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['RotatedSecretAnswer'];
        };
      };
    };
  };
  listWebhookAttempts: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
        /** @description Only tries of this event. */
        eventId?: string;
      };
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of attempts. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "eventId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "eventType": "sync.completed",
           *           "attempt": 1,
           *           "attemptedAt": "2099-05-01T09:30:00.000Z",
           *           "durationMs": 84,
           *           "status": 200,
           *           "error": null,
           *           "answer": "ok",
           *           "nextAction": "none",
           *           "nextAttemptAt": null
           *         }
           *       ],
           *       "nextCursor": null,
           *       "hasMore": false
           *     }
           */
          'application/json': components['schemas']['AttemptPage'];
        };
      };
    };
  };
  testWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "type": "sync.completed"
         *     }
         */
        'application/json': components['schemas']['TestEndpointRequest'];
      };
    };
    responses: {
      /** @description What came of it; the endpoint’s refusal is an answer too. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "eventId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "eventType": "sync.completed",
           *         "attempt": 1,
           *         "attemptedAt": "2099-05-01T09:30:00.000Z",
           *         "durationMs": 84,
           *         "status": 200,
           *         "error": null,
           *         "answer": "ok",
           *         "nextAction": "none",
           *         "nextAttemptAt": null
           *       }
           *     }
           */
          'application/json': components['schemas']['AttemptAnswer'];
        };
      };
    };
  };
  replayWebhookEvents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "eventId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "from": null,
         *       "to": null
         *     }
         */
        'application/json': components['schemas']['ReplayRequest'];
      };
    };
    responses: {
      /** @description How many events that are. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "data": {
           *         "events": 12
           *       }
           *     }
           */
          'application/json': components['schemas']['ReplayAnswer'];
        };
      };
    };
  };
  explainWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the endpoint.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        endpointId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The reasons, in order. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "willDeliver": true,
           *         "reasons": [
           *           {
           *             "code": "up_to_date",
           *             "message": "Everything was delivered.",
           *             "since": null,
           *             "nextAction": "none"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['EndpointExplanationAnswer'];
        };
      };
    };
  };
  listWatermarks: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        /** @description The `nextCursor` of the part before; left out: from the start. */
        cursor?: string;
      };
      header?: never;
      path: {
        /**
         * @description Whatever the worker syncs from; for a provider of ours the engine’s own cursors are shown too.
         * @example worker
         */
        source: string;
        /**
         * @description The caller’s own; another one is 403 here.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        merchantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description By resource type. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "hasMore": true,
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "mindbody",
           *           "resourceType": "appointments",
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "lastSyncStatus": "idle",
           *           "lastSyncError": null,
           *           "cursor": null,
           *           "itemsSynced": 0,
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "updatedAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['WatermarkList'];
        };
      };
    };
  };
  saveWatermark: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Whatever the worker syncs from; for a provider of ours the engine’s own cursors are shown too.
         * @example worker
         */
        source: string;
        /**
         * @description The caller’s own; another one is 403 here.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        merchantId: string;
        /**
         * @description The worker’s own word for what it reads.
         * @example bookings
         */
        resourceType: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "lastSyncAt": "2099-05-01T09:30:00.000Z",
         *       "lastSyncStatus": "success",
         *       "cursor": "2099-06-01T09:00:00Z",
         *       "itemsSynced": 120
         *     }
         */
        'application/json': components['schemas']['PutWatermarkRequest'];
      };
    };
    responses: {
      /** @description As it is now. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "provider": "mindbody",
           *         "resourceType": "appointments",
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastSyncStatus": "idle",
           *         "lastSyncError": null,
           *         "cursor": null,
           *         "itemsSynced": 0,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "updatedAt": "2099-05-01T09:30:00.000Z"
           *       },
           *       "created": true
           *     }
           */
          'application/json': components['schemas']['WatermarkAnswer'];
        };
      };
    };
  };
  listProviders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The whole catalogue. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": [
           *         {
           *           "id": "practicehub",
           *           "name": "PracticeHub",
           *           "credentialSchema": {
           *             "type": "object",
           *             "required": [
           *               "apiKey",
           *               "baseUrl"
           *             ]
           *           },
           *           "defaultIntervalMinutes": 60,
           *           "minimumIntervalMinutes": 5,
           *           "resources": [
           *             "customers",
           *             "invoices"
           *           ],
           *           "capabilities": {
           *             "paymentMethods": true,
           *             "pushPayments": true,
           *             "packages": true
           *           },
           *           "docsUrl": "https://practicehub.io"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['ProviderList'];
        };
      };
    };
  };
  getProvider: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of the provider, as `/v2/providers` lists it.
         * @example practicehub
         */
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'RevKeen-Version': components['headers']['ApiVersion'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "practicehub",
           *         "name": "PracticeHub",
           *         "credentialSchema": {
           *           "type": "object",
           *           "required": [
           *             "apiKey",
           *             "baseUrl"
           *           ]
           *         },
           *         "defaultIntervalMinutes": 60,
           *         "minimumIntervalMinutes": 5,
           *         "resources": [
           *           "customers",
           *           "invoices"
           *         ],
           *         "capabilities": {
           *           "paymentMethods": true,
           *           "pushPayments": true,
           *           "packages": true
           *         },
           *         "docsUrl": "https://practicehub.io"
           *       }
           *     }
           */
          'application/json': components['schemas']['ProviderAnswer'];
        };
      };
    };
  };
  listNodeIntegrations: {
    parameters: {
      query: {
        /** @description A larger one is clamped. */
        page?: number;
        /** @description A larger one is clamped. */
        per_page?: number;
        /**
         * @description The node whose keys are listed.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        node_id: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of integrations. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "page": 1,
           *       "per_page": 10,
           *       "total": 1,
           *       "items": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "node_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "name": "Billing back end",
           *           "api_key": "apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a",
           *           "permissions": [
           *             "integrations.read",
           *             "integrations.write"
           *           ],
           *           "expires_at": "2099-05-01T00:00:00.000Z",
           *           "created_at": "2099-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeIntegrationList'];
        };
      };
    };
  };
  createNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "node_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "name": "Billing back end",
         *       "permissions": [
         *         "integrations.read",
         *         "integrations.write"
         *       ],
         *       "expires_at": "2099-05-01T00:00:00.000Z"
         *     }
         */
        'application/json': components['schemas']['CreateNodeIntegrationRequest'];
      };
    };
    responses: {
      /** @description The key, with its secret. */
      201: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "node_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "name": "Billing back end",
           *       "api_key": "apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a",
           *       "permissions": [
           *         "integrations.read",
           *         "integrations.write"
           *       ],
           *       "expires_at": "2099-05-01T00:00:00.000Z",
           *       "created_at": "2099-05-01T09:30:00.000Z",
           *       "secret": "sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd"
           *     }
           */
          'application/json': components['schemas']['IssuedNodeIntegration'];
        };
      };
    };
  };
  getNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The integration. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "node_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "name": "Billing back end",
           *       "api_key": "apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a",
           *       "permissions": [
           *         "integrations.read",
           *         "integrations.write"
           *       ],
           *       "expires_at": "2099-05-01T00:00:00.000Z",
           *       "created_at": "2099-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['NodeIntegration'];
        };
      };
    };
  };
  updateNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "Billing back end",
         *       "permissions": [
         *         "integrations.read",
         *         "integrations.write"
         *       ],
         *       "expires_at": "2099-05-01T00:00:00.000Z"
         *     }
         */
        'application/json': components['schemas']['UpdateNodeIntegrationRequest'];
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  deleteNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  rotateNodeIntegrationSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "overlap_seconds": 0
         *     }
         */
        'application/json': components['schemas']['RotateSecretRequest'];
      };
    };
    responses: {
      /** @description The integration, with its new secret. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "node_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *       "name": "Billing back end",
           *       "api_key": "apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a",
           *       "permissions": [
           *         "integrations.read",
           *         "integrations.write"
           *       ],
           *       "expires_at": "2099-05-01T00:00:00.000Z",
           *       "created_at": "2099-05-01T09:30:00.000Z",
           *       "secret": "sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd",
           *       "previous_secret_expires_at": "2099-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['RotatedNodeIntegration'];
        };
      };
    };
  };
  listNodes: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        page?: number;
        /** @description A larger one is clamped. */
        per_page?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of nodes. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "page": 1,
           *       "per_page": 10,
           *       "total": 1,
           *       "items": [
           *         {
           *           "id": "3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11",
           *           "parent_id": null,
           *           "name": "Northside Clinic",
           *           "type": "account",
           *           "path": "/3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/",
           *           "merchant_id": null,
           *           "environment": null,
           *           "created_at": "2099-05-01T09:30:00.000Z",
           *           "updated_at": "2099-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeList'];
        };
      };
    };
  };
  createNode: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "parent_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "name": "Northside Clinic",
         *       "type": "account",
         *       "merchant_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "environment": "sandbox"
         *     }
         */
        'application/json': components['schemas']['CreateNodeRequest'];
      };
    };
    responses: {
      /** @description The new node. */
      201: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11",
           *       "parent_id": null,
           *       "name": "Northside Clinic",
           *       "type": "account",
           *       "path": "/3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/",
           *       "merchant_id": null,
           *       "environment": null,
           *       "created_at": "2099-05-01T09:30:00.000Z",
           *       "updated_at": "2099-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['Node'];
        };
      };
    };
  };
  getNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The node. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11",
           *       "parent_id": null,
           *       "name": "Northside Clinic",
           *       "type": "account",
           *       "path": "/3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/",
           *       "merchant_id": null,
           *       "environment": null,
           *       "created_at": "2099-05-01T09:30:00.000Z",
           *       "updated_at": "2099-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['Node'];
        };
      };
    };
  };
  updateNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "name": "Northside Clinic",
         *       "parent_id": "0b54d3a2-8a0b-4b7b-9a60-1f0f0c1f7a11"
         *     }
         */
        'application/json': components['schemas']['UpdateNodeRequest'];
      };
    };
    responses: {
      /** @description The node as it is now. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          'Idempotency-Replayed': components['headers']['IdempotencyReplayed'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11",
           *       "parent_id": null,
           *       "name": "Northside Clinic",
           *       "type": "account",
           *       "path": "/3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/",
           *       "merchant_id": null,
           *       "environment": null,
           *       "created_at": "2099-05-01T09:30:00.000Z",
           *       "updated_at": "2099-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['Node'];
        };
      };
    };
  };
  listChildNodes: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        page?: number;
        /** @description A larger one is clamped. */
        per_page?: number;
      };
      header?: never;
      path: {
        /**
         * @description Id of what the path names.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page of nodes. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "page": 1,
           *       "per_page": 10,
           *       "total": 1,
           *       "items": [
           *         {
           *           "id": "3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11",
           *           "parent_id": null,
           *           "name": "Northside Clinic",
           *           "type": "account",
           *           "path": "/3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11/",
           *           "merchant_id": null,
           *           "environment": null,
           *           "created_at": "2099-05-01T09:30:00.000Z",
           *           "updated_at": "2099-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeList'];
        };
      };
    };
  };
  authenticate: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "api_key": "apex_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ2r9fK1cZ",
         *       "secret_key": "sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd"
         *     }
         */
        'application/json': components['schemas']['AuthenticateRequest'];
      };
    };
    responses: {
      /** @description The tokens. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "access_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJub2RlIn0.c2lnbmF0dXJl",
           *       "refresh_token": "rt_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ",
           *       "token_type": "Bearer",
           *       "expires_in": 3600,
           *       "expires_at": "2099-05-01T10:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['TokenPair'];
        };
      };
    };
  };
  refreshToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "refresh_token": "rt-apex_7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ4vT3wY5uE7aN1tX6r4c8Lm"
         *     }
         */
        'application/json': components['schemas']['RefreshRequest'];
      };
    };
    responses: {
      /** @description The tokens. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "access_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJub2RlIn0.c2lnbmF0dXJl",
           *       "refresh_token": "rt_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ",
           *       "token_type": "Bearer",
           *       "expires_in": 3600,
           *       "expires_at": "2099-05-01T10:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['TokenPair'];
        };
      };
    };
  };
  onIntegrationActivated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.activated",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "reactivated": false
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationActivatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationDeactivated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.deactivated",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub"
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationDeactivatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationPaused: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.paused",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "cause": "failures"
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationPausedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationResumed: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.resumed",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub"
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationResumedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationCredentialsRejected: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.credentials_rejected",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "error": "The provider answered with an error."
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationCredentialsRejectedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationCredentialsExpiring: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.credentials_expiring",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "expiresAt": "2099-05-01T09:30:00.000Z"
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationCredentialsExpiringEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationDegraded: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.degraded",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "errorCode": "provider_error",
         *         "error": "The provider answered with an error."
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationDegradedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onIntegrationRecovered: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "integration.recovered",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub"
         *       }
         *     }
         */
        'application/json': components['schemas']['IntegrationRecoveredEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onSyncCompleted: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "sync.completed",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "runId": "0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44",
         *         "recordsCreated": 3,
         *         "recordsUpdated": 12,
         *         "recordsDeleted": 0
         *       }
         *     }
         */
        'application/json': components['schemas']['SyncCompletedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onSyncFailed: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "sync.failed",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "runId": "0b7f3c52-5a0e-4a56-9a0b-3f1f7c1d2e44",
         *         "errorCode": "provider_error",
         *         "error": "The provider answered with an error."
         *       }
         *     }
         */
        'application/json': components['schemas']['SyncFailedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onRecordsChanged: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "records.changed",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "resourceType": "invoices",
         *         "from": 1200,
         *         "to": 1212,
         *         "created": 2,
         *         "updated": 9,
         *         "deleted": 1,
         *         "cursor": "ZjIuMS4wYTFiMmMzZC4xMjAw"
         *       }
         *     }
         */
        'application/json': components['schemas']['RecordsChangedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onDeletionPlanHeld: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "deletion_plan.held",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "resourceType": "invoices",
         *         "rows": 120
         *       }
         *     }
         */
        'application/json': components['schemas']['DeletionPlanHeldEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onDeletionPlanApproved: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "deletion_plan.approved",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "resourceType": "invoices",
         *         "rows": 120,
         *         "deleted": 118
         *       }
         *     }
         */
        'application/json': components['schemas']['DeletionPlanApprovedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onDeletionPlanDiscarded: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "deletion_plan.discarded",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "resourceType": "invoices",
         *         "rows": 120
         *       }
         *     }
         */
        'application/json': components['schemas']['DeletionPlanDiscardedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onPaymentSucceeded: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "payment.succeeded",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "paymentId": "5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10",
         *         "amountMinor": 4500,
         *         "currency": "GBP"
         *       }
         *     }
         */
        'application/json': components['schemas']['PaymentSucceededEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onPaymentFailed: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "payment.failed",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "paymentId": "5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10",
         *         "amountMinor": 4500,
         *         "currency": "GBP",
         *         "errorCode": "provider_error"
         *       }
         *     }
         */
        'application/json': components['schemas']['PaymentFailedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onPaymentNeedsReview: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "payment.needs_review",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "paymentId": "5d0c4a0e-1f0b-4f9e-8d3a-2b7e6c1f9a10",
         *         "amountMinor": 4500,
         *         "currency": "GBP"
         *       }
         *     }
         */
        'application/json': components['schemas']['PaymentNeedsReviewEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onProductMappingCreated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "product_mapping.created",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "externalId": "membership:70",
         *         "internalId": "4a1d6c0e-7b3f-4c55-8a21-9e0f3d5b6c77"
         *       }
         *     }
         */
        'application/json': components['schemas']['ProductMappingCreatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onProductMappingUpdated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "product_mapping.updated",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "externalId": "membership:70",
         *         "internalId": "4a1d6c0e-7b3f-4c55-8a21-9e0f3d5b6c77"
         *       }
         *     }
         */
        'application/json': components['schemas']['ProductMappingUpdatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onProductMappingDeleted: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "product_mapping.deleted",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "provider": "practicehub",
         *         "externalId": "membership:70"
         *       }
         *     }
         */
        'application/json': components['schemas']['ProductMappingDeletedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onNodeIntegrationCreated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "node_integration.created",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "nodeIntegrationId": "2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21",
         *         "nodeId": "9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60"
         *       }
         *     }
         */
        'application/json': components['schemas']['NodeIntegrationCreatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onNodeIntegrationRotated: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "node_integration.rotated",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "nodeIntegrationId": "2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21",
         *         "nodeId": "9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60"
         *       }
         *     }
         */
        'application/json': components['schemas']['NodeIntegrationRotatedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onNodeIntegrationDeleted: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "node_integration.deleted",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "nodeIntegrationId": "2f6e1b1c-8f0a-4c0e-b6f7-6f3f0c9d5a21",
         *         "nodeId": "9c2b7d4e-0a6f-4e1b-8c3d-5f7a9b1e2d60"
         *       }
         *     }
         */
        'application/json': components['schemas']['NodeIntegrationDeletedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onApiKeyExpiring: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "api_key.expiring",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "apiKeyId": "e3b0c442-98fc-4c14-9afb-f4c8996fb924",
         *         "name": "Billing back end",
         *         "expiresAt": "2099-05-01T09:30:00.000Z"
         *       }
         *     }
         */
        'application/json': components['schemas']['ApiKeyExpiringEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onWebhookEndpointFailing: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "webhook_endpoint.failing",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "endpointId": "c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90",
         *         "failingSince": "2099-05-01T09:30:00.000Z",
         *         "disablesAt": "2099-05-01T09:30:00.000Z"
         *       }
         *     }
         */
        'application/json': components['schemas']['WebhookEndpointFailingEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onWebhookEndpointDisabled: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "webhook_endpoint.disabled",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "endpointId": "c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90",
         *         "reason": "failing"
         *       }
         *     }
         */
        'application/json': components['schemas']['WebhookEndpointDisabledEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  onWebhookEndpointEventParked: {
    parameters: {
      query?: never;
      header: {
        /** @description The event’s id: the same for every try. */
        'webhook-id': string;
        /** @description When this try was made, in Unix seconds. Refuse what is older than five minutes. */
        'webhook-timestamp': string;
        /** @description Signatures over `<webhook-id>.<webhook-timestamp>.<body>`, separated by blanks: `v1,` HMAC-SHA256 by the secret, `v1a,` Ed25519 by the public key. While one secret replaces another, of both. */
        'webhook-signature': string;
        /** @description `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, by the whole text of the secret. Where the endpoint has `mirroredSignature`. */
        'x-revkeen-signature'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "type": "webhook_endpoint.event_parked",
         *       "timestamp": "2099-05-01T09:30:00.000Z",
         *       "data": {
         *         "endpointId": "c1a7e5b2-6d3f-4b8a-9e0c-7f2d4a6b8c90",
         *         "eventId": "1c9b5f3a-0e7d-4a62-8b4f-6d2c0a9e7f31",
         *         "eventType": "sync.completed"
         *       }
         *     }
         */
        'application/json': components['schemas']['WebhookEndpointEventParkedEvent'];
      };
    };
    responses: {
      /** @description The endpoint is gone: it is switched off. */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Taken. Anything else, and no answer within 20 seconds, is tried again. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
}

// Generated from openapi.json and the error catalogue by `npm run openapi`.
export interface paths {
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
    put: operations['putProducts'];
    post?: never;
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
    put: operations['putWatermark'];
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
    put: operations['putProductMappings'];
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
    put: operations['putPaymentMappings'];
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
     * @description Tests the credentials at the provider, seals them, stores the schedule and enqueues the first sync.
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
     * @description Stops the schedule, cancels syncs and destroys the credential. Logs, records and mappings stay.
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
     * @description Off keeps credentials, mappings and cursors; on schedules again and closes an open breaker.
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
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ProductDto: {
      /**
       * Format: uuid
       * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
       */
      id: string;
      /** @example Initial consultation */
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
      /** @example GBP */
      currency: string;
    };
    PutProductsDto: {
      products: components['schemas']['ProductDto'][];
    };
    PutProductsAnswerDto: {
      /**
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
    ProductPaginationDto: {
      /** @example 25 */
      limit: number;
      /** @example 0 */
      offset: number;
      /** @example 1 */
      total: number;
      /** @example false */
      hasMore: boolean;
    };
    ProductListDto: {
      data: components['schemas']['ProductDto'][];
      pagination: components['schemas']['ProductPaginationDto'];
    };
    CreateNodeDto: {
      /**
       * Format: uuid
       * @description Left out or null: a root, which only an admin may make.
       */
      parent_id?: string | null;
      /** @example Northside Clinic */
      name: string;
      /**
       * @example account
       * @enum {string}
       */
      type: 'organization' | 'account' | 'sub_account';
      /**
       * Format: uuid
       * @description With `environment`: tokens of this node may call /v2 on behalf of this merchant. Who is no admin may bind a node only as its parent is bound.
       */
      merchant_id?: string | null;
      /** @enum {string|null} */
      environment?: 'sandbox' | 'live' | null;
    };
    NodeDto: {
      /**
       * Format: uuid
       * @example 3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11
       */
      id: string;
      /**
       * Format: uuid
       * @example null
       */
      parent_id: string | null;
      /** @example Northside Clinic */
      name: string;
      /**
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
       * @example null
       */
      merchant_id: string | null;
      /**
       * @example null
       * @enum {string|null}
       */
      environment: 'sandbox' | 'live' | null;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      updated_at: string;
    };
    NodeListDto: {
      /** @example 1 */
      page: number;
      /** @example 10 */
      per_page: number;
      /** @example 1 */
      total: number;
      items: components['schemas']['NodeDto'][];
    };
    UpdateNodeDto: {
      name?: string;
      /**
       * Format: uuid
       * @description Moves the node with everything below it; null makes it a root, which only an admin may.
       */
      parent_id?: string | null;
    };
    CreateNodeIntegrationDto: {
      /** Format: uuid */
      node_id: string;
      /** @example Billing back end */
      name: string;
      /**
       * @description `<resource>.<action>`; duplicates collapse. Who is no admin can give only what its own token has.
       * @default []
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions?: string[];
      /**
       * Format: date-time
       * @description In the future; null: never. Left out: as its maker ends, for an admin never. Later than its maker: 403.
       * @example 2027-05-01T00:00:00.000Z
       */
      expires_at?: string | null;
    };
    IssuedNodeIntegrationDto: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      node_id: string;
      /** @example Billing back end */
      name: string;
      /** @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a */
      api_key: string;
      /**
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2027-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * @description Shown once, here.
       * @example sk-apex_…
       */
      secret: string;
    };
    NodeIntegrationDto: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      node_id: string;
      /** @example Billing back end */
      name: string;
      /** @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a */
      api_key: string;
      /**
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2027-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      created_at: string;
    };
    NodeIntegrationListDto: {
      /** @example 1 */
      page: number;
      /** @example 10 */
      per_page: number;
      /** @example 1 */
      total: number;
      items: components['schemas']['NodeIntegrationDto'][];
    };
    UpdateNodeIntegrationDto: {
      /** @example Billing back end */
      name: string;
      /**
       * @description Left out: they stay. Live access tokens end when one is taken away.
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions?: string[];
      /**
       * Format: date-time
       * @description In the future; null: never; left out: it stays. Later than the caller’s own: 403.
       * @example 2027-05-01T00:00:00.000Z
       */
      expires_at?: string | null;
    };
    RotateSecretDto: {
      /**
       * @description How long the old secret works still. 0: it ends at once, with all tokens that came from it.
       * @default 0
       */
      overlap_seconds?: number;
    };
    RotatedNodeIntegrationDto: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      node_id: string;
      /** @example Billing back end */
      name: string;
      /** @example apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a */
      api_key: string;
      /**
       * @example [
       *       "integrations.read",
       *       "integrations.write"
       *     ]
       */
      permissions: string[];
      /**
       * Format: date-time
       * @description null: never.
       * @example 2027-05-01T00:00:00.000Z
       */
      expires_at: string | null;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      created_at: string;
      /**
       * @description Shown once, here.
       * @example sk-apex_…
       */
      secret: string;
      /**
       * Format: date-time
       * @description Until when the old secret works; null: it does not.
       */
      previous_secret_expires_at: string | null;
    };
    AuthenticateDto: {
      /**
       * @description Or the header Api-Key.
       * @example apex_…
       */
      api_key?: string | null;
      /**
       * @description Or the header Api-Secret.
       * @example sk-apex_…
       */
      secret_key?: string | null;
    };
    TokenPairDto: {
      /** @description A JWT: send it as Authorization: Bearer. */
      access_token: string;
      /** @description Good once, for seven days. */
      refresh_token: string;
      /**
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
       * @example 2026-05-01T10:30:00.000Z
       */
      expires_at: string;
    };
    RefreshDto: {
      /**
       * @description Good once; the answer holds its successor.
       * @example rt-apex_…
       */
      refresh_token: string;
    };
    SyncStateDto: {
      /** @example invoices */
      resourceType: string;
      /**
       * Format: date-time
       * @description When a scan last ended well.
       */
      lastSyncAt: string | null;
      /**
       * @example success
       * @enum {string|null}
       */
      lastSyncStatus: 'idle' | 'syncing' | 'success' | 'error' | null;
      /** @example 120 */
      itemsProcessed: number | null;
      /** @example null */
      lastSyncError: string | null;
      /**
       * @description Everything that the provider had changed up to here has been seen. Null: no complete scan yet.
       * @example 2026-06-01T08:59:00.000Z
       */
      cursor: string | null;
    };
    SyncStateListDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['SyncStateDto'][];
    };
    SyncNoteDto: {
      /**
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
      /** @example The provider ignores its changed-since filter; the whole list was read and compared. */
      message: string;
    };
    SyncLogDto: {
      /**
       * Format: uuid
       * @example 5a0f6f0c-9f5d-4d35-9a1a-0d0b8f0f2a41
       */
      id: string;
      /**
       * Format: uuid
       * @example 0f6d1e3a-7a55-4a9e-8a39-2f8b6b8f7c10
       */
      integrationId: string;
      /**
       * Format: uuid
       * @description The run that wrote the entry.
       */
      jobId: string;
      /**
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
      /** @example 1840 */
      durationMs: number | null;
      /** @example 120 */
      recordsFetched: number;
      /** @example 3 */
      recordsCreated: number;
      /** @example 2 */
      recordsUpdated: number;
      /** @example 115 */
      recordsUnchanged: number;
      /** @example 0 */
      recordsDeleted: number;
      /**
       * @description Rows that could not be understood.
       * @example 0
       */
      recordsQuarantined: number;
      /** @description What else is worth knowing of this sync. */
      notes: components['schemas']['SyncNoteDto'][];
      /**
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
       * @example null
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
      /** Format: date-time */
      createdAt: string;
    };
    SyncPaginationDto: {
      /** @example 25 */
      limit: number;
      /** @example 0 */
      offset: number;
      /** @example 1 */
      total: number;
      /** @example false */
      hasMore: boolean;
    };
    SyncLogListDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['SyncLogDto'][];
      pagination: components['schemas']['SyncPaginationDto'];
    };
    SyncLogAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['SyncLogDto'];
    };
    RetryDataDto: {
      /**
       * Format: uuid
       * @description The run that retries; its entries carry it as `jobId`.
       */
      jobId: string;
    };
    RetryAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['RetryDataDto'];
    };
    BatchRetryDto: {
      /** Format: uuid */
      integrationId: string;
      /**
       * @description Left out: all of them.
       * @example invoices
       */
      resourceType?: string;
      /**
       * @description At most this many entries, newest first. A larger number is clamped.
       * @default 100
       */
      limit?: number;
    };
    BatchRetryDataDto: {
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
    BatchRetryAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['BatchRetryDataDto'];
    };
    StatsWindowDto: {
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      to: string;
    };
    SyncStatsDto: {
      /**
       * @description Those under way included.
       * @example 24
       */
      runs: number;
      /** @example 23 */
      succeeded: number;
      /** @example 1 */
      failed: number;
      /**
       * @description Cancelled, or not reached.
       * @example 0
       */
      skipped: number;
      /** @example 2880 */
      recordsFetched: number;
      /** @example 30 */
      recordsCreated: number;
      /** @example 12 */
      recordsUpdated: number;
      /** @example 2838 */
      recordsUnchanged: number;
      /** @example 0 */
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
      window: components['schemas']['StatsWindowDto'];
    };
    SyncStatsAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['SyncStatsDto'];
    };
    SyncStatsOfTypeDto: {
      /**
       * @description Those under way included.
       * @example 24
       */
      runs: number;
      /** @example 23 */
      succeeded: number;
      /** @example 1 */
      failed: number;
      /**
       * @description Cancelled, or not reached.
       * @example 0
       */
      skipped: number;
      /** @example 2880 */
      recordsFetched: number;
      /** @example 30 */
      recordsCreated: number;
      /** @example 12 */
      recordsUpdated: number;
      /** @example 2838 */
      recordsUnchanged: number;
      /** @example 0 */
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
      window: components['schemas']['StatsWindowDto'];
      /** @example customers */
      resourceType: string;
    };
    SyncStatsByTypeAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['SyncStatsOfTypeDto'][];
    };
    AddressDto: {
      line1: string | null;
      line2: string | null;
      city: string | null;
      region: string | null;
      postalCode: string | null;
      country: string | null;
    };
    CustomerDataDto: {
      name: string | null;
      firstName: string | null;
      lastName: string | null;
      email: string | null;
      phone: string | null;
      address: components['schemas']['AddressDto'] | null;
      externalReference: string | null;
      active: boolean;
    };
    ProductDataDto: {
      name: string;
      /** @enum {string} */
      kind: 'product' | 'service' | 'package' | 'membership';
      /** @description Minor units. */
      amountMinor: number | null;
      /**
       * @description ISO 4217.
       * @example GBP
       */
      currency: string;
      interval: string | null;
      visits: number | null;
      active: boolean;
      /** @description The holder of a package or membership. */
      customerExternalId?: string | null;
      /** @description All holders of what several share. */
      customerExternalIds?: string[];
    };
    InvoiceLineDto: {
      externalItemId: string | null;
      description: string | null;
      quantity: number;
      /** @description Minor units. */
      amountMinor: number;
    };
    InvoiceDataDto: {
      number: string | null;
      customerExternalId: string | null;
      /**
       * @description `unknown`: nobody can say whether it is owed.
       * @enum {string}
       */
      status: 'draft' | 'open' | 'partial' | 'overdue' | 'paid' | 'void' | 'refunded' | 'unknown';
      /**
       * @description Who says the status.
       * @enum {string}
       */
      statusSource: 'provider' | 'derived' | 'unknown';
      /**
       * @description ISO 4217.
       * @example GBP
       */
      currency: string;
      /** @description Minor units. */
      totalMinor: number;
      /** @description Minor units. */
      balanceMinor: number | null;
      /** @description What was given back, minor units; null: the provider does not say how much. */
      refundedMinor: number | null;
      /** Format: date-time */
      issuedAt: string | null;
      /** Format: date-time */
      dueAt: string | null;
      lines: components['schemas']['InvoiceLineDto'][];
    };
    PaymentDataDto: {
      invoiceExternalId: string | null;
      customerExternalId: string | null;
      /** @description Minor units. */
      amountMinor: number;
      /** @description What was given back, minor units; null: the provider does not say how much. */
      refundedMinor: number | null;
      /**
       * @description ISO 4217.
       * @example GBP
       */
      currency: string;
      method: string | null;
      /** Format: date-time */
      paidAt: string | null;
      status: string;
      /** @enum {string} */
      origin: 'provider' | 'interlock';
      /**
       * @description Card payments only.
       * @example 4242
       */
      cardLast4?: string | null;
      /**
       * @description Card payments only.
       * @example Visa
       */
      cardScheme?: string | null;
    };
    DeviceDataDto: {
      name: string | null;
      serial: string | null;
      platform: string | null;
      /** @enum {string} */
      status: 'online' | 'offline' | 'pairing';
      /** Format: date-time */
      lastSeenAt: string | null;
    };
    RecordDto: {
      /** Format: uuid */
      id: string;
      /**
       * @description The provider’s id; products carry their kind before it.
       * @example package:12
       */
      externalId: string;
      /**
       * @example products
       * @enum {string}
       */
      resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /**
       * @description Counts per record and never restarts.
       * @example 2
       */
      version: number;
      /**
       * @description `deleted` keeps the last data.
       * @enum {string}
       */
      operation: 'created' | 'updated' | 'deleted';
      /** @description By resource type. */
      data:
        | components['schemas']['CustomerDataDto']
        | components['schemas']['ProductDataDto']
        | components['schemas']['InvoiceDataDto']
        | components['schemas']['PaymentDataDto']
        | components['schemas']['DeviceDataDto'];
      /**
       * Format: date-time
       * @description The provider’s own time of last change; null: it names none.
       */
      sourceUpdatedAt: string | null;
      /** Format: date-time */
      syncedAt: string;
    };
    RecordPageDto: {
      data: components['schemas']['RecordDto'][];
      /**
       * @description Keep it and come back with it: also on the last page.
       * @example ZjEuMTIw
       */
      nextCursor: string;
      /** @example false */
      hasMore: boolean;
    };
    RecordAnswerDto: {
      data: components['schemas']['RecordDto'];
    };
    WatermarkDto: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /**
       * @description The source.
       * @example mindbody
       */
      provider: string;
      /** @example appointments */
      resourceType: string;
      /** Format: date-time */
      lastSyncAt: string | null;
      /** @enum {string|null} */
      lastSyncStatus: 'idle' | 'syncing' | 'success' | 'error' | null;
      lastSyncError: string | null;
      cursor: string | null;
      itemsSynced: number;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
    };
    WatermarkListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      data: components['schemas']['WatermarkDto'][];
    };
    PutWatermarkDto: {
      /** Format: date-time */
      lastSyncAt?: string | null;
      /**
       * @example success
       * @enum {string|null}
       */
      lastSyncStatus?: 'idle' | 'syncing' | 'success' | 'error' | null;
      lastSyncError?: string | null;
      /** @example 2026-06-01T09:00:00Z */
      cursor?: string | null;
      /** @example 120 */
      itemsSynced?: number;
    };
    WatermarkAnswerDto: {
      data: components['schemas']['WatermarkDto'];
      /** @description Whether this call made it. */
      created: boolean;
    };
    MappingMetadataDto: {
      /** @example Ten visit pass */
      name?: string;
      /** @example package */
      type?: string;
      /** @example upfront */
      charge_type?: string;
    };
    ProductMappingDto: {
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
      /** Format: uuid */
      internalId: string;
      /** @description Null, as the next three: there is no such product. */
      productName: string | null;
      /** @example package */
      productKind: string | null;
      /** @example 15000 */
      productAmountMinor: number | null;
      /** @example GBP */
      productCurrency: string | null;
      /** @description As sent; empty when nothing was. */
      metadata: components['schemas']['MappingMetadataDto'];
    };
    ProductMappingListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['ProductMappingDto'][];
    };
    PutProductMappingDto: {
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
      metadata?: components['schemas']['MappingMetadataDto'];
    };
    PutProductMappingsDto: {
      mappings: components['schemas']['PutProductMappingDto'][];
    };
    PutProductMappingsAnswerDto: {
      /** @enum {boolean} */
      success: true;
      /** @example 1 */
      count: number;
    };
    MappingDoneDto: {
      /** @enum {boolean} */
      success: true;
    };
    UnmappedAttemptDto: {
      /**
       * @description With its kind, where that is known; of a plan its first row’s.
       * @example package:12
       */
      externalPackageId: string;
      /** @example Ten visit pass */
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
    UnmappedAttemptListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['UnmappedAttemptDto'][];
      /**
       * @description The sum of all counts, also of what was cut.
       * @example 4
       */
      totalCount: number;
    };
    ExternalItemDto: {
      /** @example 12 */
      id: string;
      /** @example Ten visit pass */
      name: string;
      /** @example package */
      type?: string | null;
      /** @example upfront */
      charge_type?: string | null;
      /**
       * @description In major units.
       * @example 150
       */
      price?: number | null;
      /**
       * @example package
       * @enum {string|null}
       */
      source?: 'package' | 'invoice' | 'unmapped' | null;
    };
    SuggestMappingsDto: {
      externalItems: components['schemas']['ExternalItemDto'][];
    };
    SuggestionDto: {
      /** @example 12 */
      externalId: string;
      /** Format: uuid */
      internalId: string;
      /** @example 0.94 */
      confidence: number;
      /** @example The names share 3 of 3 words (93 % alike), the price is the same and both are a package. */
      reasoning: string;
    };
    SuggestionsAnswerDto: {
      /** @enum {boolean} */
      success: true;
      /** @description At most one per item; none where nothing is alike enough. */
      suggestions: components['schemas']['SuggestionDto'][];
    };
    PackageDto: {
      /**
       * @description With its kind, as it is mapped; of a plan its first row’s.
       * @example package:12
       */
      id: string;
      /** @example Ten visit pass */
      name: string;
      /** @example 10 visits */
      public_name?: string;
      /**
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
      /** @example 10 */
      visits?: number;
      /** @example true */
      active?: boolean;
    };
    PackageListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['PackageDto'][];
    };
    BillableItemDto: {
      /**
       * @description As it is mapped: with its kind where the invoice says it.
       * @example product:31
       */
      id: string;
      /** @example Initial consultation */
      name: string;
      /** @example service */
      type?: string;
      /** @example upfront */
      charge_type?: string;
      /**
       * @description Of one, as the newest invoice shows it. In major units of the currency that the provider uses (150 is £150.00).
       * @example 45
       */
      price?: number;
      /** @enum {string} */
      source: 'invoice';
    };
    BillableItemListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['BillableItemDto'][];
    };
    PaymentMappingRowDto: {
      /**
       * @description The caller’s own.
       * @example card
       */
      id: string;
      /** @example card */
      revkeenMethod: string;
      /**
       * @description The provider’s id of the payment method, whichever provider it is.
       * @example 2
       */
      practiceHubMethodId: string;
    };
    PaymentMappingListDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['PaymentMappingRowDto'][];
    };
    PutPaymentMappingsDto: {
      mappings: components['schemas']['PaymentMappingRowDto'][];
    };
    PaymentMethodDto: {
      /** @example 2 */
      id: number;
      /** @example Card */
      name: string;
      /** @example true */
      active: boolean;
      /** @example 20 */
      sort_order: number;
    };
    PaymentMethodListDto: {
      /**
       * @description The list was cut: by `limit`, or because it is too large for one answer. Absent: this is the end of it.
       * @enum {boolean}
       */
      hasMore?: true;
      /** @description The `cursor` of the rest, wherever `hasMore` is. */
      nextCursor?: string;
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['PaymentMethodDto'][];
    };
    OneShotCredentialsDto: {
      /**
       * Format: uri
       * @description Where the provider’s API answers. Normalised before use; https, and a public host of the provider.
       * @example https://yourclinic.practicehub.io
       */
      baseUrl: string;
      /**
       * Format: password
       * @description The key that the provider issued.
       * @example ph_8c1f…
       */
      apiKey: string;
      /**
       * Format: email
       * @description Contact address that is shown to the provider.
       * @default info@revkeen.com
       * @example info@revkeen.com
       */
      contactEmail?: string;
      /** @description Taken for compatibility. No provider asks for it. */
      tenantId?: string;
    };
    PushPaymentDto: {
      /**
       * @description The `externalId` of a synced invoice.
       * @example 501
       */
      externalInvoiceId: string;
      /** @example 4400 */
      amountMinor: number;
      /** @example GBP */
      currency: string;
      /**
       * @description A method that payment-mappings maps.
       * @example card
       */
      method: string;
      /**
       * Format: date-time
       * @example 2026-05-05T10:00:00Z
       */
      paidAt: string;
      /**
       * @description Your own word for this payment.
       * @example pay_8812
       */
      reference: string;
    };
    PushRequestedDataDto: {
      /** Format: uuid */
      id: string;
      /**
       * Format: uuid
       * @description The run that pushes it.
       */
      jobId: string;
      /**
       * @example queued
       * @enum {string}
       */
      status: 'queued' | 'pushed' | 'failed' | 'needs_review';
    };
    PushRequestedDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['PushRequestedDataDto'];
    };
    OutboundPaymentDto: {
      /** Format: uuid */
      id: string;
      /**
       * Format: uuid
       * @description The run that pushes it, or did last.
       */
      jobId: string;
      /**
       * @example pushed
       * @enum {string}
       */
      status: 'queued' | 'pushed' | 'failed' | 'needs_review';
      /** @example 501 */
      externalInvoiceId: string;
      /** @example 4400 */
      amountMinor: number;
      /** @example GBP */
      currency: string;
      /** @example card */
      method: string;
      /** Format: date-time */
      paidAt: string;
      /** @example pay_8812 */
      reference: string;
      /**
       * @description Set as soon as the provider has the payment, also when a later step failed.
       * @example 77
       */
      externalPaymentId: string | null;
      /**
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
       * @example null
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
    };
    OutboundPaymentAnswerDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['OutboundPaymentDto'];
    };
    ProviderStateDto: {
      /** @example 0 */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      lastErrorAt: string | null;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      lastSyncAt: string | null;
      /** @enum {string} */
      mode: 'sandbox' | 'live';
    };
    SyncIntervalStateDto: {
      /** @description A schedule exists and will fire. */
      hasRepeatableJob: boolean;
      /** @example 3600000 */
      intervalMs: number;
      /**
       * Format: date-time
       * @description Absent when the schedule will not fire.
       * @example 2026-05-01T09:30:00.000Z
       */
      nextRun?: string;
    };
    FilterFindingDto: {
      /** @example patients */
      stream: string;
      /**
       * @description Only a filter that is honoured is used.
       * @enum {string}
       */
      state: 'honoured' | 'ignored' | 'refused' | 'unproven';
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      checkedAt: string;
    };
    ConfigurationDto: {
      /** @example false */
      autoSendInvoices: boolean;
      /** @example 90 */
      invoiceLookbackDays: number;
      /** @example GBP */
      currency: string;
      /** @example Europe/London */
      timezone: string | null;
      /** @example 60 */
      syncIntervalMinutes: number;
      /** @example true */
      syncPatients: boolean;
      /** @example true */
      syncProducts: boolean;
      /** @example true */
      syncPackages: boolean;
      /** @example true */
      syncInvoices: boolean;
      /** @example false */
      pushPayments: boolean;
      /** @example https://yourclinic.practicehub.io */
      baseUrl: string;
      /**
       * @description The last four characters of the key.
       * @example 8c1f
       */
      credentialHint: string;
    };
    IntegrationDto: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      isActive: boolean;
      syncEnabled: boolean;
      /** @enum {string|null} */
      status: 'connected' | 'error' | 'syncing' | 'idle' | null;
      /**
       * Format: date-time
       * @description End of the last successful run since the last activation.
       * @example 2026-05-01T09:30:00.000Z
       */
      lastSyncAt: string | null;
      lastSyncError: string | null;
      /** @enum {string} */
      syncHealth: 'healthy' | 'degraded' | 'paused';
      providerState: components['schemas']['ProviderStateDto'];
      syncInterval: components['schemas']['SyncIntervalStateDto'];
      /** @description The changed-since filters that were tried on this account. */
      filters: components['schemas']['FilterFindingDto'][];
      /** @description Settings, and of the credential its hint and base URL only. */
      configuration: components['schemas']['ConfigurationDto'];
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-05-01T09:30:00.000Z
       */
      updatedAt: string;
    };
    PaginationDto: {
      /** @example 25 */
      limit: number;
      /** @example 0 */
      offset: number;
      /** @example 1 */
      total: number;
      /** @example false */
      hasMore: boolean;
    };
    IntegrationListDto: {
      data: components['schemas']['IntegrationDto'][];
      pagination: components['schemas']['PaginationDto'];
    };
    IntegrationAnswerDto: {
      /** @description null: never configured. */
      data: components['schemas']['IntegrationDto'] | null;
    };
    SettingsDto: {
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
       * @default 90
       */
      invoiceLookbackDays?: number;
      /** @default true */
      syncEnabled?: boolean;
      /**
       * @description Customers.
       * @default true
       */
      syncPatients?: boolean;
      /**
       * @description Services and products.
       * @default true
       */
      syncProducts?: boolean;
      /**
       * @description Packages and memberships.
       * @default true
       */
      syncPackages?: boolean;
      /**
       * @description Invoices, and payments with them.
       * @default true
       */
      syncInvoices?: boolean;
      /**
       * @description Send payments made on the platform to the provider.
       * @default false
       */
      pushPayments?: boolean;
      /**
       * @description Unpaid invoices are stored as open (true) or draft (false).
       * @default false
       */
      autoSendInvoices?: boolean;
      /** @description Left out: the mappings kept from before. */
      paymentMappings?: components['schemas']['PaymentMappingRowDto'][];
    };
    ActivatedDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['IntegrationDto'];
    };
    CredentialsDto: {
      /**
       * Format: password
       * @description The key that the provider issued.
       * @example ph_8c1f…
       */
      apiKey: string;
      /**
       * Format: uri
       * @description Where the provider’s API answers. Normalised before use; https, and a public host of the provider.
       * @example https://yourclinic.practicehub.io
       */
      baseUrl: string;
      /**
       * @description Application name that is shown to the provider.
       * @default RevKeen
       * @example RevKeen
       */
      appName?: string;
      /**
       * Format: email
       * @description Contact address that is shown to the provider.
       * @default info@revkeen.com
       * @example info@revkeen.com
       */
      appEmail?: string;
    };
    ActivateDto: {
      credentials: components['schemas']['CredentialsDto'];
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
       * @default 90
       */
      invoiceLookbackDays?: number;
      /** @default true */
      syncEnabled?: boolean;
      /**
       * @description Customers.
       * @default true
       */
      syncPatients?: boolean;
      /**
       * @description Services and products.
       * @default true
       */
      syncProducts?: boolean;
      /**
       * @description Packages and memberships.
       * @default true
       */
      syncPackages?: boolean;
      /**
       * @description Invoices, and payments with them.
       * @default true
       */
      syncInvoices?: boolean;
      /**
       * @description Send payments made on the platform to the provider.
       * @default false
       */
      pushPayments?: boolean;
      /**
       * @description Unpaid invoices are stored as open (true) or draft (false).
       * @default false
       */
      autoSendInvoices?: boolean;
      /** @description Left out: the mappings kept from before. */
      paymentMappings?: components['schemas']['PaymentMappingRowDto'][];
    };
    DeactivateDto: {
      /**
       * @description Only an explicit false keeps the sealed credential.
       * @default true
       */
      deleteCredentials?: boolean;
    };
    MessageDto: {
      /** @enum {boolean} */
      success: true;
      /** @example Sync resumed. */
      message: string;
    };
    CredentialsBodyDto: {
      credentials: components['schemas']['CredentialsDto'];
    };
    CredentialTestDto: {
      valid: boolean;
      /** @description The provider’s message, when not valid. */
      error?: string;
      /** @description The same message. */
      reason?: string;
    };
    SyncDto: {
      /**
       * @description Read everything again, without emptying anything first.
       * @default false
       */
      fullResync?: boolean;
    };
    JobDto: {
      /** @enum {boolean} */
      success: true;
      /**
       * Format: uuid
       * @description The run’s id.
       */
      jobId: string;
    };
    StatusDto: {
      /** @enum {string} */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /** @description With status error: what went wrong. */
      lastSyncError?: string | null;
    };
    SuccessDto: {
      /** @enum {boolean} */
      success: true;
    };
    SyncToggleDto: {
      enabled: boolean;
    };
    SyncIntervalDto: {
      /** @example 60 */
      syncIntervalMinutes: number;
    };
    ResumedDto: {
      /** @enum {boolean} */
      success: true;
      /** @example Sync resumed. */
      message: string;
      /**
       * Format: uuid
       * @description The run’s id.
       */
      jobId?: string;
    };
    InvoiceLookbackDto: {
      /** @example 90 */
      invoiceLookbackDays: number;
    };
    AutoSendInvoicesDto: {
      autoSendInvoices: boolean;
    };
    ReplacedCredentialDto: {
      /** @example 2 */
      version: number;
      /** Format: date-time */
      rollbackUntil: string;
    };
    CredentialsReplacedDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['ReplacedCredentialDto'];
    };
    CredentialVersionDto: {
      /** @example 2 */
      version: number;
    };
    CredentialsRolledBackDto: {
      /** @enum {boolean} */
      success: true;
      data: components['schemas']['CredentialVersionDto'];
    };
    ExplainReasonDto: {
      /** @example scheduled */
      code: string;
      message: string;
      /** Format: date-time */
      since: string | null;
      /** @enum {string} */
      nextAction: 'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support';
    };
    ExplanationDto: {
      willRun: boolean;
      /** Format: date-time */
      nextExpectedStart: string | null;
      /** @description The true reason first. */
      reasons: components['schemas']['ExplainReasonDto'][];
    };
    ExplainAnswerDto: {
      data: components['schemas']['ExplanationDto'];
    };
    CapabilitiesDto: {
      /** @description Its payment methods can be listed. */
      paymentMethods: boolean;
      /** @description Paid payments can be pushed to it. */
      pushPayments: boolean;
      /** @description It has packages or memberships. */
      packages: boolean;
    };
    ProviderDto: {
      /**
       * @example practicehub
       * @enum {string}
       */
      id: 'practicehub' | 'wodify' | 'terminal';
      /** @example PracticeHub */
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
      /** @example 60 */
      defaultIntervalMinutes: number;
      /** @example 5 */
      minimumIntervalMinutes: number;
      /**
       * @example [
       *       "customers",
       *       "invoices"
       *     ]
       */
      resources: ('customers' | 'products' | 'invoices' | 'payments' | 'devices')[];
      capabilities: components['schemas']['CapabilitiesDto'];
      /**
       * Format: uri
       * @example https://practicehub.io
       */
      docsUrl: string;
    };
    ProviderListDto: {
      data: components['schemas']['ProviderDto'][];
    };
    ProviderAnswerDto: {
      data: components['schemas']['ProviderDto'];
    };
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
     * @description Echoed when the request named it.
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
     * @example 1777628400
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
  listProducts: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
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
          'application/json': components['schemas']['ProductListDto'];
        };
      };
    };
  };
  putProducts: {
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
        'application/json': components['schemas']['PutProductsDto'];
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
          'application/json': components['schemas']['PutProductsAnswerDto'];
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
           *           "created_at": "2026-05-01T09:30:00.000Z",
           *           "updated_at": "2026-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeListDto'];
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
        'application/json': components['schemas']['CreateNodeDto'];
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
           *       "created_at": "2026-05-01T09:30:00.000Z",
           *       "updated_at": "2026-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['NodeDto'];
        };
      };
    };
  };
  getNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
           *       "created_at": "2026-05-01T09:30:00.000Z",
           *       "updated_at": "2026-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['NodeDto'];
        };
      };
    };
  };
  updateNode: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "name": "text",
         *       "parent_id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
         *     }
         */
        'application/json': components['schemas']['UpdateNodeDto'];
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
           *       "created_at": "2026-05-01T09:30:00.000Z",
           *       "updated_at": "2026-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['NodeDto'];
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
           *           "created_at": "2026-05-01T09:30:00.000Z",
           *           "updated_at": "2026-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeListDto'];
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
           *           "expires_at": "2027-05-01T00:00:00.000Z",
           *           "created_at": "2026-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['NodeIntegrationListDto'];
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
         *       "expires_at": "2027-05-01T00:00:00.000Z"
         *     }
         */
        'application/json': components['schemas']['CreateNodeIntegrationDto'];
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
           *       "expires_at": "2027-05-01T00:00:00.000Z",
           *       "created_at": "2026-05-01T09:30:00.000Z",
           *       "secret": "sk-apex_…"
           *     }
           */
          'application/json': components['schemas']['IssuedNodeIntegrationDto'];
        };
      };
    };
  };
  getNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
           *       "expires_at": "2027-05-01T00:00:00.000Z",
           *       "created_at": "2026-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['NodeIntegrationDto'];
        };
      };
    };
  };
  updateNodeIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
         *       "expires_at": "2027-05-01T00:00:00.000Z"
         *     }
         */
        'application/json': components['schemas']['UpdateNodeIntegrationDto'];
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
        'application/json': components['schemas']['RotateSecretDto'];
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
           *       "expires_at": "2027-05-01T00:00:00.000Z",
           *       "created_at": "2026-05-01T09:30:00.000Z",
           *       "secret": "sk-apex_…",
           *       "previous_secret_expires_at": "2026-05-01T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['RotatedNodeIntegrationDto'];
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
         *       "api_key": "apex_…",
         *       "secret_key": "sk-apex_…"
         *     }
         */
        'application/json': components['schemas']['AuthenticateDto'];
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
           *       "access_token": "text",
           *       "refresh_token": "text",
           *       "token_type": "Bearer",
           *       "expires_in": 3600,
           *       "expires_at": "2026-05-01T10:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['TokenPairDto'];
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
         *       "refresh_token": "rt-apex_…"
         *     }
         */
        'application/json': components['schemas']['RefreshDto'];
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
           *       "access_token": "text",
           *       "refresh_token": "text",
           *       "token_type": "Bearer",
           *       "expires_in": 3600,
           *       "expires_at": "2026-05-01T10:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['TokenPairDto'];
        };
      };
    };
  };
  listSyncStates: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncStatus": "success",
           *           "itemsProcessed": 120,
           *           "lastSyncError": null,
           *           "cursor": "2026-06-01T08:59:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['SyncStateListDto'];
        };
      };
    };
  };
  listSyncLogs: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
        offset?: number;
        integrationId?: string;
        resourceType?: string;
        jobId?: string;
        status?: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
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
           *           "startedAt": "2026-05-01T09:30:00.000Z",
           *           "finishedAt": "2026-05-01T09:30:00.000Z",
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
           *           "createdAt": "2026-05-01T09:30:00.000Z"
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
          'application/json': components['schemas']['SyncLogListDto'];
        };
      };
    };
  };
  getSyncLog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        logId: string;
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
           *         "startedAt": "2026-05-01T09:30:00.000Z",
           *         "finishedAt": "2026-05-01T09:30:00.000Z",
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
           *         "createdAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['SyncLogAnswerDto'];
        };
      };
    };
  };
  retrySyncLog: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        logId: string;
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
          'application/json': components['schemas']['RetryAnswerDto'];
        };
      };
    };
  };
  retrySyncLogs: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['BatchRetryDto'];
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
          'application/json': components['schemas']['BatchRetryAnswerDto'];
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
        integrationId: string;
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
           *         "lastRunAt": "2026-05-01T09:30:00.000Z",
           *         "window": {
           *           "from": "2026-05-01T09:30:00.000Z",
           *           "to": "2026-05-01T09:30:00.000Z"
           *         }
           *       }
           *     }
           */
          'application/json': components['schemas']['SyncStatsAnswerDto'];
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
        integrationId: string;
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
           *           "lastRunAt": "2026-05-01T09:30:00.000Z",
           *           "window": {
           *             "from": "2026-05-01T09:30:00.000Z",
           *             "to": "2026-05-01T09:30:00.000Z"
           *           },
           *           "resourceType": "customers"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['SyncStatsByTypeAnswerDto'];
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
        resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
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
           *           "resourceType": "products",
           *           "version": 2,
           *           "operation": "created",
           *           "data": {
           *             "name": "text",
           *             "firstName": "text",
           *             "lastName": "text",
           *             "email": "text",
           *             "phone": "text",
           *             "address": {
           *               "line1": "text",
           *               "line2": "text",
           *               "city": "text",
           *               "region": "text",
           *               "postalCode": "text",
           *               "country": "text"
           *             },
           *             "externalReference": "text",
           *             "active": true
           *           },
           *           "sourceUpdatedAt": "2026-05-01T09:30:00.000Z",
           *           "syncedAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": "ZjEuMTIw",
           *       "hasMore": false
           *     }
           */
          'application/json': components['schemas']['RecordPageDto'];
        };
      };
    };
  };
  getRecord: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        externalId: string;
        resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
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
           *         "resourceType": "products",
           *         "version": 2,
           *         "operation": "created",
           *         "data": {
           *           "name": "text",
           *           "firstName": "text",
           *           "lastName": "text",
           *           "email": "text",
           *           "phone": "text",
           *           "address": {
           *             "line1": "text",
           *             "line2": "text",
           *             "city": "text",
           *             "region": "text",
           *             "postalCode": "text",
           *             "country": "text"
           *           },
           *           "externalReference": "text",
           *           "active": true
           *         },
           *         "sourceUpdatedAt": "2026-05-01T09:30:00.000Z",
           *         "syncedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['RecordAnswerDto'];
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
        /** @description Whatever the worker syncs from; for a provider of ours the engine’s own cursors are shown too. */
        source: string;
        /** @description The caller’s own; another one is 403 here. */
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
           *       "nextCursor": "text",
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "mindbody",
           *           "resourceType": "appointments",
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncStatus": "idle",
           *           "lastSyncError": "text",
           *           "cursor": "text",
           *           "itemsSynced": 0,
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "updatedAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['WatermarkListDto'];
        };
      };
    };
  };
  putWatermark: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Whatever the worker syncs from; for a provider of ours the engine’s own cursors are shown too. */
        source: string;
        /** @description The caller’s own; another one is 403 here. */
        merchantId: string;
        resourceType: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "lastSyncAt": "2026-05-01T09:30:00.000Z",
         *       "lastSyncStatus": "success",
         *       "lastSyncError": "text",
         *       "cursor": "2026-06-01T09:00:00Z",
         *       "itemsSynced": 120
         *     }
         */
        'application/json': components['schemas']['PutWatermarkDto'];
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
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastSyncStatus": "idle",
           *         "lastSyncError": "text",
           *         "cursor": "text",
           *         "itemsSynced": 0,
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "updatedAt": "2026-05-01T09:30:00.000Z"
           *       },
           *       "created": true
           *     }
           */
          'application/json': components['schemas']['WatermarkAnswerDto'];
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
           *       "nextCursor": "text",
           *       "success": true,
           *       "data": [
           *         {
           *           "externalId": "package:12",
           *           "externalName": "Ten visit pass",
           *           "internalId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "productName": "text",
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
          'application/json': components['schemas']['ProductMappingListDto'];
        };
      };
    };
  };
  putProductMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['PutProductMappingsDto'];
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
          'application/json': components['schemas']['PutProductMappingsAnswerDto'];
        };
      };
    };
  };
  deleteProductMapping: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        externalId: string;
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
          'application/json': components['schemas']['MappingDoneDto'];
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
           *       "nextCursor": "text",
           *       "success": true,
           *       "data": [
           *         {
           *           "externalPackageId": "package:12",
           *           "externalPackageName": "Ten visit pass",
           *           "count": 4,
           *           "lastSeenAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "totalCount": 4
           *     }
           */
          'application/json': components['schemas']['UnmappedAttemptListDto'];
        };
      };
    };
  };
  suggestMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['SuggestMappingsDto'];
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
          'application/json': components['schemas']['SuggestionsAnswerDto'];
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
           *       "nextCursor": "text",
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
          'application/json': components['schemas']['PackageListDto'];
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
           *       "nextCursor": "text",
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
          'application/json': components['schemas']['BillableItemListDto'];
        };
      };
    };
  };
  listPaymentMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
          'application/json': components['schemas']['PaymentMappingListDto'];
        };
      };
    };
  };
  putPaymentMappings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['PutPaymentMappingsDto'];
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
          'application/json': components['schemas']['MappingDoneDto'];
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
           *       "nextCursor": "text",
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
          'application/json': components['schemas']['PaymentMethodListDto'];
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
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "baseUrl": "https://yourclinic.practicehub.io",
         *       "apiKey": "ph_8c1f…",
         *       "contactEmail": "info@revkeen.com",
         *       "tenantId": "text"
         *     }
         */
        'application/json': components['schemas']['OneShotCredentialsDto'];
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
           *       "nextCursor": "text",
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
          'application/json': components['schemas']['PaymentMethodListDto'];
        };
      };
    };
  };
  pushPayment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
         *       "paidAt": "2026-05-05T10:00:00Z",
         *       "reference": "pay_8812"
         *     }
         */
        'application/json': components['schemas']['PushPaymentDto'];
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
          'application/json': components['schemas']['PushRequestedDto'];
        };
      };
    };
  };
  getPushedPayment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        paymentId: string;
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
           *         "paidAt": "2026-05-01T09:30:00.000Z",
           *         "reference": "pay_8812",
           *         "externalPaymentId": "77",
           *         "errorCode": null,
           *         "error": null,
           *         "nextAction": null,
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "updatedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['OutboundPaymentAnswerDto'];
        };
      };
    };
  };
  listIntegrations: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        limit?: number;
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
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncError": "text",
           *           "syncHealth": "healthy",
           *           "providerState": {
           *             "consecutiveErrors": 0,
           *             "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *             "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *             "mode": "sandbox"
           *           },
           *           "syncInterval": {
           *             "hasRepeatableJob": true,
           *             "intervalMs": 3600000,
           *             "nextRun": "2026-05-01T09:30:00.000Z"
           *           },
           *           "filters": [
           *             {
           *               "stream": "patients",
           *               "state": "honoured",
           *               "checkedAt": "2026-05-01T09:30:00.000Z"
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
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "updatedAt": "2026-05-01T09:30:00.000Z"
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
          'application/json': components['schemas']['IntegrationListDto'];
        };
      };
    };
  };
  getIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastSyncError": "text",
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2026-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2026-05-01T09:30:00.000Z"
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
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "updatedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['IntegrationAnswerDto'];
        };
      };
    };
  };
  updateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['SettingsDto'];
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
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastSyncError": "text",
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2026-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2026-05-01T09:30:00.000Z"
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
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "updatedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['ActivatedDto'];
        };
      };
    };
  };
  activateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f…",
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
        'application/json': components['schemas']['ActivateDto'];
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
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastSyncError": "text",
           *         "syncHealth": "healthy",
           *         "providerState": {
           *           "consecutiveErrors": 0,
           *           "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "mode": "sandbox"
           *         },
           *         "syncInterval": {
           *           "hasRepeatableJob": true,
           *           "intervalMs": 3600000,
           *           "nextRun": "2026-05-01T09:30:00.000Z"
           *         },
           *         "filters": [
           *           {
           *             "stream": "patients",
           *             "state": "honoured",
           *             "checkedAt": "2026-05-01T09:30:00.000Z"
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
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "updatedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['ActivatedDto'];
        };
      };
    };
  };
  deactivateIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['DeactivateDto'];
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
          'application/json': components['schemas']['MessageDto'];
        };
      };
    };
  };
  testCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f…",
         *         "baseUrl": "https://yourclinic.practicehub.io",
         *         "appName": "RevKeen",
         *         "appEmail": "info@revkeen.com"
         *       }
         *     }
         */
        'application/json': components['schemas']['CredentialsBodyDto'];
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
           *       "valid": true,
           *       "error": "text",
           *       "reason": "text"
           *     }
           */
          'application/json': components['schemas']['CredentialTestDto'];
        };
      };
    };
  };
  syncIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['SyncDto'];
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
          'application/json': components['schemas']['JobDto'];
        };
      };
    };
  };
  reportIntegrationStatus: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "status": "connected",
         *       "lastSyncError": "text"
         *     }
         */
        'application/json': components['schemas']['StatusDto'];
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
          'application/json': components['schemas']['SuccessDto'];
        };
      };
    };
  };
  toggleSync: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['SyncToggleDto'];
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
          'application/json': components['schemas']['SuccessDto'];
        };
      };
    };
  };
  setSyncInterval: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['SyncIntervalDto'];
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
          'application/json': components['schemas']['SuccessDto'];
        };
      };
    };
  };
  resumeSync: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
          'application/json': components['schemas']['ResumedDto'];
        };
      };
    };
  };
  setInvoiceLookback: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['InvoiceLookbackDto'];
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
          'application/json': components['schemas']['SuccessDto'];
        };
      };
    };
  };
  setAutoSendInvoices: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
        'application/json': components['schemas']['AutoSendInvoicesDto'];
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
          'application/json': components['schemas']['SuccessDto'];
        };
      };
    };
  };
  replaceCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: 'practicehub' | 'wodify' | 'terminal';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "credentials": {
         *         "apiKey": "ph_8c1f…",
         *         "baseUrl": "https://yourclinic.practicehub.io",
         *         "appName": "RevKeen",
         *         "appEmail": "info@revkeen.com"
         *       }
         *     }
         */
        'application/json': components['schemas']['CredentialsBodyDto'];
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
           *         "rollbackUntil": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': components['schemas']['CredentialsReplacedDto'];
        };
      };
    };
  };
  rollbackCredentials: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
          'application/json': components['schemas']['CredentialsRolledBackDto'];
        };
      };
    };
  };
  explainIntegration: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
           *         "nextExpectedStart": "2026-05-01T09:30:00.000Z",
           *         "reasons": [
           *           {
           *             "code": "scheduled",
           *             "message": "text",
           *             "since": "2026-05-01T09:30:00.000Z",
           *             "nextAction": "none"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['ExplainAnswerDto'];
        };
      };
    };
  };
  eraseIntegrationData: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
          'application/json': components['schemas']['JobDto'];
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
          'application/json': components['schemas']['ProviderListDto'];
        };
      };
    };
  };
  getProvider: {
    parameters: {
      query?: never;
      header?: never;
      path: {
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
          'application/json': components['schemas']['ProviderAnswerDto'];
        };
      };
    };
  };
}

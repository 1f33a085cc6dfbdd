// Generated from openapi-admin.json by `npm run openapi`.
export interface paths {
  '/admin/api/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who is signed in
     * @description For a page that shows what the token allows: a viewer cannot act, an operator cannot touch keys.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetMe'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/overview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Is anything wrong, since when, for whom, and what next
     * @description The first page of the console in one answer. It is made anew every few seconds at most.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetOverview'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Running syncs as they go, as server-sent events
     * @description A stream ends after five minutes, or with its token; an `EventSource` connects again by itself.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminStreamRuns'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/incidents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Outages of providers, newest first
     * @description When many integrations of one provider fail at once, that is one outage: their runs wait for it to end.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListIncidents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Rows of every merchant that could not be understood, newest first
     * @description What providers send that no rule understands, across merchants: the place to see that a provider has changed its format.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListQuarantine'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Integrations of every merchant
     * @description Newest first, where no `sort` is given. Filters narrow the list. For what most needs a person read the overview instead.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListIntegrations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One integration
     * @description Its settings, its health, and how many records are stored by type.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why the next sync will or will not run
     * @description The reasons of the merchant’s `explain`. The texts say what is so, and not which call the merchant makes.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminExplainIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/findings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What is wrong with it, since when, and what next
     * @description Those of the overview that concern it, with what keeps the runs of all from starting.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListFindingsOfIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/timeline': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What happened to it, newest first
     * @description Everything that happened to it in one list: runs, acts that stand in the audit log, changes of its breaker and its schedule, deletions and rows that were held back, and endpoints of its merchant that were switched off. A run stands where it ended, else began, else was asked for.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListTimeline'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/activity': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Changes of each resource by day
     * @description How many records each day’s runs created, updated and deleted, for a chart.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListActivity'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Rows that could not be understood
     * @description Rows of this integration that a sync set aside because they could not be understood. A later sync that understands them takes them out.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListQuarantineOfIntegration'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/sync': {
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
     * @description Queues a run now, also where the schedule is paused. 400 while it is not connected or its breaker is open.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminSyncIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop the schedule until somebody resumes it
     * @description The schedule stops; a run under way finishes. Credentials, records and cursors stay. Pausing again replaces the reason.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminPauseIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/integrations/{id}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End the pause, close the breaker and run now
     * @description The one act that undoes every stop: the pause of an operator and an open breaker.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminResumeIntegration'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Runs of every merchant, the last change first
     * @description Syncs, pushes of payments and erasures, in the order of `changedAt`: when each ended, else began, else was asked for. Filters narrow the list, for example to what one bar of a chart counts.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListRuns'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/runs/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One run
     * @description Its attempts, what it read of each stream, what it noted about that, its errors, and the id of its trace.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetRun'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/approvals': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Acts that a second operator decides on, newest first
     * @description What SECOND_APPROVER_ACTS names is not done at once: it waits here for another operator.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListApprovals'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/approvals/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One request
     * @description What was asked for, by whom, and what became of it.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetApproval'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/approvals/{id}/approve': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Approve what another operator asks for, and do it
     * @description The act is done once, in the name of who asked for it. 403 for who asked for it, and for a role that may not do it; 409 when it is decided or expired, or when who asked or who approves is disabled or has lost the role. Where people sign in by OpenID Connect, also 403 unless both have.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminApproveApproval'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/approvals/{id}/refuse': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Refuse a request, or take back your own
     * @description Nothing is done. 409 when it is decided or expired.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminRefuseApproval'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Deletions that were held for a decision, newest first
     * @description A full scan that misses more records than is plausible, or finds an empty list, deletes nothing: it makes a plan, which waits here.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListDeletionPlans'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One plan
     * @description What one scan missed, and who decided on it.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetDeletionPlan'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans/{id}/records': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What a plan would delete
     * @description Every record of the plan, with what is stored of it: its amount, and when it last changed.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListPlannedDeletions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans/{id}/loss': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How much a plan would delete
     * @description Counts the records of the plan that are stored still, and their amounts.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetPlannedLoss'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans/{id}/approve': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Delete what is still live and still missing
     * @description Records of the plan that came back meanwhile stay. 404 when a later scan has missed more: that is another plan. 409 when it is decided already.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminApproveDeletionPlan'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/deletion-plans/{id}/discard': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Keep the records; the next scan starts from nothing
     * @description No record is deleted. Records that a later scan misses again are counted anew. 409 when it is decided already.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminDiscardDeletionPlan'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/payment-reviews': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Payments of which nobody knows whether the provider took them, newest first
     * @description An answer of the provider was lost, and a search did not show whether it took the payment. Such a payment is not sent again until somebody decides.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListPaymentReviews'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/payment-reviews/{id}/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Search the provider once more
     * @description Queues a run that looks for the payment at the provider. Nothing is sent. 409 when the payment is not held.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminSearchPaymentAgain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/payment-reviews/{id}/not-taken': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Say that the provider does not have it: somebody has looked
     * @description Only for a person who has looked at the provider’s own pages. 409 when the payment is not held.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminDeclarePaymentNotTaken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/merchants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Merchants, newest first
     * @description Everybody who has keys or integrations here, with counts.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListMerchants'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/merchants/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One merchant
     * @description Its name, its default currency, and counts of its integrations and keys.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetMerchant'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/merchants/{id}/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * API keys of a merchant, newest first
     * @description What each key may do, since when, until when, and when it was last used.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListApiKeys'];
    put?: never;
    /**
     * Create an API key
     * @description For a merchant’s back end. Hand it over by a safe way: it cannot be read again.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminCreateApiKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/api-keys/{id}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Revoke an API key
     * @description The key stops at once and for good; revoking it again changes nothing.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminRevokeApiKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/api-keys/{id}/allowed-cidrs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Say where an API key may be used from
     * @description Replaces the whole list. Calls with the key from other addresses are answered 403.
     *
     *     Needs one of: the role `admin`.
     */
    put: operations['adminSetApiKeyAddresses'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/api-keys/{id}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace an API key
     * @description Makes a successor with the same name and scopes, so that the merchant can change over without a gap.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminRotateApiKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/merchants/{id}/webhook-endpoints': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Webhook endpoints of a merchant, oldest first
     * @description Of both environments: how each fares and how far it has come.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListWebhookEndpoints'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One webhook endpoint
     * @description Its settings, how it fares, and how far behind the log it is.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetWebhookEndpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why events are, or are not, delivered
     * @description What the merchant is told by `explain`.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminExplainWebhookEndpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/attempts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was sent and what came of it, newest first
     * @description Attempts are kept seven days. Answers are masked.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListWebhookAttempts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/given-up': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Events that were not taken by their last try, oldest first
     * @description Nothing sends them again by itself. A replay by `eventId` does; one that is taken is listed no longer.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListGivenUpWebhookEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/replay-preview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What a replay would send
     * @description Counts the events and sends nothing. 422 when the filters leave the event out.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminPreviewWebhookReplay'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/replay': {
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
     * @description Events keep their ids, and the filters hold. 409 when ten replays of the endpoint are under way.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminReplayWebhookEvents'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/test': {
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
     * @description Once, whatever the filters say, also where the endpoint is switched off.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminTestWebhookEndpoint'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/webhook-endpoints/{id}/switch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Switch an endpoint off or on
     * @description Switched on, it goes on where it stands: what happened meanwhile is sent, as far as it is kept.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminSwitchWebhookEndpoint'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/providers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Providers, who tells each, and how many integrations depend on it
     * @description Built-in ones first. One that is not served any more is listed for as long as integrations of it are active.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListProviders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/providers/{provider}/manifest': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The manifest of a provider, with its versions
     * @description As an operator stored it. To go back, store the text of an earlier version again.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetManifest'];
    /**
     * Tell a provider, or tell it otherwise
     * @description Checked as `provider lint` does. Lists whose part of the manifest changed are read anew; a list that is left out stays as it is. It stands before a file in `PROVIDERS_DIR` with the same id.
     *
     *     Needs one of: the role `admin`.
     */
    put: operations['adminSaveManifest'];
    post?: never;
    /**
     * Stop to serve a provider
     * @description Refused while integrations of it are active: the text says how many. What was synced is kept.
     *
     *     Needs one of: the role `admin`.
     */
    delete: operations['adminDeleteManifest'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The audit log, newest first
     * @description Who did what to which thing, and why. Entries are chained: one that was changed or taken out is found by `audit verify`.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/retries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give failed log entries of many integrations another attempt
     * @description For after an outage: what failed and may pass now is tried again, once for each entry. Integrations whose breaker is open are left out. Where SECOND_APPROVER_ACTS names `bulk_retry`, the entries of an operator’s calls in the last hour count together.
     *
     *     Needs one of: the role `admin`, the role `operator`.
     */
    post: operations['adminRetryMany'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/vault/rotation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The latest rotation of the vault, and which keys are in use
     * @description How far the move of the sealed credentials to another key is, and whether an old key can be retired.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetVaultRotation'];
    put?: never;
    /**
     * Move every secret to another key, while everything goes on
     * @description Seals every credential with another key, in batches. Syncs go on meanwhile. 409 while a rotation to another key is open.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminStartVaultRotation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/audit/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The audit log as a file, oldest first
     * @description With the filters of the list. Each line has its sequence and its hashes of the chain; `audit verify --from-stream` proves an export of everything in JSON lines complete and unaltered. An act is there within a second, when a worker has chained it. An export that fails is broken off: the answer then has no end, and is not the whole. 409 while another one of the same subject runs.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminExportAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tokens that were issued on record, or revoked, newest first
     * @description Access tokens that the command line or the key exchange issued, with their bounds and their end.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListTokens'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/tokens/{jti}/revoke': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Revoke one token
     * @description For a token that may have leaked, of this service or of another issuer.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminRevokeToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/operators': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who uses the admin API, the last seen first
     * @description Each subject of a token that was used here, with its roles as they were then.
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListOperators'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/operators/{subject}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Refuse an operator everywhere at once
     * @description Ends every session, refuses every token of the subject and every later sign-in.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminDisableOperator'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/api/operators/{subject}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let a disabled operator in again
     * @description Tokens that have not expired are good again.
     *
     *     Needs one of: the role `admin`.
     */
    post: operations['adminEnableOperator'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How one signs in here
     * @description For the sign-in page, before anybody is known.
     */
    get: operations['adminGetSignInMethods'];
    put?: never;
    /**
     * Exchange a token for the console’s cookie
     * @description The cookie is sent to /admin alone, and no script can read it.
     */
    post: operations['adminSignIn'];
    /**
     * Sign out
     * @description Takes the cookie away and revokes the token that it held: whoever has a copy is refused as well.
     */
    delete: operations['adminSignOut'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sign-in': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sign in at the OpenID provider
     * @description Code flow with PKCE. 404 without OIDC_ISSUER.
     */
    get: operations['adminBeginSignIn'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sign-in/callback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Where the OpenID provider sends the browser back to
     * @description Takes the authorization response: `code` and `state`, or `error`.
     */
    get: operations['adminFinishSignIn'];
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
       * @description Counts the attempts, from 1.
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
    SignedIn: {
      /**
       * @description The token’s subject.
       * @example jo@example.com
       */
      id: string;
      /**
       * @description `admin`, `operator` or `viewer`.
       * @example [
       *       "operator"
       *     ]
       */
      roles: string[];
    };
    Headline: {
      /**
       * @description The worst severity among the findings; `ok`: there are none.
       * @enum {string}
       */
      level: 'ok' | 'critical' | 'warning' | 'info';
      /**
       * @description The headline as a person reads it.
       * @example Everything is in step
       */
      text: string;
    };
    Amount: {
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
      /** @description In the smallest unit of the currency. */
      amountMinor: number;
      /** @description Of how many rows it is known. */
      rows: number;
    };
    FindingSubject: {
      /**
       * @description The list of the console whose entry it is.
       * @enum {string}
       */
      list: 'integrations' | 'runs' | 'merchants' | 'webhook-endpoints' | 'deletion-plans';
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
    };
    Finding: {
      /**
       * @description A word for programs: it never changes its meaning.
       * @enum {string}
       */
      code:
        | 'payments_held'
        | 'database_read_only'
        | 'database_away'
        | 'queue_stuck'
        | 'key_management_away'
        | 'key_management_missing'
        | 'provider_incident'
        | 'audit_stream_behind'
        | 'late'
        | 'credentials_rejected'
        | 'breaker_open'
        | 'degraded'
        | 'clock_skew'
        | 'store_slow'
        | 'rows_quarantined'
        | 'deletions_held'
        | 'approvals_waiting'
        | 'credentials_expiring'
        | 'keys_expiring'
        | 'tokens_expiring'
        | 'node_keys_expiring'
        | 'certificates_expiring'
        | 'endpoints_disabled'
        | 'endpoints_failing'
        | 'events_given_up'
        | 'rotation_stopped'
        | 'filters_unproven'
        | 'provider_clock_off'
        | 'new_at_provider'
        | 'manifest_refused'
        | 'rate_limited'
        | 'paused_by_operator'
        | 'risky_setting';
      /**
       * @description How soon somebody must act; in the sandbox never `critical`.
       * @enum {string}
       */
      severity: 'critical' | 'warning' | 'info';
      /**
       * @description null: it concerns the service itself.
       * @enum {string|null}
       */
      environment: 'sandbox' | 'live' | null;
      /** @description What is wrong, in one line. */
      title: string;
      /**
       * Format: date-time
       * @description Since when it is so; null: not known.
       */
      since: string | null;
      /** @description How many there are. */
      count: number;
      /** @description Three names at most. */
      merchants: string[];
      /** @description How many merchants it concerns, as far as that is known. */
      merchantCount: number;
      /** @description Money that it holds back, by currency, as far as that is known. */
      amounts: components['schemas']['Amount'][];
      /** @description What to do. */
      next: string;
      /**
       * @description What stands still because of it, and is told nowhere else.
       * @example [
       *       "the last sync of 2 integrations failed"
       *     ]
       */
      effects: string[];
      /** @description No run that it concerns starts while it stands. */
      stopsRuns: boolean;
      /** @description Query of the integrations list that shows them, or of the list that its `list` names. */
      filter: {
        [key: string]: string;
      } | null;
      /** @description The one that it is about; null: it is about several, or about what has no page. */
      subject: components['schemas']['FindingSubject'] | null;
    };
    OverviewCounts: {
      /** @description Those that are connected. */
      active: number;
      /** @description Those that are not connected. */
      inactive: number;
      /** @description Those whose last sync succeeded. */
      healthy: number;
      /** @description Those whose last sync failed and that go on trying. */
      degraded: number;
      /** @description Of a provider that has an open incident. */
      waitingForProvider: number;
      /** @description Those that have stopped trying. */
      paused: number;
      /** @description Stopped by an operator. */
      operatorPaused: number;
      /** @description Those that the merchant has switched off. */
      switchedOff: number;
      /** @description Those with a running sync. */
      syncing: number;
    };
    LatenessBucket: {
      /** @description null: anything above the bound before. */
      upToMinutes: number | null;
      /** @description How many there are. */
      count: number;
    };
    BarOfRuns: {
      /**
       * Format: date-time
       * @description When the bar begins.
       */
      from: string;
      /** @description How many ended well. */
      succeeded: number;
      /** @description How many failed. */
      failed: number;
    };
    BarOfErrors: {
      /**
       * Format: date-time
       * @description When the bar begins.
       */
      from: string;
      /**
       * @description Of the runs: a payment that failed is no failed sync.
       * @enum {string}
       */
      kind: 'sync' | 'push' | 'erase';
      /**
       * @description Why it failed, from the closed catalogue of codes; null: it did not.
       * @enum {string}
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
        | 'provider_timeout';
      /** @description How many there are. */
      count: number;
    };
    Incident: {
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
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * Format: date-time
       * @description When the outage began.
       */
      openedAt: string;
      /**
       * Format: date-time
       * @description null: it goes on.
       */
      closedAt: string | null;
      /**
       * Format: date-time
       * @description When the next run may try; open incidents only.
       */
      retryAt: string | null;
      /** @description Of the run that failed last with it; open incidents only. */
      lastError: string | null;
      /** @description Active integrations of this provider and environment. */
      integrations: number;
      /** @description Whose they are; three names at most. */
      merchants: string[];
      /** @description How many merchants they belong to. */
      merchantCount: number;
      /** @description Of those integrations, while it is open: degraded by it. */
      degraded: number;
      /** @description Of those integrations, while it is open: late because of it. */
      late: number;
    };
    AttentionIntegration: {
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
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'active' | 'inactive';
      /**
       * @description How far it is.
       * @enum {string}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      /**
       * @description What it is in; counts of the overview are by it.
       * @enum {string}
       */
      condition:
        'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
      /** @description Stopped by an operator. */
      operatorPaused: boolean;
      /**
       * Format: date-time
       * @description Since when; null: no operator has paused it.
       */
      operatorPausedAt: string | null;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /**
       * Format: date-time
       * @description Since when; null: it is on.
       */
      toggledOffAt: string | null;
      /**
       * @description `closed`: it syncs. `open`: it has stopped after failures. `half_open`: one run is trying.
       * @enum {string}
       */
      breaker: 'closed' | 'open' | 'half_open';
      /**
       * @description Why it stopped: failures in a row, or rejected credentials; null: it has not.
       * @enum {string|null}
       */
      breakerCause: 'failures' | 'auth' | null;
      /**
       * Format: date-time
       * @description When it stopped; null: it has not.
       */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      /** @description Syncs that failed since the last one that succeeded. */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /**
       * Format: date-time
       * @description When a sync last failed; null: none has since activation.
       */
      lastErrorAt: string | null;
      /** @description What the last sync failed with; null: it did not. */
      lastError: string | null;
      /**
       * @description The code of that failure; null: there is none.
       * @enum {string|null}
       */
      lastErrorCode:
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
       * Format: date-time
       * @description Since when it has failed without a success in between.
       */
      lastErrorSince: string | null;
      /** @description Minutes between two syncs; null: there is no schedule. */
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description When the next run starts, as `explain` says it: the queued one, the schedule or the probe of an open breaker; null: none is.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /**
       * Format: date-time
       * @description When the credentials end at the provider; null: the provider does not say it.
       */
      credentialsExpireAt: string | null;
      /**
       * Format: date-time
       * @description Since when a run of it, a push of payments too, waits for a rate limit; null: none does.
       */
      limitedSince: string | null;
      /**
       * Format: date-time
       * @description When the first of these runs may go on.
       */
      limitedUntil: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
      /** @description Findings that count it, worst first. */
      because: (
        | 'payments_held'
        | 'database_read_only'
        | 'database_away'
        | 'queue_stuck'
        | 'key_management_away'
        | 'key_management_missing'
        | 'provider_incident'
        | 'audit_stream_behind'
        | 'late'
        | 'credentials_rejected'
        | 'breaker_open'
        | 'degraded'
        | 'clock_skew'
        | 'store_slow'
        | 'rows_quarantined'
        | 'deletions_held'
        | 'approvals_waiting'
        | 'credentials_expiring'
        | 'keys_expiring'
        | 'tokens_expiring'
        | 'node_keys_expiring'
        | 'certificates_expiring'
        | 'endpoints_disabled'
        | 'endpoints_failing'
        | 'events_given_up'
        | 'rotation_stopped'
        | 'filters_unproven'
        | 'provider_clock_off'
        | 'new_at_provider'
        | 'manifest_refused'
        | 'rate_limited'
        | 'paused_by_operator'
        | 'risky_setting'
      )[];
    };
    Overview: {
      /**
       * Format: date-time
       * @description When these figures were taken.
       */
      generatedAt: string;
      /** @description All findings in one line. */
      headline: components['schemas']['Headline'];
      /** @description Worst first. */
      findings: components['schemas']['Finding'][];
      /** @description Integrations by what they are in. */
      counts: components['schemas']['OverviewCounts'];
      /** @description How late the schedules are, as a histogram. */
      lateness: components['schemas']['LatenessBucket'][];
      /** @description How many hours a bar of `runs` and `errors` stands for. */
      barHours: number;
      /** @description Runs by the time of their end, oldest first. */
      runs: components['schemas']['BarOfRuns'][];
      /** @description Failed runs of the same time by kind and code, oldest first. */
      errors: components['schemas']['BarOfErrors'][];
      /** @description Open ones first, twenty at most. */
      incidents: components['schemas']['Incident'][];
      /** @description Integrations that a finding of warning or worse counts, worst first; eight at most. */
      attention: components['schemas']['AttentionIntegration'][];
    };
    LiveRun: {
      /**
       * Format: uuid
       * @description The run that it belongs to; log entries carry it as `jobId`.
       */
      runId: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description What asked for the run.
       * @example scheduled
       */
      trigger: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'queued' | 'running';
      /**
       * @description What a queued run waits for.
       * @example provider_outage
       */
      waitReason: string | null;
      /**
       * Format: date-time
       * @description Since when it is so; null: not known.
       */
      since: string;
      /**
       * @description What it is reading.
       * @example invoices
       */
      resourceType: string | null;
      /** @description Rows that the provider sent. */
      fetched: number;
      /** @description Records that are new or changed. */
      changed: number;
      /** @description How many of them are done. */
      resourcesDone: number;
      /** @description How many types of records it reads. */
      resources: number;
    };
    AdminIntegration: {
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
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description Whether it is connected.
       * @enum {string}
       */
      state: 'active' | 'inactive';
      /**
       * @description As the merchant sees it.
       * @enum {string}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      /**
       * @description What it is in; counts of the overview are by it.
       * @enum {string}
       */
      condition:
        'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
      /** @description Stopped by an operator. */
      operatorPaused: boolean;
      /**
       * Format: date-time
       * @description Since when; null: no operator has paused it.
       */
      operatorPausedAt: string | null;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /**
       * Format: date-time
       * @description Since when; null: it is on.
       */
      toggledOffAt: string | null;
      /**
       * @description `closed`: it syncs. `open`: it has stopped after failures. `half_open`: one run is trying.
       * @enum {string}
       */
      breaker: 'closed' | 'open' | 'half_open';
      /**
       * @description Why it stopped: failures in a row, or rejected credentials; null: it has not.
       * @enum {string|null}
       */
      breakerCause: 'failures' | 'auth' | null;
      /**
       * Format: date-time
       * @description When it stopped; null: it has not.
       */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      /** @description Syncs that failed since the last one that succeeded. */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /**
       * Format: date-time
       * @description When a sync last failed; null: none has since activation.
       */
      lastErrorAt: string | null;
      /** @description What the last sync failed with; null: it did not. */
      lastError: string | null;
      /**
       * @description The code of that failure; null: there is none.
       * @enum {string|null}
       */
      lastErrorCode:
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
       * Format: date-time
       * @description Since when it has failed without a success in between.
       */
      lastErrorSince: string | null;
      /** @description Minutes between two syncs; null: there is no schedule. */
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description When the next run starts, as `explain` says it: the queued one, the schedule or the probe of an open breaker; null: none is.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /**
       * Format: date-time
       * @description When the credentials end at the provider; null: the provider does not say it.
       */
      credentialsExpireAt: string | null;
      /**
       * Format: date-time
       * @description Since when a run of it, a push of payments too, waits for a rate limit; null: none does.
       */
      limitedSince: string | null;
      /**
       * Format: date-time
       * @description When the first of these runs may go on.
       */
      limitedUntil: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
    };
    ResourceTotal: {
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
      /** @description How many are there. */
      live: number;
      /** @description How many are tombstones. */
      deleted: number;
      /**
       * Format: date-time
       * @description When a record of this type last changed; null: none ever did.
       */
      lastChangeAt: string | null;
    };
    AdminIntegrationWithRecords: {
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
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description Whether it is connected.
       * @enum {string}
       */
      state: 'active' | 'inactive';
      /**
       * @description As the merchant sees it.
       * @enum {string}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      /**
       * @description What it is in; counts of the overview are by it.
       * @enum {string}
       */
      condition:
        'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
      /** @description Stopped by an operator. */
      operatorPaused: boolean;
      /**
       * Format: date-time
       * @description Since when; null: no operator has paused it.
       */
      operatorPausedAt: string | null;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /**
       * Format: date-time
       * @description Since when; null: it is on.
       */
      toggledOffAt: string | null;
      /**
       * @description `closed`: it syncs. `open`: it has stopped after failures. `half_open`: one run is trying.
       * @enum {string}
       */
      breaker: 'closed' | 'open' | 'half_open';
      /**
       * @description Why it stopped: failures in a row, or rejected credentials; null: it has not.
       * @enum {string|null}
       */
      breakerCause: 'failures' | 'auth' | null;
      /**
       * Format: date-time
       * @description When it stopped; null: it has not.
       */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      /** @description Syncs that failed since the last one that succeeded. */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /**
       * Format: date-time
       * @description When a sync last failed; null: none has since activation.
       */
      lastErrorAt: string | null;
      /** @description What the last sync failed with; null: it did not. */
      lastError: string | null;
      /**
       * @description The code of that failure; null: there is none.
       * @enum {string|null}
       */
      lastErrorCode:
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
       * Format: date-time
       * @description Since when it has failed without a success in between.
       */
      lastErrorSince: string | null;
      /** @description Minutes between two syncs; null: there is no schedule. */
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description When the next run starts, as `explain` says it: the queued one, the schedule or the probe of an open breaker; null: none is.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /**
       * Format: date-time
       * @description When the credentials end at the provider; null: the provider does not say it.
       */
      credentialsExpireAt: string | null;
      /**
       * Format: date-time
       * @description Since when a run of it, a push of payments too, waits for a rate limit; null: none does.
       */
      limitedSince: string | null;
      /**
       * Format: date-time
       * @description When the first of these runs may go on.
       */
      limitedUntil: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
      /** @description How many records are stored, by type. */
      records: components['schemas']['ResourceTotal'][];
    };
    ExplainReasonAdmin: {
      /**
       * @description A word for programs: it never changes its meaning.
       * @example credentials_rejected
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
    AdminExplanation: {
      /** @description Whether the next sync will run by itself. */
      willRun: boolean;
      /**
       * Format: date-time
       * @description When the next sync is expected to start; null: it will not by itself.
       */
      nextExpectedStart: string | null;
      /** @description The true one first. */
      reasons: components['schemas']['ExplainReasonAdmin'][];
    };
    RunResource: {
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
      /** @description Rows that the provider sent. */
      fetched: number;
      /** @description Records that are new. */
      created: number;
      /** @description Records that changed. */
      updated: number;
      /** @description Rows that brought nothing new. */
      unchanged: number;
      /** @description Records that became tombstones. */
      deleted: number;
      /** @description Rows that were not understood and set aside. */
      quarantined: number;
      /** @description Why it failed, from the closed catalogue of codes; null: it did not. */
      errorCode: string | null;
      /** @description What it failed with, in one sentence; null: it did not. */
      error: string | null;
      /** @description What else is worth knowing of it. */
      notes: (
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
        | 'rows_not_understood'
      )[];
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
    };
    RunDetails: {
      /**
       * @description What the run does: read, push payments, or erase.
       * @enum {string}
       */
      run: 'sync' | 'push' | 'erase';
      /**
       * @description What asked for the run.
       * @example scheduled
       */
      trigger: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
      /** @description Whether everything is read anew. */
      fullResync: boolean;
      /** @description The one run that may try while the breaker is open. */
      probe: boolean;
      /** @description Counts the attempts, from 1. */
      attempt: number;
      /**
       * Format: date-time
       * @description When it began; null: not yet.
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @description When it ended; null: not yet.
       */
      finishedAt: string | null;
      /** @description What the run waits for; null: nothing. */
      waitReason: string | null;
      /** @description Why it failed, from the closed catalogue of codes; null: it did not. */
      errorCode: string | null;
      /** @description What it failed with, in one sentence; null: it did not. */
      error: string | null;
      /** @description The types of records that it reads. */
      resources: components['schemas']['RunResource'][];
    };
    TimelineRun: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'run';
      /** @description What else is known of it. */
      details: components['schemas']['RunDetails'];
    };
    AuditDetails: {
      /**
       * @description What was done.
       * @example integration.paused
       */
      action: string;
      /**
       * @description What acted: a key, a token, the command line, a run, or the service by itself.
       * @example token
       */
      actorKind: string;
      /** @description Who acted. */
      actorId: string;
      /** @description Why, in the words of whoever acts; it stands in the audit log. */
      reason: string | null;
      /** @description The request in which it happened, as its `x-request-id` said; null: no request caused it. */
      requestId: string | null;
      /** @description What else is known of it. */
      details: {
        [key: string]: unknown;
      };
    };
    TimelineAudit: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'audit';
      /** @description What else is known of it. */
      details: components['schemas']['AuditDetails'];
    };
    BreakerDetails: {
      /**
       * @description What the breaker was.
       * @enum {string}
       */
      from: 'closed' | 'open' | 'half_open';
      /**
       * @description What the breaker became.
       * @enum {string}
       */
      to: 'closed' | 'open' | 'half_open';
      /**
       * @description Why it opened; null: it did not open.
       * @enum {string|null}
       */
      cause: 'failures' | 'auth' | null;
      /** @description Syncs that failed since the last one that succeeded. */
      consecutiveErrors: number;
      /** @description Why it failed, from the closed catalogue of codes; null: it did not. */
      errorCode: string | null;
    };
    TimelineBreaker: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'breaker';
      /** @description What else is known of it. */
      details: components['schemas']['BreakerDetails'];
    };
    ScheduleDetails: {
      /** @description Whether the merchant has switched it off. */
      toggledOff: boolean;
      /** @description Stopped by an operator. */
      operatorPaused: boolean;
      /** @description Minutes between two syncs; null: there is no schedule. */
      intervalMinutes: number | null;
      /** @description Whether it fires at all. */
      fires: boolean;
    };
    TimelineSchedule: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'schedule';
      /** @description What else is known of it. */
      details: components['schemas']['ScheduleDetails'];
    };
    HeldDetails: {
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
      /** @description How many records the plan names. */
      rows: number;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'held' | 'approved' | 'discarded';
    };
    TimelineDeletionPlan: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description A scan missed so much that its deletions were held; `id` is of the plan.
       * @enum {string}
       */
      kind: 'deletion_plan';
      /** @description What else is known of it. */
      details: components['schemas']['HeldDetails'];
    };
    QuarantineDetails: {
      /**
       * @description The kind of record.
       * @example invoices
       */
      resourceType: string;
      /** @description How many of them are in quarantine still. */
      rows: number;
    };
    TimelineQuarantine: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description Rows of one list that were met first at that time.
       * @enum {string}
       */
      kind: 'quarantine';
      /** @description What else is known of it. */
      details: components['schemas']['QuarantineDetails'];
    };
    EndpointDetails: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @enum {string}
       */
      reason: 'failing' | 'gone';
    };
    TimelineEndpoint: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description A webhook endpoint of the merchant that is switched off; `id` is its own.
       * @enum {string}
       */
      kind: 'endpoint';
      /** @description What else is known of it. */
      details: components['schemas']['EndpointDetails'];
    };
    DayOfResource: {
      /**
       * Format: date
       * @description The day, in UTC.
       * @example 2099-05-01
       */
      day: string;
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
      /** @description Records that are new. */
      created: number;
      /** @description Records that changed. */
      updated: number;
      /** @description Rows that brought nothing new. */
      unchanged: number;
      /** @description Records that became tombstones. */
      deleted: number;
      /** @description Rows that were not understood and set aside. */
      quarantined: number;
      /** @description Runs that failed on it. */
      failed: number;
    };
    QuarantinedRow: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @description The list of the provider that it came from. */
      stream: string;
      /** @description null: not even its id could be read. */
      externalId: string | null;
      /**
       * @description The kind of record.
       * @example invoices
       */
      resourceType: string;
      /** @description What was expected and not found; never the value. */
      reason: string;
      /**
       * @description Of the field, inside the row.
       * @example lines.0.amount
       */
      path: string;
      /**
       * Format: uuid
       * @description The run that it belongs to; log entries carry it as `jobId`.
       */
      runId: string;
      /** @description In how many syncs the row came. */
      timesSeen: number;
      /**
       * Format: date-time
       * @description When it was first seen.
       */
      firstSeenAt: string;
      /**
       * Format: date-time
       * @description When it was last seen.
       */
      lastSeenAt: string;
    };
    RunStarted: {
      /**
       * Format: uuid
       * @description The run.
       */
      runId: string;
    };
    SyncNowRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description Read everything anew, not only what changed. Default: `false`.
       * @example false
       */
      fullResync?: boolean;
    };
    ReasonRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
    };
    ResumedIntegration: {
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
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description Whether it is connected.
       * @enum {string}
       */
      state: 'active' | 'inactive';
      /**
       * @description As the merchant sees it.
       * @enum {string}
       */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      /**
       * @description What it is in; counts of the overview are by it.
       * @enum {string}
       */
      condition:
        'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
      /** @description Stopped by an operator. */
      operatorPaused: boolean;
      /**
       * Format: date-time
       * @description Since when; null: no operator has paused it.
       */
      operatorPausedAt: string | null;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /**
       * Format: date-time
       * @description Since when; null: it is on.
       */
      toggledOffAt: string | null;
      /**
       * @description `closed`: it syncs. `open`: it has stopped after failures. `half_open`: one run is trying.
       * @enum {string}
       */
      breaker: 'closed' | 'open' | 'half_open';
      /**
       * @description Why it stopped: failures in a row, or rejected credentials; null: it has not.
       * @enum {string|null}
       */
      breakerCause: 'failures' | 'auth' | null;
      /**
       * Format: date-time
       * @description When it stopped; null: it has not.
       */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      /** @description Syncs that failed since the last one that succeeded. */
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /**
       * Format: date-time
       * @description When a sync last failed; null: none has since activation.
       */
      lastErrorAt: string | null;
      /** @description What the last sync failed with; null: it did not. */
      lastError: string | null;
      /**
       * @description The code of that failure; null: there is none.
       * @enum {string|null}
       */
      lastErrorCode:
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
       * Format: date-time
       * @description Since when it has failed without a success in between.
       */
      lastErrorSince: string | null;
      /** @description Minutes between two syncs; null: there is no schedule. */
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description When the next run starts, as `explain` says it: the queued one, the schedule or the probe of an open breaker; null: none is.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /**
       * Format: date-time
       * @description When the credentials end at the provider; null: the provider does not say it.
       */
      credentialsExpireAt: string | null;
      /**
       * Format: date-time
       * @description Since when a run of it, a push of payments too, waits for a rate limit; null: none does.
       */
      limitedSince: string | null;
      /**
       * Format: date-time
       * @description When the first of these runs may go on.
       */
      limitedUntil: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
      /**
       * Format: uuid
       * @description The run that it starts with.
       */
      runId: string;
    };
    Approval: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description What is asked for.
       * @enum {string}
       */
      act: 'deletion_plan' | 'bulk_retry' | 'key_rotation' | 'manifest';
      /** @description What the act is done to; null: to what its parameters say. */
      target: string | null;
      /**
       * @description What will happen.
       * @example Delete the records of plan 7d7c2f0e that are still missing
       */
      summary: string;
      /** @description Of the act, as it was asked for; in the list without the text of a manifest. */
      parameters: {
        [key: string]: unknown;
      };
      /**
       * @description `approved`: it is being done; `done` and `failed` say what came of it.
       * @enum {string}
       */
      state: 'waiting' | 'approved' | 'done' | 'failed' | 'refused' | 'expired';
      /**
       * @description Who asked for it.
       * @example jo@example.com
       */
      requestedBy: string;
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant has closed this account.
       */
      reason: string;
      /**
       * Format: date-time
       * @description When it was asked for.
       */
      requestedAt: string;
      /**
       * Format: date-time
       * @description Then nobody can approve it any more.
       */
      expiresAt: string;
      /**
       * @description Who decided; null: nobody has.
       * @example kim@example.com
       */
      decidedBy: string | null;
      /** @description Why it was approved or refused. */
      decisionReason: string | null;
      /**
       * Format: date-time
       * @description When it was decided; null: not yet.
       */
      decidedAt: string | null;
      /** @description Why it failed; null: it did not. */
      error: string | null;
    };
    BulkRetryLine: {
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /** @description Failed entries that get another attempt. */
      queued: number;
      /** @description Failed entries that get none. */
      skipped: number;
      /**
       * @description Why nothing is queued.
       * @enum {string|null}
       */
      because: 'paused' | 'credentials_rejected' | 'payment_held' | 'nothing_retryable' | 'changed_meanwhile' | null;
    };
    BulkRetryDone: {
      /** @description The integrations that it is about. */
      integrations: components['schemas']['BulkRetryLine'][];
      /** @description Failed entries that get another attempt. */
      queued: number;
      /** @description Failed entries that get none. */
      skipped: number;
    };
    ApprovalWithOutcome: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description What is asked for.
       * @enum {string}
       */
      act: 'deletion_plan' | 'bulk_retry' | 'key_rotation' | 'manifest';
      /** @description What the act is done to; null: to what its parameters say. */
      target: string | null;
      /**
       * @description What will happen.
       * @example Delete the records of plan 7d7c2f0e that are still missing
       */
      summary: string;
      /** @description Of the act, as it was asked for; in the list without the text of a manifest. */
      parameters: {
        [key: string]: unknown;
      };
      /**
       * @description `approved`: it is being done; `done` and `failed` say what came of it.
       * @enum {string}
       */
      state: 'waiting' | 'approved' | 'done' | 'failed' | 'refused' | 'expired';
      /**
       * @description Who asked for it.
       * @example jo@example.com
       */
      requestedBy: string;
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant has closed this account.
       */
      reason: string;
      /**
       * Format: date-time
       * @description When it was asked for.
       */
      requestedAt: string;
      /**
       * Format: date-time
       * @description Then nobody can approve it any more.
       */
      expiresAt: string;
      /**
       * @description Who decided; null: nobody has.
       * @example kim@example.com
       */
      decidedBy: string | null;
      /** @description Why it was approved or refused. */
      decisionReason: string | null;
      /**
       * Format: date-time
       * @description When it was decided; null: not yet.
       */
      decidedAt: string | null;
      /** @description Why it failed; null: it did not. */
      error: string | null;
      /** @description Of a bulk retry, integration by integration, as far as it is done; null: of another act. */
      outcome: components['schemas']['BulkRetryDone'] | null;
    };
    DeletionPlan: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /** @description The provider’s list that is read. */
      stream: string;
      /**
       * @description The kind of record.
       * @enum {string}
       */
      resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /**
       * Format: uuid
       * @description The run that it belongs to; log entries carry it as `jobId`.
       */
      runId: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'held' | 'approved' | 'discarded';
      /** @description How many records the scan missed. */
      rows: number;
      /** @description How many there were. */
      liveRecords: number;
      /** @description The first twenty external ids. */
      sample: string[];
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it was decided; null: not yet.
       */
      decidedAt: string | null;
      /** @description Who decided; null: nobody has. */
      decidedBy: string | null;
      /** @description Why, in the words of whoever acts; it stands in the audit log. */
      reason: string | null;
    };
    PlannedDeletion: {
      /** @description Its id at the provider. */
      externalId: string;
      /**
       * @description The number of an invoice, the name of a product or device; never of a person.
       * @example INV-1042
       */
      label: string | null;
      /** @description It is stored still. */
      isLive: boolean;
      /** @description In the smallest unit; null: no record of money. */
      amountMinor: number | null;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string | null;
      /**
       * Format: date-time
       * @description null: nothing is stored of it.
       */
      lastChangeAt: string | null;
    };
    PlannedLoss: {
      /** @description That are stored still. */
      records: number;
      /** @description By currency; none where they are no records of money. */
      amounts: components['schemas']['Amount'][];
    };
    ApprovedPlan: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /** @description The provider’s list that is read. */
      stream: string;
      /**
       * @description The kind of record.
       * @enum {string}
       */
      resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /**
       * Format: uuid
       * @description The run that it belongs to; log entries carry it as `jobId`.
       */
      runId: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'held' | 'approved' | 'discarded';
      /** @description How many records the scan missed. */
      rows: number;
      /** @description How many there were. */
      liveRecords: number;
      /** @description The first twenty external ids. */
      sample: string[];
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it was decided; null: not yet.
       */
      decidedAt: string | null;
      /** @description Who decided; null: nobody has. */
      decidedBy: string | null;
      /** @description Why, in the words of whoever acts; it stands in the audit log. */
      reason: string | null;
      /** @description Records that became tombstones. */
      deleted: number;
    };
    AdminMerchant: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description A name for people.
       * @example Harbour Clinic
       */
      name: string;
      /**
       * @description ISO 4217 code that an activation takes where it names none.
       * @example GBP
       */
      defaultCurrency: string;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /** @description How many it has ever connected. */
      integrations: number;
      /** @description How many of them are connected. */
      activeIntegrations: number;
      /** @description That are good now. */
      apiKeys: number;
    };
    AdminApiKey: {
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
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description A name for people.
       * @example till
       */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @description What the key may do; `integrations:*` stands for read and write.
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * @description Where it may be used from; null: anywhere.
       * @example [
       *       "203.0.113.0/24"
       *     ]
       */
      allowedCidrs: string[] | null;
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it ends; null or left out: never.
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description When it was withdrawn; null: it was not.
       */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description To the minute.
       */
      lastUsedAt: string | null;
    };
    IssuedApiKey: {
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
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description A name for people.
       * @example till
       */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @description What the key may do; `integrations:*` stands for read and write.
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * @description Where it may be used from; null: anywhere.
       * @example [
       *       "203.0.113.0/24"
       *     ]
       */
      allowedCidrs: string[] | null;
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it ends; null or left out: never.
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description When it was withdrawn; null: it was not.
       */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description To the minute.
       */
      lastUsedAt: string | null;
      /** @description The key in clear: shown this once, and kept nowhere. */
      key: string;
    };
    CreateApiKeyRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /** @description A name for people. */
      name: string;
      /**
       * @description What the key may do; `integrations:*` stands for read and write.
       * @example [
       *       "integrations:*",
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * Format: date-time
       * @description When it ends; null or left out: never.
       */
      expiresAt?: string;
      /**
       * @description Where it may be used from; left out or null: anywhere.
       * @example [
       *       "203.0.113.0/24",
       *       "2001:db8::/32"
       *     ]
       */
      allowedCidrs?: string[] | null;
    };
    AllowedAddressesRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description null: anywhere.
       * @example [
       *       "203.0.113.0/24",
       *       "2001:db8::/32"
       *     ]
       */
      allowedCidrs: string[] | null;
    };
    RotatedApiKey: {
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
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description A name for people.
       * @example till
       */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @description What the key may do; `integrations:*` stands for read and write.
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * @description Where it may be used from; null: anywhere.
       * @example [
       *       "203.0.113.0/24"
       *     ]
       */
      allowedCidrs: string[] | null;
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it ends; null or left out: never.
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description When it was withdrawn; null: it was not.
       */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description To the minute.
       */
      lastUsedAt: string | null;
      /** @description The key in clear: shown this once, and kept nowhere. */
      key: string;
      /** @description The old key, with the end of its overlap. */
      replaced: components['schemas']['AdminApiKey'];
    };
    RotateApiKeyRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description How long the old key works on. Default: `86400`.
       * @example 86400
       */
      overlapSeconds?: number;
    };
    AuditEntry: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: date-time
       * @description When it happened.
       */
      at: string;
      /**
       * @description What was done.
       * @example integration.paused
       */
      action: string;
      /**
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string | null;
      /** @description Name of the merchant; null: it is of no merchant, or the merchant is gone. */
      merchantName: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string|null}
       */
      environment: 'sandbox' | 'live' | null;
      /**
       * @description What acted: a key, a token, the command line, a run, or the service by itself.
       * @enum {string}
       */
      actorKind: 'api_key' | 'token' | 'cli' | 'run' | 'system';
      /** @description API key id, token subject, or the name that the command line gave. */
      actorId: string;
      /**
       * @description The name of an API key, or of an operator as the OpenID provider said it; null: it has none, or is gone.
       * @example till
       */
      actorName: string | null;
      /** @description The request in which it happened, as its `x-request-id` said; null: no request caused it. */
      requestId: string | null;
      /**
       * @description What it was done to.
       * @example integration
       */
      subjectType: string;
      /** @description Id of what it was done to. */
      subjectId: string;
      /**
       * @description The name of a key, an operator or a merchant, the provider of an integration.
       * @example practicehub
       */
      subjectName: string | null;
      /** @description Why, in the words of whoever acted. */
      reason: string | null;
      /** @description What else is known of it. */
      details: {
        [key: string]: unknown;
      };
    };
    BulkRetryOutcome: {
      /** @description The integrations that it is about. */
      integrations: components['schemas']['BulkRetryLine'][];
      /** @description Failed entries that get another attempt. */
      queued: number;
      /** @description Failed entries that get none. */
      skipped: number;
      /** @description Whether nothing was written. */
      dryRun: boolean;
      /** @description There are more integrations than one call takes. */
      more: boolean;
    };
    IntegrationFilter: {
      /**
       * @description Only those of this provider.
       * @enum {string}
       */
      provider?: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description Only those of this environment.
       * @enum {string}
       */
      environment?: 'sandbox' | 'live';
      /**
       * @description Only connected ones, or only the others.
       * @enum {string}
       */
      state?: 'active' | 'inactive';
      /**
       * @description Only those with this status.
       * @enum {string}
       */
      status?: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description Only those whose syncs go like this.
       * @enum {string}
       */
      health?: 'healthy' | 'degraded' | 'paused';
      /**
       * @description Of the last failure.
       * @enum {string}
       */
      errorCode?:
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
      /** @description Behind its interval by at least so many minutes. */
      lateByMinutes?: number;
      /** @description Only those that an operator has stopped, or only the others. */
      operatorPaused?: boolean;
      /**
       * @description Only those that are in this condition.
       * @enum {string}
       */
      condition?:
        'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
      /**
       * @description Only those that this finding counts.
       * @enum {string}
       */
      finding?:
        | 'credentials_rejected'
        | 'breaker_open'
        | 'degraded'
        | 'late'
        | 'rate_limited'
        | 'paused_by_operator'
        | 'credentials_expiring'
        | 'filters_unproven'
        | 'provider_clock_off'
        | 'queue_stuck'
        | 'key_management_away';
      /**
       * Format: uuid
       * @description Only those of this merchant.
       */
      merchantId?: string;
      /**
       * Format: uuid
       * @description Only this one.
       */
      integrationId?: string;
      /** @description Part of a merchant’s name, or an id. */
      search?: string;
    };
    BulkRetryRequest: {
      /** @description Why; a dry run needs none. */
      reason?: string;
      /** @description Which integrations; left out: all active ones. */
      filter?: components['schemas']['IntegrationFilter'];
      /**
       * @description Only entries of this type; left out: of all.
       * @enum {string}
       */
      resourceType?: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /**
       * @description How many entries of one integration get another attempt at most. Default: `100`.
       * @example 100
       */
      limitPerIntegration?: number;
      /**
       * @description Shows what would happen and writes nothing, unless it is false. Default: `true`.
       * @example true
       */
      dryRun?: boolean;
    };
    RotationFailure: {
      /**
       * Format: uuid
       * @description Of the sealed secret.
       */
      id: string;
      /**
       * @description Why this secret was not moved.
       * @example key_not_found
       */
      reason: string;
    };
    Rotation: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description `rewrap` wraps the data keys anew; `reencrypt` also encrypts the secrets anew.
       * @enum {string}
       */
      mode: 'rewrap' | 'reencrypt';
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'moving' | 'verifying' | 'done' | 'failed';
      /** @description The key that secrets are moved to. */
      targetKeyId: string;
      /** @description The version of that key. */
      targetKeyVersion: number;
      /** @description Who asked for it. */
      requestedBy: string;
      /**
       * Format: date-time
       * @description When it began; null: not yet.
       */
      startedAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * Format: date-time
       * @description When it ended; null: not yet.
       */
      finishedAt: string | null;
      /** @description Secrets when it began. */
      total: number;
      /** @description Secrets that are on the new key. */
      moved: number;
      /** @description Secrets that were opened with the new key to make sure. */
      verified: number;
      /** @description Secrets still on another key when it ended; null before. */
      remaining: number | null;
      /** @description Where it goes on. */
      cursor: string | null;
      /** @description Secrets that could not be moved. */
      failures: components['schemas']['RotationFailure'][];
      /**
       * @description null once it has ended.
       * @enum {string|null}
       */
      activity: 'working' | 'interrupted' | 'stopped' | null;
      /** @description How often a worker took it up after its process was gone. */
      resumes: number;
    };
    KeyInUse: {
      /** @description The key. */
      keyId: string;
      /** @description The version of the key. */
      keyVersion: number;
      /** @description Live secrets that it wraps. */
      count: number;
    };
    VaultState: {
      /** @description The latest; null: there was none. */
      rotation: components['schemas']['Rotation'] | null;
      /** @description The keys that live secrets are wrapped by. */
      keysInUse: components['schemas']['KeyInUse'][];
    };
    StartedRotation: {
      /** @description How far it is. */
      rotation: components['schemas']['Rotation'];
    };
    StartRotationRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description `rewrap` wraps the data keys anew; `reencrypt` also encrypts the secrets anew. Default: `"rewrap"`.
       * @example rewrap
       * @enum {string}
       */
      mode?: 'rewrap' | 'reencrypt';
      /** @description Left out: the key that is current. */
      toKeyId?: string;
    };
    HeldPayment: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /** @description The merchant’s own word for it. */
      reference: string;
      /** @description What to look for at the provider. */
      providerReference: string;
      /** @description The invoice at the provider that the payment is for. */
      externalInvoiceId: string;
      /** @description The customer at the provider who paid. */
      externalCustomerId: string;
      /** @description In minor units of the currency, such as pence. */
      amountMinor: number;
      /**
       * @description ISO 4217 code of the amounts.
       * @example GBP
       */
      currency: string;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it was first held; a search does not change it.
       */
      heldAt: string;
      /** @description A run searches the provider for it. It is held until the run has found it. */
      isSearched: boolean;
      /** @description It asks the provider at this moment: `not-taken` is refused until it has ended. */
      isSearchRunning: boolean;
      /**
       * @description What the search waits for: the `waitReason` of its run, `integration_not_active` or `payments_switched_off`.
       * @example rate_limited
       */
      searchWaitReason: string | null;
      /**
       * Format: date-time
       * @description Until when at least the search waits; null: it does not.
       */
      searchWaitsUntil: string | null;
    };
    ReviewSearch: {
      /**
       * Format: uuid
       * @description The run that searches.
       */
      runId: string;
    };
    ReviewedPayment: {
      /**
       * Format: uuid
       * @description The payment.
       */
      id: string;
    };
    AdminRun: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'sync' | 'push' | 'erase';
      /**
       * @description What asked for the run.
       * @example scheduled
       */
      trigger: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
      /** @description Whether everything is read anew. */
      fullResync: boolean;
      /** @description The one run that may try while the breaker is open. */
      probe: boolean;
      /** @description How often a worker has begun it, or will have. */
      attempt: number;
      /** @description Workers that ended without a word while they held it, since it last yielded. */
      deaths: number;
      /** @description Calls to the provider, by attempts that ended in order. */
      calls: number;
      /** @description What the run waits for; null: nothing. */
      waitReason: string | null;
      /**
       * Format: date-time
       * @description Until when it waits; null: it does not.
       */
      notBefore: string | null;
      /**
       * @description Why it failed, from the closed catalogue of codes; null: it did not.
       * @enum {string|null}
       */
      errorCode:
        | 'invalid_request'
        | 'provider_credentials_rejected'
        | 'not_active'
        | 'sync_paused'
        | 'unauthenticated'
        | 'sign_in_too_old'
        | 'permission_denied'
        | 'wrong_origin'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'manifest_refused'
        | 'rate_limited'
        | 'internal_error'
        | 'provider_error'
        | 'unavailable'
        | 'provider_timeout'
        | null;
      /** @description What it failed with, in one sentence; null: it did not. */
      error: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When a worker first began it; null: none has.
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @description null: it has not ended.
       */
      finishedAt: string | null;
      /**
       * Format: date-time
       * @description `finishedAt`, else `startedAt`, else `createdAt`: lists are in the order of it.
       */
      changedAt: string;
      /** @description Rows that it read. */
      fetched: number;
      /** @description Records that it created, updated or deleted. */
      changed: number;
      /** @description Rows that it could not understand. */
      quarantined: number;
    };
    RunNote: {
      /**
       * @description A word for programs: it never changes its meaning.
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
       * @description The headline as a person reads it.
       * @example The account has no list at this path.
       */
      text: string;
    };
    RunStream: {
      /**
       * @description The kind of record.
       * @example customers
       */
      resourceType: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
      /** @description Counts the attempts, from 1. */
      attempt: number;
      /**
       * Format: date-time
       * @description When it began; null: not yet.
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @description When it ended; null: not yet.
       */
      finishedAt: string | null;
      /** @description Rows that the provider sent. */
      fetched: number;
      /** @description Records that are new. */
      created: number;
      /** @description Records that changed. */
      updated: number;
      /** @description Rows that brought nothing new. */
      unchanged: number;
      /** @description Records that became tombstones. */
      deleted: number;
      /** @description Rows that were not understood and set aside. */
      quarantined: number;
      /** @description Why it failed, from the closed catalogue of codes; null: it did not. */
      errorCode: string | null;
      /** @description What it failed with, in one sentence; null: it did not. */
      error: string | null;
      /** @description What the run says about what it read. */
      notes: components['schemas']['RunNote'][];
      /**
       * @description What to do about it, one of the values that errors carry; null: nothing went wrong.
       * @enum {string|null}
       */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
    };
    AdminRunDetails: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * Format: uuid
       * @description The integration that it belongs to.
       */
      integrationId: string;
      /**
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /**
       * @description Id of the provider in the catalogue.
       * @enum {string}
       */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description What kind of entry it is, which says what `details` holds.
       * @enum {string}
       */
      kind: 'sync' | 'push' | 'erase';
      /**
       * @description What asked for the run.
       * @example scheduled
       */
      trigger: string;
      /**
       * @description How far it is.
       * @enum {string}
       */
      state: 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
      /** @description Whether everything is read anew. */
      fullResync: boolean;
      /** @description The one run that may try while the breaker is open. */
      probe: boolean;
      /** @description How often a worker has begun it, or will have. */
      attempt: number;
      /** @description Workers that ended without a word while they held it, since it last yielded. */
      deaths: number;
      /** @description Calls to the provider, by attempts that ended in order. */
      calls: number;
      /** @description What the run waits for; null: nothing. */
      waitReason: string | null;
      /**
       * Format: date-time
       * @description Until when it waits; null: it does not.
       */
      notBefore: string | null;
      /**
       * @description Why it failed, from the closed catalogue of codes; null: it did not.
       * @enum {string|null}
       */
      errorCode:
        | 'invalid_request'
        | 'provider_credentials_rejected'
        | 'not_active'
        | 'sync_paused'
        | 'unauthenticated'
        | 'sign_in_too_old'
        | 'permission_denied'
        | 'wrong_origin'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'manifest_refused'
        | 'rate_limited'
        | 'internal_error'
        | 'provider_error'
        | 'unavailable'
        | 'provider_timeout'
        | null;
      /** @description What it failed with, in one sentence; null: it did not. */
      error: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When a worker first began it; null: none has.
       */
      startedAt: string | null;
      /**
       * Format: date-time
       * @description null: it has not ended.
       */
      finishedAt: string | null;
      /**
       * Format: date-time
       * @description `finishedAt`, else `startedAt`, else `createdAt`: lists are in the order of it.
       */
      changedAt: string;
      /** @description Rows that it read. */
      fetched: number;
      /** @description Records that it created, updated or deleted. */
      changed: number;
      /** @description Rows that it could not understand. */
      quarantined: number;
      /**
       * @description Of its trace, to look it up in; null: traces were off.
       * @example 0af7651916cd43dd8448eb211c80319c
       */
      traceId: string | null;
      /** @description What it did for each resource, in the order of its work. */
      streams: components['schemas']['RunStream'][];
      /** @description Rows in quarantine that no later run has read. */
      quarantinedNow: number;
      /**
       * @description Ids of the deletion plans that its scans made.
       * @example [
       *       "7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d"
       *     ]
       */
      planIds: string[];
    };
    AdminToken: {
      /**
       * Format: uuid
       * @description Identifies it in this service.
       */
      id: string;
      /**
       * @description The claim that names it.
       * @example 7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d
       */
      jti: string;
      /**
       * @description null: issued elsewhere, and not known.
       * @example jo@example.com
       */
      subject: string | null;
      /**
       * @description `admin`, `operator` or `viewer`.
       * @example [
       *       "operator"
       *     ]
       */
      roles: string[];
      /** @description What the holder may do, each as `<resource>.<action>`. */
      permissions: string[];
      /** @description The nodes that the token reaches; none: all. */
      nodeIds: string[];
      /**
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string | null;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string|null}
       */
      environment: 'sandbox' | 'live' | null;
      /**
       * Format: date-time
       * @description When it was issued here, or became known by its revocation.
       */
      createdAt: string;
      /**
       * @description null: issued elsewhere.
       * @example cli:jo@workstation
       */
      issuedBy: string | null;
      /**
       * Format: date-time
       * @description null: not known.
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description When it was withdrawn; null: it was not.
       */
      revokedAt: string | null;
      /** @description Who withdrew it; null: nobody did. */
      revokedBy: string | null;
    };
    AdminWebhookEndpoint: {
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
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Every event up to this position of the log has an outcome.
       * @example 0
       */
      position: number;
      /**
       * @description The last position of the log.
       * @example 0
       */
      head: number;
      /**
       * @description Positions between both. The filters may leave some of them out.
       * @example 0
       */
      behind: number;
      /**
       * @description Positions that were removed from the log before the endpoint came to them.
       * @example 0
       */
      missedEvents: number;
      /**
       * @description Replays that are under way.
       * @example 0
       */
      replays: number;
      /**
       * @description Of the last try, while tries fail.
       * @example null
       */
      lastError: string | null;
      /**
       * Format: date-time
       * @description Since when its events cannot be signed, because key management is away or its key is missing.
       * @example null
       */
      unsignedSince: string | null;
      /**
       * @description Name of the merchant; null: it is of no merchant, or the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string;
    };
    GivenUpEvent: {
      /**
       * Format: uuid
       * @description Replay it by this id.
       */
      eventId: string;
      /**
       * @description null: the event is no longer kept, and cannot be replayed.
       * @example sync.completed
       */
      eventType: string | null;
      /**
       * Format: date-time
       * @description When it happened; null as above.
       */
      occurredAt: string | null;
      /** @description Tries that were made. */
      attempts: number;
      /**
       * Format: date-time
       * @description When its first try failed.
       */
      heldAt: string;
      /** @description What the last try found; null: it is no longer kept. */
      lastError: string | null;
    };
    ReplayPreview: {
      /** @description Events that the endpoint’s filters let pass. */
      events: number;
      /** @description The first position of the log that is looked at. */
      fromPosition: number;
      /** @description The last one; less than the first: there is nothing. */
      toPosition: number;
    };
    ReplayedWebhookEvents: {
      /** @description Events that are sent once more. */
      events: number;
    };
    ReplayWebhookEventsRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * Format: uuid
       * @description One event. Without `from` and `to`.
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
       * @description Events before this time; left out: all up to now.
       * @example null
       */
      to?: string | null;
    };
    TestWebhookEndpointRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
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
    OperatorEndpoint: {
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
       * Format: uuid
       * @description The merchant that it belongs to.
       */
      merchantId: string;
      /**
       * @description `sandbox` for trying things out, `live` for real customers; nothing crosses from one to the other.
       * @enum {string}
       */
      environment: 'sandbox' | 'live';
      /**
       * @description Every event up to this position of the log has an outcome.
       * @example 0
       */
      position: number;
      /**
       * @description The last position of the log.
       * @example 0
       */
      head: number;
      /**
       * @description Positions between both. The filters may leave some of them out.
       * @example 0
       */
      behind: number;
      /**
       * @description Positions that were removed from the log before the endpoint came to them.
       * @example 0
       */
      missedEvents: number;
      /**
       * @description Replays that are under way.
       * @example 0
       */
      replays: number;
      /**
       * @description Of the last try, while tries fail.
       * @example null
       */
      lastError: string | null;
      /**
       * Format: date-time
       * @description Since when its events cannot be signed, because key management is away or its key is missing.
       * @example null
       */
      unsignedSince: string | null;
    };
    SwitchWebhookEndpointRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /** @description `true`: it goes on where it stands. `false`: nothing is sent. */
      enabled: boolean;
    };
    SignInRequest: {
      /** @description A JWT with an admin role. */
      token: string;
    };
    Operator: {
      /**
       * @description Of the token; `oidc:` and the provider’s subject after a sign-in there.
       * @example oidc:00u1k2j3
       */
      subject: string;
      /**
       * @description null: not known.
       * @example Jo Miller
       */
      name: string | null;
      /**
       * @description `admin`, `operator` or `viewer`.
       * @example [
       *       "operator"
       *     ]
       */
      roles: string[];
      /**
       * @description How the last session began; null: there was none.
       * @enum {string|null}
       */
      signInMethod: 'openid_connect' | 'pasted_token' | null;
      /**
       * Format: date-time
       * @description When it was first seen.
       */
      firstSeenAt: string;
      /**
       * Format: date-time
       * @description To the minute.
       */
      lastSeenAt: string;
      /**
       * Format: date-time
       * @description null: they may sign in.
       */
      disabledAt: string | null;
      /**
       * @description The actor who disabled them.
       * @example oidc:00u9z8y7
       */
      disabledBy: string | null;
    };
    AdminProvider: {
      /**
       * @description Identifies it in this service.
       * @example acme
       */
      id: string;
      /**
       * @description A name for people.
       * @example Acme Bookings
       */
      name: string;
      /**
       * @description Whether it is part of the service, told by a file in `PROVIDERS_DIR`, or by a manifest that an operator stored. null: nobody tells it any more.
       * @enum {string|null}
       */
      origin: 'built_in' | 'folder' | 'admin' | null;
      /**
       * @description `beta`: not checked against a real account. `not_served`: integrations of it fail, nothing is deleted.
       * @enum {string}
       */
      state: 'stable' | 'beta' | 'not_served';
      /** @description The types of records that it reads. */
      resources: ('customers' | 'products' | 'invoices' | 'payments' | 'devices')[];
      /**
       * @description The provider’s own documentation.
       * @example https://docs.acme.example
       */
      docsUrl: string | null;
      /** @description How many of them are connected. */
      activeIntegrations: number;
    };
    ManifestVersion: {
      /** @description Grows by one with each change. */
      version: number;
      /**
       * Format: date-time
       * @description When it was stored.
       */
      storedAt: string;
      /**
       * @description The operator.
       * @example jo@example.com
       */
      storedBy: string;
      /** @description With this version the manifest was deleted. */
      isDeletion: boolean;
    };
    AdminManifest: {
      /**
       * @description Id of the provider in the catalogue.
       * @example acme
       */
      provider: string;
      /** @description Grows by one with each change. */
      version: number;
      /**
       * @description As it was stored; null: this version is a deletion.
       * @example apiVersion: interlock/v1
       *     id: acme
       *     name: Acme Bookings
       *     docsUrl: https://docs.acme.example
       *     baseUrl: { example: 'https://api.acme.example/v1' }
       *     hosts: [.acme.example]
       *     auth: { kind: api_key, in: header, name: X-Acme-Key }
       *     rate: { perSecond: 5, burst: 10, per: account }
       *     interval: { defaultMinutes: 60, minimumMinutes: 5 }
       *     test: { path: /me, account: id }
       *     times: { form: iso, zone: named }
       *     streams:
       *       - key: clients
       *         resource: customers
       *         enabledBy: syncPatients
       *         version: 1
       *         path: /clients
       *         rows: clients
       *         id: id
       *         updatedAt: updated_at
       *         paging: { by: page, parameter: page, size: 50, next: links.next }
       *         complete: true
       *         fields: { firstName: first_name, lastName: last_name, email: email }
       */
      manifest: string | null;
      /** @description The newest first, at most 50. */
      versions: components['schemas']['ManifestVersion'][];
    };
    SaveManifestRequest: {
      /**
       * @description Why, in the words of whoever acts; it stands in the audit log.
       * @example The merchant asked for it (ticket 4711).
       */
      reason: string;
      /**
       * @description YAML or JSON, as `provider lint` takes it.
       * @example apiVersion: interlock/v1
       *     id: acme
       *     name: Acme Bookings
       *     docsUrl: https://docs.acme.example
       *     baseUrl: { example: 'https://api.acme.example/v1' }
       *     hosts: [.acme.example]
       *     auth: { kind: api_key, in: header, name: X-Acme-Key }
       *     rate: { perSecond: 5, burst: 10, per: account }
       *     interval: { defaultMinutes: 60, minimumMinutes: 5 }
       *     test: { path: /me, account: id }
       *     times: { form: iso, zone: named }
       *     streams:
       *       - key: clients
       *         resource: customers
       *         enabledBy: syncPatients
       *         version: 1
       *         path: /clients
       *         rows: clients
       *         id: id
       *         updatedAt: updated_at
       *         paging: { by: page, parameter: page, size: 50, next: links.next }
       *         complete: true
       *         fields: { firstName: first_name, lastName: last_name, email: email }
       */
      manifest: string;
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
        | 'sign_in_too_old'
        | 'permission_denied'
        | 'wrong_origin'
        | 'not_found'
        | 'conflict'
        | 'already_active'
        | 'idempotency_conflict'
        | 'idempotency_in_progress'
        | 'cursor_expired'
        | 'payload_too_large'
        | 'unsupported_media_type'
        | 'unprocessable_entity'
        | 'manifest_refused'
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
  responses: {
    /** @description The request is not valid. */
    Open_invalid_request: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Something went wrong on our side. */
    Open_internal_error: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The service is temporarily unavailable. */
    Open_unavailable: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'Retry-After': components['headers']['RetryAfter'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The request is not valid. */
    Token_invalid_request: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description A valid API key or token is required. */
    Token_unauthenticated: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'WWW-Authenticate': components['headers']['WwwAuthenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The caller is not allowed to do this. */
    Token_permission_denied: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Too many requests. */
    Token_rate_limited: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        'Retry-After': components['headers']['RetryAfter'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Something went wrong on our side. */
    Token_internal_error: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The service is temporarily unavailable. */
    Token_unavailable: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        'Retry-After': components['headers']['RetryAfter'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Not found. */
    Token_not_found: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The body is too large. */
    Token_payload_too_large: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The body must be JSON. */
    Token_unsupported_media_type: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description A valid API key or token is required. */
    Open_unauthenticated: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'WWW-Authenticate': components['headers']['WwwAuthenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The body is too large. */
    Open_payload_too_large: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The body must be JSON. */
    Open_unsupported_media_type: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Too many requests. */
    Open_rate_limited: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'Retry-After': components['headers']['RetryAfter'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The request is not valid. Or: The integration is not active. Or: Sync is paused after repeated failures. Call resume-sync to start again. */
    Token_invalid_request_not_active_sync_paused: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The caller is not allowed to do this. Or: The request does not come from the console of this service. */
    Token_permission_denied_wrong_origin: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The request is not valid. Or: The integration is not active. */
    Token_invalid_request_not_active: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description A valid API key or token is required. Or: This needs a recent sign-in. */
    Token_unauthenticated_sign_in_too_old: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'WWW-Authenticate': components['headers']['WwwAuthenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The resource is in a state that does not allow this. */
    Token_conflict: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The request cannot be carried out for this provider. */
    Token_unprocessable_entity: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The caller is not allowed to do this. */
    Open_permission_denied: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The caller is not allowed to do this. Or: The request does not come from the console of this service. */
    Open_permission_denied_wrong_origin: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description Not found. */
    Open_not_found: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
    /** @description The manifest has faults. */
    Token_manifest_refused: {
      headers: {
        'x-request-id': components['headers']['RequestId'];
        'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
        'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
        'X-RateLimit-Reset': components['headers']['RateLimitReset'];
        [name: string]: unknown;
      };
      content: {
        'application/json': components['schemas']['ErrorBody'];
      };
    };
  };
  parameters: {
    /** @description Taken as the id of the request when it is a sane token; made otherwise. */
    RequestId: string;
  };
  requestBodies: never;
  headers: {
    /**
     * @description The caller’s own when it was a sane token, else made; log lines carry it.
     * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
     */
    RequestId: string;
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
     * @description Whole seconds to wait before the same request again.
     * @example 1
     */
    RetryAfter: string;
    /**
     * @description How a caller can say who it is: the schemes that the operation takes.
     * @example Bearer realm="Interlock"
     */
    WwwAuthenticate: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  adminGetMe: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Subject and roles of the token. */
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
           *       "data": {
           *         "id": "jo@example.com",
           *         "roles": [
           *           "operator"
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['SignedIn'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetOverview: {
    parameters: {
      query?: {
        /** @description Only what concerns this environment; left out: all. */
        environment?: 'sandbox' | 'live';
        /** @description Only integrations of this provider; left out: all. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description What the charts look back on. */
        range?: 'day' | 'week' | 'month';
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Findings worst first, counts by condition, lateness, runs and causes of failures over time, incidents. */
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
           *       "data": {
           *         "generatedAt": "2099-05-01T09:30:00.000Z",
           *         "headline": {
           *           "level": "ok",
           *           "text": "Everything is in step"
           *         },
           *         "findings": [
           *           {
           *             "code": "payments_held",
           *             "severity": "critical",
           *             "environment": "sandbox",
           *             "title": "Credentials were rejected",
           *             "since": "2099-05-01T09:30:00.000Z",
           *             "count": 0,
           *             "merchants": [
           *               "Harbour Clinic"
           *             ],
           *             "merchantCount": 0,
           *             "amounts": [
           *               {
           *                 "currency": "GBP",
           *                 "amountMinor": 0,
           *                 "rows": 0
           *               }
           *             ],
           *             "next": "Ask the merchant to replace the credentials.",
           *             "effects": [
           *               "the last sync of 2 integrations failed"
           *             ],
           *             "stopsRuns": true,
           *             "filter": {},
           *             "subject": {
           *               "list": "integrations",
           *               "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *             }
           *           }
           *         ],
           *         "counts": {
           *           "active": 0,
           *           "inactive": 0,
           *           "healthy": 0,
           *           "degraded": 0,
           *           "waitingForProvider": 0,
           *           "paused": 0,
           *           "operatorPaused": 0,
           *           "switchedOff": 0,
           *           "syncing": 0
           *         },
           *         "lateness": [
           *           {
           *             "upToMinutes": 0,
           *             "count": 0
           *           }
           *         ],
           *         "barHours": 0,
           *         "runs": [
           *           {
           *             "from": "2099-05-01T09:30:00.000Z",
           *             "succeeded": 0,
           *             "failed": 0
           *           }
           *         ],
           *         "errors": [
           *           {
           *             "from": "2099-05-01T09:30:00.000Z",
           *             "kind": "sync",
           *             "errorCode": "invalid_request",
           *             "count": 0
           *           }
           *         ],
           *         "incidents": [
           *           {
           *             "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *             "provider": "practicehub",
           *             "environment": "sandbox",
           *             "openedAt": "2099-05-01T09:30:00.000Z",
           *             "closedAt": "2099-05-01T09:30:00.000Z",
           *             "retryAt": "2099-05-01T09:30:00.000Z",
           *             "lastError": null,
           *             "integrations": 0,
           *             "merchants": [
           *               "Harbour Clinic"
           *             ],
           *             "merchantCount": 0,
           *             "degraded": 0,
           *             "late": 0
           *           }
           *         ],
           *         "attention": [
           *           {
           *             "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *             "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *             "merchantName": "Harbour Clinic",
           *             "environment": "sandbox",
           *             "provider": "practicehub",
           *             "state": "active",
           *             "status": "connected",
           *             "health": "healthy",
           *             "condition": "healthy",
           *             "operatorPaused": true,
           *             "operatorPausedAt": "2099-05-01T09:30:00.000Z",
           *             "pauseReason": null,
           *             "toggledOff": true,
           *             "toggledOffAt": "2099-05-01T09:30:00.000Z",
           *             "breaker": "closed",
           *             "breakerCause": "failures",
           *             "breakerOpenedAt": "2099-05-01T09:30:00.000Z",
           *             "probeAt": "2099-05-01T09:30:00.000Z",
           *             "consecutiveErrors": 0,
           *             "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *             "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *             "lastError": null,
           *             "lastErrorCode": "invalid_request",
           *             "lastErrorSince": "2099-05-01T09:30:00.000Z",
           *             "intervalMinutes": 0,
           *             "nextDueAt": "2099-05-01T09:30:00.000Z",
           *             "latenessMs": 0,
           *             "credentialsExpireAt": "2099-05-01T09:30:00.000Z",
           *             "limitedSince": "2099-05-01T09:30:00.000Z",
           *             "limitedUntil": "2099-05-01T09:30:00.000Z",
           *             "createdAt": "2099-05-01T09:30:00.000Z",
           *             "configuration": {},
           *             "because": [
           *               "payments_held"
           *             ]
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Overview'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminStreamRuns: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description An event `runs` with a list whenever it has changed. At most ten streams for one subject. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListIncidents: {
    parameters: {
      query?: {
        /** @description Only those of this provider. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only those of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Only those in this state. */
        state?: 'open' | 'closed';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "provider": "practicehub",
           *           "environment": "sandbox",
           *           "openedAt": "2099-05-01T09:30:00.000Z",
           *           "closedAt": "2099-05-01T09:30:00.000Z",
           *           "retryAt": "2099-05-01T09:30:00.000Z",
           *           "lastError": null,
           *           "integrations": 0,
           *           "merchants": [
           *             "Harbour Clinic"
           *           ],
           *           "merchantCount": 0,
           *           "degraded": 0,
           *           "late": 0
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Incident'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListQuarantine: {
    parameters: {
      query?: {
        /** @description Only those of this provider. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only those of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Only rows of this integration. */
        integrationId?: string;
        /** @description Only rows of this kind of record. */
        resourceType?: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
        /** @description Only those of this merchant. */
        merchantId?: string;
        /** @description Only rows of which this path of a field was not understood. */
        path?: string;
        /** @description Only rows that a scan has met then or later. */
        lastSeenFrom?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where and why; never the row itself. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "environment": "sandbox",
           *           "provider": "practicehub",
           *           "stream": "patients",
           *           "externalId": "812",
           *           "resourceType": "invoices",
           *           "reason": "The merchant asked for it (ticket 4711).",
           *           "path": "lines.0.amount",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "timesSeen": 0,
           *           "firstSeenAt": "2099-05-01T09:30:00.000Z",
           *           "lastSeenAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['QuarantinedRow'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListIntegrations: {
    parameters: {
      query?: {
        /** @description Only those of this provider. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only those of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Only those in this state. */
        state?: 'active' | 'inactive';
        /** @description Only those with this status. */
        status?: 'connected' | 'error' | 'syncing' | 'idle';
        /** @description Only those whose syncs go like this. */
        health?: 'healthy' | 'degraded' | 'paused';
        /** @description Of the last failure. */
        errorCode?:
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
        /** @description Behind its interval by at least so many minutes. */
        lateByMinutes?: number;
        /** @description Only those that an operator has stopped, or only the others. */
        operatorPaused?: boolean;
        /** @description Only those that are in this condition. */
        condition?:
          'healthy' | 'degraded' | 'waiting_for_provider' | 'paused' | 'operator_paused' | 'switched_off' | 'inactive';
        /** @description Only those that this finding counts. */
        finding?:
          | 'credentials_rejected'
          | 'breaker_open'
          | 'degraded'
          | 'late'
          | 'rate_limited'
          | 'paused_by_operator'
          | 'credentials_expiring'
          | 'filters_unproven'
          | 'provider_clock_off'
          | 'queue_stuck'
          | 'key_management_away';
        /** @description Only those of this merchant. */
        merchantId?: string;
        /** @description Only this one. */
        integrationId?: string;
        /** @description Part of a merchant’s name, or an id. */
        search?: string;
        /** @description What comes first; with `-` the largest, or the latest. Left out: the newest integration. */
        sort?:
          'merchant' | '-merchant' | 'last_sync' | '-last_sync' | 'next_run' | '-next_run' | 'lateness' | '-lateness';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "environment": "sandbox",
           *           "provider": "practicehub",
           *           "state": "active",
           *           "status": "connected",
           *           "health": "healthy",
           *           "condition": "healthy",
           *           "operatorPaused": true,
           *           "operatorPausedAt": "2099-05-01T09:30:00.000Z",
           *           "pauseReason": null,
           *           "toggledOff": true,
           *           "toggledOffAt": "2099-05-01T09:30:00.000Z",
           *           "breaker": "closed",
           *           "breakerCause": "failures",
           *           "breakerOpenedAt": "2099-05-01T09:30:00.000Z",
           *           "probeAt": "2099-05-01T09:30:00.000Z",
           *           "consecutiveErrors": 0,
           *           "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *           "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *           "lastError": null,
           *           "lastErrorCode": "invalid_request",
           *           "lastErrorSince": "2099-05-01T09:30:00.000Z",
           *           "intervalMinutes": 0,
           *           "nextDueAt": "2099-05-01T09:30:00.000Z",
           *           "latenessMs": 0,
           *           "credentialsExpireAt": "2099-05-01T09:30:00.000Z",
           *           "limitedSince": "2099-05-01T09:30:00.000Z",
           *           "limitedUntil": "2099-05-01T09:30:00.000Z",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "configuration": {}
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminIntegration'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description With the count of its records by resource. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "environment": "sandbox",
           *         "provider": "practicehub",
           *         "state": "active",
           *         "status": "connected",
           *         "health": "healthy",
           *         "condition": "healthy",
           *         "operatorPaused": true,
           *         "operatorPausedAt": "2099-05-01T09:30:00.000Z",
           *         "pauseReason": null,
           *         "toggledOff": true,
           *         "toggledOffAt": "2099-05-01T09:30:00.000Z",
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2099-05-01T09:30:00.000Z",
           *         "probeAt": "2099-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *         "lastError": null,
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2099-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2099-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "credentialsExpireAt": "2099-05-01T09:30:00.000Z",
           *         "limitedSince": "2099-05-01T09:30:00.000Z",
           *         "limitedUntil": "2099-05-01T09:30:00.000Z",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "configuration": {},
           *         "records": [
           *           {
           *             "resourceType": "customers",
           *             "live": 0,
           *             "deleted": 0,
           *             "lastChangeAt": "2099-05-01T09:30:00.000Z"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminIntegrationWithRecords'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminExplainIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description Reasons, the true one first. */
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
           *       "data": {
           *         "willRun": true,
           *         "nextExpectedStart": "2099-05-01T09:30:00.000Z",
           *         "reasons": [
           *           {
           *             "code": "credentials_rejected",
           *             "message": "The schedule starts it.",
           *             "since": "2099-05-01T09:30:00.000Z",
           *             "nextAction": "none"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminExplanation'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListFindingsOfIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description Worst first. */
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
           *       "data": [
           *         {
           *           "code": "payments_held",
           *           "severity": "critical",
           *           "environment": "sandbox",
           *           "title": "Credentials were rejected",
           *           "since": "2099-05-01T09:30:00.000Z",
           *           "count": 0,
           *           "merchants": [
           *             "Harbour Clinic"
           *           ],
           *           "merchantCount": 0,
           *           "amounts": [
           *             {
           *               "currency": "GBP",
           *               "amountMinor": 0,
           *               "rows": 0
           *             }
           *           ],
           *           "next": "Ask the merchant to replace the credentials.",
           *           "effects": [
           *             "the last sync of 2 integrations failed"
           *           ],
           *           "stopsRuns": true,
           *           "filter": {},
           *           "subject": {
           *             "list": "integrations",
           *             "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *           }
           *         }
           *       ]
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Finding'][];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListTimeline: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description One page, newest first. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "at": "2099-05-01T09:30:00.000Z",
           *           "kind": "run",
           *           "details": {
           *             "run": "sync",
           *             "trigger": "scheduled",
           *             "state": "waiting",
           *             "fullResync": true,
           *             "probe": true,
           *             "attempt": 0,
           *             "startedAt": "2099-05-01T09:30:00.000Z",
           *             "finishedAt": "2099-05-01T09:30:00.000Z",
           *             "waitReason": null,
           *             "errorCode": null,
           *             "error": null,
           *             "resources": [
           *               {
           *                 "resourceType": "customers",
           *                 "status": "pending",
           *                 "fetched": 0,
           *                 "created": 0,
           *                 "updated": 0,
           *                 "unchanged": 0,
           *                 "deleted": 0,
           *                 "quarantined": 0,
           *                 "errorCode": null,
           *                 "error": null,
           *                 "notes": [
           *                   "filter_ignored"
           *                 ],
           *                 "nextAction": "none"
           *               }
           *             ]
           *           }
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: (
              | components['schemas']['TimelineRun']
              | components['schemas']['TimelineAudit']
              | components['schemas']['TimelineBreaker']
              | components['schemas']['TimelineSchedule']
              | components['schemas']['TimelineDeletionPlan']
              | components['schemas']['TimelineQuarantine']
              | components['schemas']['TimelineEndpoint']
            )[];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListActivity: {
    parameters: {
      query?: {
        /** @description A larger one is clamped. */
        days?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description Oldest first; days without a run are left out. */
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
           *       "data": [
           *         {
           *           "day": "2099-05-01",
           *           "resourceType": "customers",
           *           "created": 0,
           *           "updated": 0,
           *           "unchanged": 0,
           *           "deleted": 0,
           *           "quarantined": 0,
           *           "failed": 0
           *         }
           *       ]
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['DayOfResource'][];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListQuarantineOfIntegration: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description Where and why; never the row itself. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "environment": "sandbox",
           *           "provider": "practicehub",
           *           "stream": "patients",
           *           "externalId": "812",
           *           "resourceType": "invoices",
           *           "reason": "The merchant asked for it (ticket 4711).",
           *           "path": "lines.0.amount",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "timesSeen": 0,
           *           "firstSeenAt": "2099-05-01T09:30:00.000Z",
           *           "lastSeenAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['QuarantinedRow'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSyncIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "fullResync": false
         *     }
         */
        'application/json': components['schemas']['SyncNowRequest'];
      };
    };
    responses: {
      /** @description The run that will do it. */
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
           *       "data": {
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['RunStarted'];
          };
        };
      };
      400: components['responses']['Token_invalid_request_not_active_sync_paused'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminPauseIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description As it is now. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "environment": "sandbox",
           *         "provider": "practicehub",
           *         "state": "active",
           *         "status": "connected",
           *         "health": "healthy",
           *         "condition": "healthy",
           *         "operatorPaused": true,
           *         "operatorPausedAt": "2099-05-01T09:30:00.000Z",
           *         "pauseReason": null,
           *         "toggledOff": true,
           *         "toggledOffAt": "2099-05-01T09:30:00.000Z",
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2099-05-01T09:30:00.000Z",
           *         "probeAt": "2099-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *         "lastError": null,
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2099-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2099-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "credentialsExpireAt": "2099-05-01T09:30:00.000Z",
           *         "limitedSince": "2099-05-01T09:30:00.000Z",
           *         "limitedUntil": "2099-05-01T09:30:00.000Z",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "configuration": {}
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminIntegration'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminResumeIntegration: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description As it is now, and the run. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "environment": "sandbox",
           *         "provider": "practicehub",
           *         "state": "active",
           *         "status": "connected",
           *         "health": "healthy",
           *         "condition": "healthy",
           *         "operatorPaused": true,
           *         "operatorPausedAt": "2099-05-01T09:30:00.000Z",
           *         "pauseReason": null,
           *         "toggledOff": true,
           *         "toggledOffAt": "2099-05-01T09:30:00.000Z",
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2099-05-01T09:30:00.000Z",
           *         "probeAt": "2099-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2099-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2099-05-01T09:30:00.000Z",
           *         "lastError": null,
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2099-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2099-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "credentialsExpireAt": "2099-05-01T09:30:00.000Z",
           *         "limitedSince": "2099-05-01T09:30:00.000Z",
           *         "limitedUntil": "2099-05-01T09:30:00.000Z",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "configuration": {},
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ResumedIntegration'];
          };
        };
      };
      400: components['responses']['Token_invalid_request_not_active'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListRuns: {
    parameters: {
      query?: {
        /** @description Only runs in this state. */
        state?: 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
        /** @description Only runs that have not ended, or only the others. */
        live?: boolean;
        /** @description Only runs that are due for a minute and that no worker holds, or only the others. */
        overdue?: boolean;
        /** @description Only runs of this kind. */
        kind?: 'sync' | 'push' | 'erase';
        /** @description Only runs that failed with this code. */
        errorCode?:
          | 'invalid_request'
          | 'provider_credentials_rejected'
          | 'not_active'
          | 'sync_paused'
          | 'unauthenticated'
          | 'sign_in_too_old'
          | 'permission_denied'
          | 'wrong_origin'
          | 'not_found'
          | 'conflict'
          | 'already_active'
          | 'idempotency_conflict'
          | 'idempotency_in_progress'
          | 'cursor_expired'
          | 'payload_too_large'
          | 'unsupported_media_type'
          | 'unprocessable_entity'
          | 'manifest_refused'
          | 'rate_limited'
          | 'internal_error'
          | 'provider_error'
          | 'unavailable'
          | 'provider_timeout';
        /** @description Only runs of this provider. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only runs of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Only runs of this merchant. */
        merchantId?: string;
        /** @description Only runs of this integration. */
        integrationId?: string;
        /** @description Only runs that ended then or later. */
        finishedFrom?: string;
        /** @description Only runs that ended before. */
        finishedTo?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "provider": "practicehub",
           *           "environment": "sandbox",
           *           "kind": "sync",
           *           "trigger": "scheduled",
           *           "state": "waiting",
           *           "fullResync": true,
           *           "probe": true,
           *           "attempt": 0,
           *           "deaths": 0,
           *           "calls": 0,
           *           "waitReason": null,
           *           "notBefore": "2099-05-01T09:30:00.000Z",
           *           "errorCode": "invalid_request",
           *           "error": null,
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "startedAt": "2099-05-01T09:30:00.000Z",
           *           "finishedAt": "2099-05-01T09:30:00.000Z",
           *           "changedAt": "2099-05-01T09:30:00.000Z",
           *           "fetched": 0,
           *           "changed": 0,
           *           "quarantined": 0
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminRun'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetRun: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description With the log of its streams. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "provider": "practicehub",
           *         "environment": "sandbox",
           *         "kind": "sync",
           *         "trigger": "scheduled",
           *         "state": "waiting",
           *         "fullResync": true,
           *         "probe": true,
           *         "attempt": 0,
           *         "deaths": 0,
           *         "calls": 0,
           *         "waitReason": null,
           *         "notBefore": "2099-05-01T09:30:00.000Z",
           *         "errorCode": "invalid_request",
           *         "error": null,
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "startedAt": "2099-05-01T09:30:00.000Z",
           *         "finishedAt": "2099-05-01T09:30:00.000Z",
           *         "changedAt": "2099-05-01T09:30:00.000Z",
           *         "fetched": 0,
           *         "changed": 0,
           *         "quarantined": 0,
           *         "traceId": "0af7651916cd43dd8448eb211c80319c",
           *         "streams": [
           *           {
           *             "resourceType": "customers",
           *             "status": "pending",
           *             "attempt": 0,
           *             "startedAt": "2099-05-01T09:30:00.000Z",
           *             "finishedAt": "2099-05-01T09:30:00.000Z",
           *             "fetched": 0,
           *             "created": 0,
           *             "updated": 0,
           *             "unchanged": 0,
           *             "deleted": 0,
           *             "quarantined": 0,
           *             "errorCode": null,
           *             "error": null,
           *             "notes": [
           *               {
           *                 "code": "filter_ignored",
           *                 "text": "The account has no list at this path."
           *               }
           *             ],
           *             "nextAction": "none"
           *           }
           *         ],
           *         "quarantinedNow": 0,
           *         "planIds": [
           *           "7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d"
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminRunDetails'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListApprovals: {
    parameters: {
      query?: {
        /** @description Only those in this state. */
        state?: 'waiting' | 'approved' | 'done' | 'failed' | 'refused' | 'expired';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "act": "deletion_plan",
           *           "target": null,
           *           "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *           "parameters": {},
           *           "state": "waiting",
           *           "requestedBy": "jo@example.com",
           *           "reason": "The merchant has closed this account.",
           *           "requestedAt": "2099-05-01T09:30:00.000Z",
           *           "expiresAt": "2099-05-01T09:30:00.000Z",
           *           "decidedBy": "kim@example.com",
           *           "decisionReason": null,
           *           "decidedAt": "2099-05-01T09:30:00.000Z",
           *           "error": null
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetApproval: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description The request, and of a bulk retry what has become of each integration. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null,
           *         "outcome": {
           *           "integrations": [
           *             {
           *               "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *               "merchantName": "Harbour Clinic",
           *               "provider": "practicehub",
           *               "environment": "sandbox",
           *               "queued": 0,
           *               "skipped": 0,
           *               "because": "paused"
           *             }
           *           ],
           *           "queued": 0,
           *           "skipped": 0
           *         }
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ApprovalWithOutcome'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminApproveApproval: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description As it is now: `done`, `failed` with the error, or `approved` while it is being done. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null,
           *         "outcome": {
           *           "integrations": [
           *             {
           *               "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *               "merchantName": "Harbour Clinic",
           *               "provider": "practicehub",
           *               "environment": "sandbox",
           *               "queued": 0,
           *               "skipped": 0,
           *               "because": "paused"
           *             }
           *           ],
           *           "queued": 0,
           *           "skipped": 0
           *         }
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ApprovalWithOutcome'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminRefuseApproval: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The request. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListDeletionPlans: {
    parameters: {
      query?: {
        /** @description Id of the provider, as `/v2/providers` lists it. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only those of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Only plans of this integration. */
        integrationId?: string;
        /** @description Only those in this state. */
        state?: 'held' | 'approved' | 'discarded';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "provider": "practicehub",
           *           "environment": "sandbox",
           *           "stream": "patients",
           *           "resourceType": "customers",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "state": "held",
           *           "rows": 0,
           *           "liveRecords": 0,
           *           "sample": [
           *             "812"
           *           ],
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "decidedAt": "2099-05-01T09:30:00.000Z",
           *           "decidedBy": null,
           *           "reason": "The merchant asked for it (ticket 4711)."
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['DeletionPlan'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetDeletionPlan: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description With the first twenty external ids. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "provider": "practicehub",
           *         "environment": "sandbox",
           *         "stream": "patients",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "812"
           *         ],
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": null,
           *         "reason": "The merchant asked for it (ticket 4711)."
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['DeletionPlan'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListPlannedDeletions: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description One page, in the order of the plan. */
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
           *       "data": [
           *         {
           *           "externalId": "812",
           *           "label": "INV-1042",
           *           "isLive": true,
           *           "amountMinor": 0,
           *           "currency": "GBP",
           *           "lastChangeAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['PlannedDeletion'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetPlannedLoss: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description As it is now; of a hundred thousand records it takes about a second. */
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
           *       "data": {
           *         "records": 0,
           *         "amounts": [
           *           {
           *             "currency": "GBP",
           *             "amountMinor": 0,
           *             "rows": 0
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['PlannedLoss'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminApproveDeletionPlan: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The plan, and how many records became tombstones. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "provider": "practicehub",
           *         "environment": "sandbox",
           *         "stream": "patients",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "812"
           *         ],
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": null,
           *         "reason": "The merchant asked for it (ticket 4711).",
           *         "deleted": 0
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ApprovedPlan'];
          };
        };
      };
      /** @description Nothing is done yet: another operator must approve this request. */
      202: {
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminDiscardDeletionPlan: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The plan. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantName": "Harbour Clinic",
           *         "provider": "practicehub",
           *         "environment": "sandbox",
           *         "stream": "patients",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "812"
           *         ],
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": null,
           *         "reason": "The merchant asked for it (ticket 4711)."
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['DeletionPlan'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListPaymentReviews: {
    parameters: {
      query?: {
        /** @description Id of the provider, as `/v2/providers` lists it. */
        provider?: 'practicehub' | 'wodify' | 'terminal';
        /** @description Only those of this environment. */
        environment?: 'sandbox' | 'live';
        /** @description Id of the integration, as `GET /v2/integrations` lists it. */
        integrationId?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "Harbour Clinic",
           *           "provider": "practicehub",
           *           "environment": "sandbox",
           *           "reference": "pay_8812",
           *           "providerReference": "RK-8812",
           *           "externalInvoiceId": "501",
           *           "externalCustomerId": "812",
           *           "amountMinor": 0,
           *           "currency": "GBP",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "heldAt": "2099-05-01T09:30:00.000Z",
           *           "isSearched": true,
           *           "isSearchRunning": true,
           *           "searchWaitReason": "rate_limited",
           *           "searchWaitsUntil": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['HeldPayment'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSearchPaymentAgain: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The run that does it: found, the payment goes on; not found, it is held again. */
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
           *       "data": {
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ReviewSearch'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminDeclarePaymentNotTaken: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The payment has failed, its part of the invoice is free, and the merchant may ask for it again. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ReviewedPayment'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListMerchants: {
    parameters: {
      query?: {
        /** @description Part of the name, or the id. */
        search?: string;
        /** @description Only merchants of what this finding counts. */
        finding?: 'keys_expiring' | 'endpoints_disabled' | 'endpoints_failing' | 'events_given_up';
        /** @description Only what the finding counts in this environment; with `finding` alone. */
        environment?: 'sandbox' | 'live';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "name": "Harbour Clinic",
           *           "defaultCurrency": "GBP",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "integrations": 0,
           *           "activeIntegrations": 0,
           *           "apiKeys": 0
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminMerchant'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetMerchant: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description The merchant. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "name": "Harbour Clinic",
           *         "defaultCurrency": "GBP",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "integrations": 0,
           *         "activeIntegrations": 0,
           *         "apiKeys": 0
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminMerchant'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListApiKeys: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description One page, revoked ones too; never a key itself. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "name": "till",
           *           "displayPrefix": "rk_live_x7Ka",
           *           "scopes": [
           *             "sync:*"
           *           ],
           *           "allowedCidrs": [
           *             "203.0.113.0/24"
           *           ],
           *           "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "expiresAt": "2099-05-01T09:30:00.000Z",
           *           "revokedAt": "2099-05-01T09:30:00.000Z",
           *           "lastUsedAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminApiKey'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminCreateApiKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "environment": "sandbox",
         *       "name": "Front desk",
         *       "scopes": [
         *         "integrations:*",
         *         "sync:*"
         *       ],
         *       "expiresAt": "2099-05-01T09:30:00.000Z",
         *       "allowedCidrs": [
         *         "203.0.113.0/24",
         *         "2001:db8::/32"
         *       ]
         *     }
         */
        'application/json': components['schemas']['CreateApiKeyRequest'];
      };
    };
    responses: {
      /** @description The key in clear, this once. */
      201: {
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "name": "till",
           *         "displayPrefix": "rk_live_x7Ka",
           *         "scopes": [
           *           "sync:*"
           *         ],
           *         "allowedCidrs": [
           *           "203.0.113.0/24"
           *         ],
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "revokedAt": "2099-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2099-05-01T09:30:00.000Z",
           *         "key": "rk_sandbox_4fJ8kQ2mZ7vT1yB6nC3xW9pL5sD0hG"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['IssuedApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminRevokeApiKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description Refused everywhere within a second. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "name": "till",
           *         "displayPrefix": "rk_live_x7Ka",
           *         "scopes": [
           *           "sync:*"
           *         ],
           *         "allowedCidrs": [
           *           "203.0.113.0/24"
           *         ],
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "revokedAt": "2099-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSetApiKeyAddresses: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "allowedCidrs": [
         *         "203.0.113.0/24",
         *         "2001:db8::/32"
         *       ]
         *     }
         */
        'application/json': components['schemas']['AllowedAddressesRequest'];
      };
    };
    responses: {
      /** @description Holds everywhere within a second. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "name": "till",
           *         "displayPrefix": "rk_live_x7Ka",
           *         "scopes": [
           *           "sync:*"
           *         ],
           *         "allowedCidrs": [
           *           "203.0.113.0/24"
           *         ],
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "revokedAt": "2099-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2099-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminRotateApiKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "overlapSeconds": 86400
         *     }
         */
        'application/json': components['schemas']['RotateApiKeyRequest'];
      };
    };
    responses: {
      /** @description The successor in clear, this once; the old key works until the overlap ends. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "name": "till",
           *         "displayPrefix": "rk_live_x7Ka",
           *         "scopes": [
           *           "sync:*"
           *         ],
           *         "allowedCidrs": [
           *           "203.0.113.0/24"
           *         ],
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "revokedAt": "2099-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2099-05-01T09:30:00.000Z",
           *         "key": "rk_sandbox_4fJ8kQ2mZ7vT1yB6nC3xW9pL5sD0hG",
           *         "replaced": {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "name": "till",
           *           "displayPrefix": "rk_live_x7Ka",
           *           "scopes": [
           *             "sync:*"
           *           ],
           *           "allowedCidrs": [
           *             "203.0.113.0/24"
           *           ],
           *           "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "expiresAt": "2099-05-01T09:30:00.000Z",
           *           "revokedAt": "2099-05-01T09:30:00.000Z",
           *           "lastUsedAt": "2099-05-01T09:30:00.000Z"
           *         }
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['RotatedApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListWebhookEndpoints: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description All of them, without their secrets. */
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
           *           "updatedAt": "2099-05-01T09:30:00.000Z",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "position": 0,
           *           "head": 0,
           *           "behind": 0,
           *           "missedEvents": 0,
           *           "replays": 0,
           *           "lastError": null,
           *           "unsignedSince": null,
           *           "merchantName": "Harbour Clinic"
           *         }
           *       ]
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminWebhookEndpoint'][];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description The endpoint, without its secret. */
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
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "position": 0,
           *         "head": 0,
           *         "behind": 0,
           *         "missedEvents": 0,
           *         "replays": 0,
           *         "lastError": null,
           *         "unsignedSince": null,
           *         "merchantName": "Harbour Clinic"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminWebhookEndpoint'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminExplainWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description What is in the way first, then what else is worth knowing. */
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
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['EndpointExplanation'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListWebhookAttempts: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description One page. */
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
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Attempt'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListGivenUpWebhookEvents: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "eventId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "eventType": "sync.completed",
           *           "occurredAt": "2099-05-01T09:30:00.000Z",
           *           "attempts": 0,
           *           "heldAt": "2099-05-01T09:30:00.000Z",
           *           "lastError": null
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['GivenUpEvent'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminPreviewWebhookReplay: {
    parameters: {
      query?: {
        /** @description One event. Without `from` and `to`. */
        eventId?: string;
        /** @description Events from this time on. Must be there where there is no `eventId`. */
        from?: string;
        /** @description Events before this time; left out: all up to now. */
        to?: string;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
      /** @description How many events, and from which position of the log to which. */
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
           *       "data": {
           *         "events": 0,
           *         "fromPosition": 0,
           *         "toPosition": 0
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ReplayPreview'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminReplayWebhookEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "eventId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *       "from": null,
         *       "to": null
         *     }
         */
        'application/json': components['schemas']['ReplayWebhookEventsRequest'];
      };
    };
    responses: {
      /** @description How many events that are. */
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
           *       "data": {
           *         "events": 0
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['ReplayedWebhookEvents'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_unprocessable_entity'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminTestWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "type": "sync.completed"
         *     }
         */
        'application/json': components['schemas']['TestWebhookEndpointRequest'];
      };
    };
    responses: {
      /** @description What came of it; the endpoint’s refusal is an answer too. */
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
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Attempt'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSwitchWebhookEndpoint: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
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
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "enabled": true
         *     }
         */
        'application/json': components['schemas']['SwitchWebhookEndpointRequest'];
      };
    };
    responses: {
      /** @description The endpoint as it is now. */
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
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "position": 0,
           *         "head": 0,
           *         "behind": 0,
           *         "missedEvents": 0,
           *         "replays": 0,
           *         "lastError": null,
           *         "unsignedSince": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['OperatorEndpoint'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListProviders: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them. */
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
           *       "data": [
           *         {
           *           "id": "acme",
           *           "name": "Acme Bookings",
           *           "origin": "built_in",
           *           "state": "stable",
           *           "resources": [
           *             "customers"
           *           ],
           *           "docsUrl": "https://docs.acme.example",
           *           "activeIntegrations": 0
           *         }
           *       ]
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminProvider'][];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetManifest: {
    parameters: {
      query?: {
        /** @description Left out: the newest. */
        version?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description Of `GET /admin/api/providers`, or a new one
         * @example acme
         */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest version, or the one that was asked for. */
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
           *       "data": {
           *         "provider": "acme",
           *         "version": 0,
           *         "manifest": "apiVersion: interlock/v1\nid: acme\nname: Acme Bookings\ndocsUrl: https://docs.acme.example\nbaseUrl: { example: 'https://api.acme.example/v1' }\nhosts: [.acme.example]\nauth: { kind: api_key, in: header, name: X-Acme-Key }\nrate: { perSecond: 5, burst: 10, per: account }\ninterval: { defaultMinutes: 60, minimumMinutes: 5 }\ntest: { path: /me, account: id }\ntimes: { form: iso, zone: named }\nstreams:\n  - key: clients\n    resource: customers\n    enabledBy: syncPatients\n    version: 1\n    path: /clients\n    rows: clients\n    id: id\n    updatedAt: updated_at\n    paging: { by: page, parameter: page, size: 50, next: links.next }\n    complete: true\n    fields: { firstName: first_name, lastName: last_name, email: email }\n",
           *         "versions": [
           *           {
           *             "version": 0,
           *             "storedAt": "2099-05-01T09:30:00.000Z",
           *             "storedBy": "jo@example.com",
           *             "isDeletion": true
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminManifest'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSaveManifest: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description Of `GET /admin/api/providers`, or a new one
         * @example acme
         */
        provider: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "manifest": "apiVersion: interlock/v1\nid: acme\nname: Acme Bookings\ndocsUrl: https://docs.acme.example\nbaseUrl: { example: 'https://api.acme.example/v1' }\nhosts: [.acme.example]\nauth: { kind: api_key, in: header, name: X-Acme-Key }\nrate: { perSecond: 5, burst: 10, per: account }\ninterval: { defaultMinutes: 60, minimumMinutes: 5 }\ntest: { path: /me, account: id }\ntimes: { form: iso, zone: named }\nstreams:\n  - key: clients\n    resource: customers\n    enabledBy: syncPatients\n    version: 1\n    path: /clients\n    rows: clients\n    id: id\n    updatedAt: updated_at\n    paging: { by: page, parameter: page, size: 50, next: links.next }\n    complete: true\n    fields: { firstName: first_name, lastName: last_name, email: email }\n"
         *     }
         */
        'application/json': components['schemas']['SaveManifestRequest'];
      };
    };
    responses: {
      /** @description Served by every process within a second. The text that is stored already makes no version. */
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
           *       "data": {
           *         "provider": "acme",
           *         "version": 0,
           *         "manifest": "apiVersion: interlock/v1\nid: acme\nname: Acme Bookings\ndocsUrl: https://docs.acme.example\nbaseUrl: { example: 'https://api.acme.example/v1' }\nhosts: [.acme.example]\nauth: { kind: api_key, in: header, name: X-Acme-Key }\nrate: { perSecond: 5, burst: 10, per: account }\ninterval: { defaultMinutes: 60, minimumMinutes: 5 }\ntest: { path: /me, account: id }\ntimes: { form: iso, zone: named }\nstreams:\n  - key: clients\n    resource: customers\n    enabledBy: syncPatients\n    version: 1\n    path: /clients\n    rows: clients\n    id: id\n    updatedAt: updated_at\n    paging: { by: page, parameter: page, size: 50, next: links.next }\n    complete: true\n    fields: { firstName: first_name, lastName: last_name, email: email }\n",
           *         "versions": [
           *           {
           *             "version": 0,
           *             "storedAt": "2099-05-01T09:30:00.000Z",
           *             "storedBy": "jo@example.com",
           *             "isDeletion": true
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminManifest'];
          };
        };
      };
      /** @description Nothing is done yet: another operator must approve this request. */
      202: {
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      422: components['responses']['Token_manifest_refused'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminDeleteManifest: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description Of `GET /admin/api/providers`, or a new one
         * @example acme
         */
        provider: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description Nothing is done yet: another operator must approve this request. */
      202: {
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'];
          };
        };
      };
      /** @description No process serves it a second later, unless a file in `PROVIDERS_DIR` tells it. */
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
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListAudit: {
    parameters: {
      query?: {
        /** @description Only those of this merchant. */
        merchantId?: string;
        /** @description Only acts of this key, token or person. */
        actorId?: string;
        /** @description The beginning of the action: `integration.` or all of it. */
        action?: string;
        /** @description Only acts on this kind of thing. */
        subjectType?: string;
        /** @description Only acts on this one. */
        subjectId?: string;
        /** @description Only what was done then or later. */
        from?: string;
        /** @description Only what was done before. */
        to?: string;
        /** @description `folded`: without the openings of secrets, of which each run makes one. Left out: all. */
        openings?: 'folded' | 'shown';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "at": "2099-05-01T09:30:00.000Z",
           *           "action": "integration.paused",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": null,
           *           "environment": "sandbox",
           *           "actorKind": "api_key",
           *           "actorId": "jo@example.com",
           *           "actorName": "till",
           *           "requestId": null,
           *           "subjectType": "integration",
           *           "subjectId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "subjectName": "practicehub",
           *           "reason": "The merchant asked for it (ticket 4711).",
           *           "details": {}
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AuditEntry'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminRetryMany: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "filter": {
         *         "provider": "practicehub",
         *         "environment": "sandbox",
         *         "state": "active",
         *         "status": "connected",
         *         "health": "healthy",
         *         "errorCode": "invalid_request",
         *         "lateByMinutes": 0,
         *         "operatorPaused": true,
         *         "condition": "healthy",
         *         "finding": "credentials_rejected",
         *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
         *       },
         *       "resourceType": "customers",
         *       "limitPerIntegration": 100,
         *       "dryRun": true
         *     }
         */
        'application/json': components['schemas']['BulkRetryRequest'];
      };
    };
    responses: {
      /** @description What would happen, or with `dryRun: false` what happened, integration by integration. */
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
           *       "data": {
           *         "integrations": [
           *           {
           *             "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *             "merchantName": "Harbour Clinic",
           *             "provider": "practicehub",
           *             "environment": "sandbox",
           *             "queued": 0,
           *             "skipped": 0,
           *             "because": "paused"
           *           }
           *         ],
           *         "queued": 0,
           *         "skipped": 0,
           *         "dryRun": true,
           *         "more": true
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['BulkRetryOutcome'];
          };
        };
      };
      /** @description Nothing is done yet: another operator must approve this request. */
      202: {
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "act": "deletion_plan",
           *         "target": null,
           *         "summary": "Delete the records of plan 7d7c2f0e that are still missing",
           *         "parameters": {},
           *         "state": "waiting",
           *         "requestedBy": "jo@example.com",
           *         "reason": "The merchant has closed this account.",
           *         "requestedAt": "2099-05-01T09:30:00.000Z",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "decidedBy": "kim@example.com",
           *         "decisionReason": null,
           *         "decidedAt": "2099-05-01T09:30:00.000Z",
           *         "error": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Approval'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetVaultRotation: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description `rotation` is null when there was none. */
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
           *       "data": {
           *         "rotation": {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "mode": "rewrap",
           *           "state": "moving",
           *           "targetKeyId": "local/2",
           *           "targetKeyVersion": 0,
           *           "requestedBy": "jo@example.com",
           *           "startedAt": "2099-05-01T09:30:00.000Z",
           *           "updatedAt": "2099-05-01T09:30:00.000Z",
           *           "finishedAt": "2099-05-01T09:30:00.000Z",
           *           "total": 0,
           *           "moved": 0,
           *           "verified": 0,
           *           "remaining": 0,
           *           "cursor": null,
           *           "failures": [
           *             {
           *               "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *               "reason": "key_not_found"
           *             }
           *           ],
           *           "activity": "working",
           *           "resumes": 0
           *         },
           *         "keysInUse": [
           *           {
           *             "keyId": "local/2",
           *             "keyVersion": 0,
           *             "count": 0
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['VaultState'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminStartVaultRotation: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711).",
         *       "mode": "rewrap"
         *     }
         */
        'application/json': components['schemas']['StartRotationRequest'];
      };
    };
    responses: {
      /** @description The rotation as it begins, or the same one when it is open already. Where a second operator must approve: the request, and nothing is done yet. */
      202: {
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
           *       "data": {
           *         "rotation": {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "mode": "rewrap",
           *           "state": "moving",
           *           "targetKeyId": "local/2",
           *           "targetKeyVersion": 0,
           *           "requestedBy": "jo@example.com",
           *           "startedAt": "2099-05-01T09:30:00.000Z",
           *           "updatedAt": "2099-05-01T09:30:00.000Z",
           *           "finishedAt": "2099-05-01T09:30:00.000Z",
           *           "total": 0,
           *           "moved": 0,
           *           "verified": 0,
           *           "remaining": 0,
           *           "cursor": null,
           *           "failures": [
           *             {
           *               "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *               "reason": "key_not_found"
           *             }
           *           ],
           *           "activity": "working",
           *           "resumes": 0
           *         }
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['StartedRotation'] | components['schemas']['Approval'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminExportAudit: {
    parameters: {
      query?: {
        /** @description Only those of this merchant. */
        merchantId?: string;
        /** @description Only acts of this key, token or person. */
        actorId?: string;
        /** @description The beginning of the action: `integration.` or all of it. */
        action?: string;
        /** @description Only acts on this kind of thing. */
        subjectType?: string;
        /** @description Only acts on this one. */
        subjectId?: string;
        /** @description Only what was done then or later. */
        from?: string;
        /** @description Only what was done before. */
        to?: string;
        /** @description `folded`: without the openings of secrets, of which each run makes one. Left out: all. */
        openings?: 'folded' | 'shown';
        /** @description JSON lines, or a table. Left out: JSON lines. */
        format?: 'jsonl' | 'csv';
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A line for each entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          'X-RateLimit-Limit': components['headers']['RateLimitLimit'];
          'X-RateLimit-Remaining': components['headers']['RateLimitRemaining'];
          'X-RateLimit-Reset': components['headers']['RateLimitReset'];
          [name: string]: unknown;
        };
        content: {
          'application/jsonl': string;
          'text/csv': string;
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      409: components['responses']['Token_conflict'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListTokens: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped. */
        limit?: number;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page, until a day after they have expired; never a token itself. */
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
           *       "data": [
           *         {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "jti": "7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d",
           *           "subject": "jo@example.com",
           *           "roles": [
           *             "operator"
           *           ],
           *           "permissions": [
           *             "integrations.read"
           *           ],
           *           "nodeIds": [
           *             "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *           ],
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "createdAt": "2099-05-01T09:30:00.000Z",
           *           "issuedBy": "cli:jo@workstation",
           *           "expiresAt": "2099-05-01T09:30:00.000Z",
           *           "revokedAt": "2099-05-01T09:30:00.000Z",
           *           "revokedBy": null
           *         }
           *       ],
           *       "nextCursor": null
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminToken'][];
            /** @description null: that was the last page. */
            nextCursor: string | null;
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminRevokeToken: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The `jti` claim of the token.
         * @example 7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55
         */
        jti: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description Refused by every process within 20 seconds, mostly within milliseconds. A `jti` that is not known here is taken as another issuer’s. */
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
           *       "data": {
           *         "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "jti": "7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d",
           *         "subject": "jo@example.com",
           *         "roles": [
           *           "operator"
           *         ],
           *         "permissions": [
           *           "integrations.read"
           *         ],
           *         "nodeIds": [
           *           "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *         ],
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "createdAt": "2099-05-01T09:30:00.000Z",
           *         "issuedBy": "cli:jo@workstation",
           *         "expiresAt": "2099-05-01T09:30:00.000Z",
           *         "revokedAt": "2099-05-01T09:30:00.000Z",
           *         "revokedBy": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['AdminToken'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminListOperators: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description At most 1,000. */
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
           *       "data": [
           *         {
           *           "subject": "oidc:00u1k2j3",
           *           "name": "Jo Miller",
           *           "roles": [
           *             "operator"
           *           ],
           *           "signInMethod": "openid_connect",
           *           "firstSeenAt": "2099-05-01T09:30:00.000Z",
           *           "lastSeenAt": "2099-05-01T09:30:00.000Z",
           *           "disabledAt": "2099-05-01T09:30:00.000Z",
           *           "disabledBy": "oidc:00u9z8y7"
           *         }
           *       ]
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Operator'][];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminDisableOperator: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description Of the operator’s tokens.
         * @example oidc:00u1k2j3
         */
        subject: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description Refused by every process within 20 seconds, mostly within milliseconds. */
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
           *       "data": {
           *         "subject": "oidc:00u1k2j3",
           *         "name": "Jo Miller",
           *         "roles": [
           *           "operator"
           *         ],
           *         "signInMethod": "openid_connect",
           *         "firstSeenAt": "2099-05-01T09:30:00.000Z",
           *         "lastSeenAt": "2099-05-01T09:30:00.000Z",
           *         "disabledAt": "2099-05-01T09:30:00.000Z",
           *         "disabledBy": "oidc:00u9z8y7"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Operator'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminEnableOperator: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description Of the operator’s tokens.
         * @example oidc:00u1k2j3
         */
        subject: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "The merchant asked for it (ticket 4711)."
         *     }
         */
        'application/json': components['schemas']['ReasonRequest'];
      };
    };
    responses: {
      /** @description The operator may sign in. */
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
           *       "data": {
           *         "subject": "oidc:00u1k2j3",
           *         "name": "Jo Miller",
           *         "roles": [
           *           "operator"
           *         ],
           *         "signInMethod": "openid_connect",
           *         "firstSeenAt": "2099-05-01T09:30:00.000Z",
           *         "lastSeenAt": "2099-05-01T09:30:00.000Z",
           *         "disabledAt": "2099-05-01T09:30:00.000Z",
           *         "disabledBy": "oidc:00u9z8y7"
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: components['schemas']['Operator'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated_sign_in_too_old'];
      403: components['responses']['Token_permission_denied_wrong_origin'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminGetSignInMethods: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The ways that this service offers. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "openIdConnect": true,
           *         "pastedToken": true,
           *         "databaseProblem": null
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: {
              /** @description At the OpenID provider: open `/admin/sign-in`. */
              openIdConnect: boolean;
              /** @description With an access token: `POST /admin/session`. */
              pastedToken: boolean;
              /**
               * @description Why nobody can sign in now, such as `is read-only`; null: the database takes writes.
               * @example null
               */
              databaseProblem: string | null;
            };
          };
        };
      };
      400: components['responses']['Open_invalid_request'];
      403: components['responses']['Open_permission_denied'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
  adminSignIn: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2lnbmF0dXJl"
         *     }
         */
        'application/json': components['schemas']['SignInRequest'];
      };
    };
    responses: {
      /** @description Signed in; the cookie ends with the token, and after twelve hours at the latest. */
      200: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "data": {
           *         "id": "812",
           *         "roles": [
           *           "operator"
           *         ]
           *       }
           *     }
           */
          'application/json': {
            /** @description What was asked for. */
            data: {
              /** @description Identifies it in this service. */
              id: string;
              /** @description `admin`, `operator` or `viewer`. */
              roles: string[];
            };
          };
        };
      };
      400: components['responses']['Open_invalid_request'];
      401: components['responses']['Open_unauthenticated'];
      403: components['responses']['Open_permission_denied_wrong_origin'];
      413: components['responses']['Open_payload_too_large'];
      415: components['responses']['Open_unsupported_media_type'];
      429: components['responses']['Open_rate_limited'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
  adminSignOut: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The cookie is gone, and its token is refused. */
      204: {
        headers: {
          'x-request-id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Open_invalid_request'];
      403: components['responses']['Open_permission_denied_wrong_origin'];
      413: components['responses']['Open_payload_too_large'];
      415: components['responses']['Open_unsupported_media_type'];
      429: components['responses']['Open_rate_limited'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
  adminBeginSignIn: {
    parameters: {
      query?: {
        /** @description The page of the console to open afterwards: what follows `#`. */
        page?: string;
        /** @description The operator authenticates anew unless that was a short while ago. */
        stepUp?: boolean;
      };
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description To the provider, or back to the console with the cause in `problem`. */
      302: {
        headers: {
          /** @description Where the browser goes. */
          Location?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Open_invalid_request'];
      403: components['responses']['Open_permission_denied'];
      404: components['responses']['Open_not_found'];
      429: components['responses']['Open_rate_limited'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
  adminFinishSignIn: {
    parameters: {
      query?: never;
      header?: {
        /** @description Taken as the id of the request when it is a sane token; made otherwise. */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description To the console, with its cookie or with the cause in `problem`. */
      302: {
        headers: {
          /** @description Where the browser goes. */
          Location?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Open_invalid_request'];
      403: components['responses']['Open_permission_denied'];
      404: components['responses']['Open_not_found'];
      429: components['responses']['Open_rate_limited'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
}

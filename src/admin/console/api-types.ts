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
     * @description Who is signed in
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
     * @description Is anything wrong, since when, for whom, and what next
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
     * @description Running syncs as they go, as server-sent events
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
     * @description Outages of providers, newest first
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
     * @description Rows of every merchant that could not be understood, newest first
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
     * Integrations of every merchant, newest first
     * @description Integrations of every merchant, newest first
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
     * @description One integration
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
     * @description Why the next sync will or will not run
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
  '/admin/api/integrations/{id}/timeline': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What happened to it: runs, audit, breaker and schedule changes
     * @description What happened to it: runs, audit, breaker and schedule changes
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
     * @description Changes of each resource by day
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
     * @description Rows that could not be understood
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
     * @description Sync now
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
     * @description Stop the schedule until somebody resumes it
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
     * @description End the pause, close the breaker and run now
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
  '/admin/api/deletion-plans': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Deletions that were held for a decision, newest first
     * @description Deletions that were held for a decision, newest first
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
     * @description One plan
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
     * @description Delete what is still live and still missing
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
     * @description Keep the records; the next scan starts from nothing
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
     * @description Payments of which nobody knows whether the provider took them, newest first
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
     * @description Search the provider once more
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
     * @description Say that the provider does not have it: somebody has looked
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
     * @description Merchants, newest first
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
     * @description One merchant
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
     * @description API keys of a merchant, newest first
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminListApiKeys'];
    put?: never;
    /**
     * Create an API key
     * @description Create an API key
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
     * @description Revoke an API key
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
     * @description Replace an API key
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
  '/admin/api/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The audit log, newest first
     * @description The audit log, newest first
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
     * @description Give failed log entries of many integrations another attempt
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
     * @description The latest rotation of the vault, and which keys are in use
     *
     *     Needs one of: the role `admin`, the role `operator`, the role `viewer`.
     */
    get: operations['adminGetVaultRotation'];
    put?: never;
    /**
     * Move every secret to another key, while everything goes on
     * @description Move every secret to another key, while everything goes on
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
  '/admin/api/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tokens that were issued on record, or revoked, newest first
     * @description Tokens that were issued on record, or revoked, newest first
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
     * @description Revoke one token
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
  '/admin/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
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
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    SignedIn: {
      /**
       * @description The token’s subject.
       * @example jo@example.com
       */
      id: string;
      /**
       * @example [
       *       "operator"
       *     ]
       */
      roles: string[];
    };
    Verdict: {
      /** @enum {string} */
      level: 'ok' | 'critical' | 'warning' | 'info';
      /** @example Everything is in step */
      headline: string;
    };
    Finding: {
      /** @example credentials_rejected */
      code: string;
      /** @enum {string} */
      severity: 'critical' | 'warning' | 'info';
      title: string;
      /** Format: date-time */
      since: string | null;
      count: number;
      /** @description Three names at most. */
      merchants: string[];
      /** @description What to do. */
      next: string;
      /** @description Query of the list that shows them. */
      filter: {
        [key: string]: string;
      } | null;
    };
    OverviewCounts: {
      active: number;
      inactive: number;
      healthy: number;
      degraded: number;
      paused: number;
      operatorPaused: number;
      switchedOff: number;
      syncing: number;
    };
    LatenessBucket: {
      /** @description null: anything above the bound before. */
      upToMinutes: number | null;
      count: number;
    };
    HourOfRuns: {
      /** Format: date-time */
      hour: string;
      succeeded: number;
      failed: number;
    };
    HourOfErrors: {
      /** Format: date-time */
      hour: string;
      /** @enum {string} */
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
      count: number;
    };
    Incident: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** Format: date-time */
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
      /** @description Active integrations of this provider and environment. */
      integrations: number;
    };
    AdminIntegration: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      state: 'active' | 'inactive';
      /** @enum {string} */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      operatorPaused: boolean;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /** @enum {string} */
      breaker: 'closed' | 'open' | 'half_open';
      /** @enum {string|null} */
      breakerCause: 'failures' | 'auth' | null;
      /** Format: date-time */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /** Format: date-time */
      lastErrorAt: string | null;
      lastError: string | null;
      /** @enum {string|null} */
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
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description null: no run is scheduled.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /** Format: date-time */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
    };
    Overview: {
      /** Format: date-time */
      generatedAt: string;
      verdict: components['schemas']['Verdict'];
      /** @description Worst first. */
      findings: components['schemas']['Finding'][];
      counts: components['schemas']['OverviewCounts'];
      lateness: components['schemas']['LatenessBucket'][];
      /** @description Of the last 24 hours, oldest first. */
      runsByHour: components['schemas']['HourOfRuns'][];
      errorsByHour: components['schemas']['HourOfErrors'][];
      /** @description Open ones first, twenty at most. */
      incidents: components['schemas']['Incident'][];
      /** @description What most needs a person, worst first. */
      attention: components['schemas']['AdminIntegration'][];
    };
    LiveRun: {
      /** Format: uuid */
      runId: string;
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @example scheduled */
      trigger: string;
      /** @enum {string} */
      state: 'queued' | 'running';
      /**
       * @description What a queued run waits for.
       * @example provider_outage
       */
      waitReason: string | null;
      /** Format: date-time */
      since: string;
      /**
       * @description What it is reading.
       * @example invoices
       */
      resourceType: string | null;
      fetched: number;
      changed: number;
      resourcesDone: number;
      resources: number;
    };
    ResourceTotal: {
      /** @example customers */
      resourceType: string;
      live: number;
      deleted: number;
      /** Format: date-time */
      lastChangeAt: string | null;
    };
    AdminIntegrationWithRecords: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      state: 'active' | 'inactive';
      /** @enum {string} */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      operatorPaused: boolean;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /** @enum {string} */
      breaker: 'closed' | 'open' | 'half_open';
      /** @enum {string|null} */
      breakerCause: 'failures' | 'auth' | null;
      /** Format: date-time */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /** Format: date-time */
      lastErrorAt: string | null;
      lastError: string | null;
      /** @enum {string|null} */
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
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description null: no run is scheduled.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /** Format: date-time */
      createdAt: string;
      /** @description Its settings; of the credential the last four characters at most. */
      configuration: {
        [key: string]: unknown;
      };
      records: components['schemas']['ResourceTotal'][];
    };
    ExplainReasonAdmin: {
      /** @example credentials_rejected */
      code: string;
      message: string;
      /** Format: date-time */
      since: string | null;
      /** @enum {string} */
      nextAction: 'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support';
    };
    AdminExplanation: {
      willRun: boolean;
      /** Format: date-time */
      nextExpectedStart: string | null;
      /** @description The true one first. */
      reasons: components['schemas']['ExplainReasonAdmin'][];
    };
    RunResource: {
      /** @example customers */
      resourceType: string;
      /** @enum {string} */
      status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
      fetched: number;
      created: number;
      updated: number;
      unchanged: number;
      deleted: number;
      quarantined: number;
      errorCode: string | null;
      error: string | null;
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
      /** @enum {string|null} */
      nextAction:
        'none' | 'fix_request' | 'fix_credentials' | 'wait' | 'reconnect' | 'resume_sync' | 'contact_support' | null;
    };
    RunDetails: {
      /** @enum {string} */
      run: 'sync' | 'push' | 'erase';
      /** @example scheduled */
      trigger: string;
      /** @enum {string} */
      state: 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
      fullResync: boolean;
      /** @description The one run that may try while the breaker is open. */
      probe: boolean;
      attempt: number;
      /** Format: date-time */
      startedAt: string | null;
      /** Format: date-time */
      finishedAt: string | null;
      waitReason: string | null;
      errorCode: string | null;
      error: string | null;
      resources: components['schemas']['RunResource'][];
    };
    TimelineRun: {
      /** Format: uuid */
      id: string;
      /** Format: date-time */
      at: string;
      /** @enum {string} */
      kind: 'run';
      details: components['schemas']['RunDetails'];
    };
    AuditDetails: {
      /** @example integration.paused */
      action: string;
      /** @example token */
      actorKind: string;
      actorId: string;
      reason: string | null;
      requestId: string | null;
      details: {
        [key: string]: unknown;
      };
    };
    TimelineAudit: {
      /** Format: uuid */
      id: string;
      /** Format: date-time */
      at: string;
      /** @enum {string} */
      kind: 'audit';
      details: components['schemas']['AuditDetails'];
    };
    BreakerDetails: {
      /** @enum {string} */
      from: 'closed' | 'open' | 'half_open';
      /** @enum {string} */
      to: 'closed' | 'open' | 'half_open';
      /** @enum {string|null} */
      cause: 'failures' | 'auth' | null;
      consecutiveErrors: number;
      errorCode: string | null;
    };
    TimelineBreaker: {
      /** Format: uuid */
      id: string;
      /** Format: date-time */
      at: string;
      /** @enum {string} */
      kind: 'breaker';
      details: components['schemas']['BreakerDetails'];
    };
    ScheduleDetails: {
      toggledOff: boolean;
      operatorPaused: boolean;
      intervalMinutes: number | null;
      /** @description Whether it fires at all. */
      fires: boolean;
    };
    TimelineSchedule: {
      /** Format: uuid */
      id: string;
      /** Format: date-time */
      at: string;
      /** @enum {string} */
      kind: 'schedule';
      details: components['schemas']['ScheduleDetails'];
    };
    DayOfResource: {
      /**
       * Format: date
       * @example 2026-05-01
       */
      day: string;
      /** @example customers */
      resourceType: string;
      created: number;
      updated: number;
      unchanged: number;
      deleted: number;
      quarantined: number;
      /** @description Runs that failed on it. */
      failed: number;
    };
    QuarantinedRow: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @description The list of the provider that it came from. */
      stream: string;
      /** @description null: not even its id could be read. */
      externalId: string | null;
      /** @example invoices */
      resourceType: string;
      /** @description What was expected and not found; never the value. */
      reason: string;
      /**
       * @description Of the field, inside the row.
       * @example lines.0.amount
       */
      path: string;
      /** Format: uuid */
      runId: string;
      timesSeen: number;
      /** Format: date-time */
      firstSeenAt: string;
      /** Format: date-time */
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
      /** @example The merchant asked for it (ticket 4711). */
      reason: string;
      /**
       * @description Read everything anew, not only what changed.
       * @default false
       */
      fullResync?: boolean;
    };
    ReasonRequest: {
      /** @example The merchant asked for it (ticket 4711). */
      reason: string;
    };
    ResumedIntegration: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      state: 'active' | 'inactive';
      /** @enum {string} */
      status: 'connected' | 'error' | 'syncing' | 'idle';
      /**
       * @description null while it is not active.
       * @enum {string|null}
       */
      health: 'healthy' | 'degraded' | 'paused' | null;
      operatorPaused: boolean;
      /** @description Of the operator who paused it. */
      pauseReason: string | null;
      /** @description The merchant has switched its sync off. */
      toggledOff: boolean;
      /** @enum {string} */
      breaker: 'closed' | 'open' | 'half_open';
      /** @enum {string|null} */
      breakerCause: 'failures' | 'auth' | null;
      /** Format: date-time */
      breakerOpenedAt: string | null;
      /**
       * Format: date-time
       * @description When it tries once by itself.
       */
      probeAt: string | null;
      consecutiveErrors: number;
      /**
       * Format: date-time
       * @description End of the last run that succeeded.
       */
      lastSyncAt: string | null;
      /** Format: date-time */
      lastErrorAt: string | null;
      lastError: string | null;
      /** @enum {string|null} */
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
      intervalMinutes: number | null;
      /**
       * Format: date-time
       * @description null: no run is scheduled.
       */
      nextDueAt: string | null;
      /** @description How far the last good sync lies behind its interval; null while it is not active. */
      latenessMs: number | null;
      /** Format: date-time */
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
    DeletionPlan: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      stream: string;
      /** @enum {string} */
      resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /** Format: uuid */
      runId: string;
      /** @enum {string} */
      state: 'held' | 'approved' | 'discarded';
      /** @description How many records the scan missed. */
      rows: number;
      /** @description How many there were. */
      liveRecords: number;
      /** @description The first twenty external ids. */
      sample: string[];
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      decidedAt: string | null;
      decidedBy: string | null;
      reason: string | null;
    };
    ApprovedPlan: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      stream: string;
      /** @enum {string} */
      resourceType: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /** Format: uuid */
      runId: string;
      /** @enum {string} */
      state: 'held' | 'approved' | 'discarded';
      /** @description How many records the scan missed. */
      rows: number;
      /** @description How many there were. */
      liveRecords: number;
      /** @description The first twenty external ids. */
      sample: string[];
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      decidedAt: string | null;
      decidedBy: string | null;
      reason: string | null;
      /** @description Records that became tombstones. */
      deleted: number;
    };
    AdminMerchant: {
      /** Format: uuid */
      id: string;
      /** @example Harbour Clinic */
      name: string;
      /** @example GBP */
      defaultCurrency: string;
      /** Format: date-time */
      createdAt: string;
      integrations: number;
      activeIntegrations: number;
      /** @description That are good now. */
      apiKeys: number;
    };
    AdminApiKey: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @example till */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      expiresAt: string | null;
      /** Format: date-time */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description To the minute.
       */
      lastUsedAt: string | null;
    };
    IssuedApiKey: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @example till */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      expiresAt: string | null;
      /** Format: date-time */
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
      /** @example The merchant asked for it (ticket 4711). */
      reason: string;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      name: string;
      /**
       * @example [
       *       "integrations:*",
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /** Format: date-time */
      expiresAt?: string;
    };
    RotatedApiKey: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      merchantId: string;
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @example till */
      name: string;
      /**
       * @description Its first characters: all that is kept of it but a hash.
       * @example rk_live_x7Ka
       */
      displayPrefix: string;
      /**
       * @example [
       *       "sync:*"
       *     ]
       */
      scopes: string[];
      /**
       * Format: uuid
       * @description The key that it replaced.
       */
      rotatedFrom: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      expiresAt: string | null;
      /** Format: date-time */
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
      /** @example The merchant asked for it (ticket 4711). */
      reason: string;
      /**
       * @description How long the old key works on.
       * @default 86400
       */
      overlapSeconds?: number;
    };
    AuditEntry: {
      /** Format: uuid */
      id: string;
      /** Format: date-time */
      at: string;
      /** @example integration.paused */
      action: string;
      /** Format: uuid */
      merchantId: string | null;
      merchantName: string | null;
      /** @enum {string|null} */
      environment: 'sandbox' | 'live' | null;
      /** @enum {string} */
      actorKind: 'api_key' | 'token' | 'cli' | 'run' | 'system';
      /** @description API key id, token subject, or the name that the command line gave. */
      actorId: string;
      requestId: string | null;
      /** @example integration */
      subjectType: string;
      subjectId: string;
      /** @description Why, in the words of whoever acted. */
      reason: string | null;
      details: {
        [key: string]: unknown;
      };
    };
    BulkRetryLine: {
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @description Failed entries that get another attempt. */
      queued: number;
      skipped: number;
      /**
       * @description Why nothing is queued.
       * @enum {string|null}
       */
      because: 'paused' | 'nothing_retryable' | 'changed_meanwhile' | null;
    };
    BulkRetryOutcome: {
      dryRun: boolean;
      integrations: components['schemas']['BulkRetryLine'][];
      queued: number;
      skipped: number;
      /** @description There are more integrations than one call takes. */
      more: boolean;
    };
    IntegrationFilter: {
      /** @enum {string} */
      provider?: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment?: 'sandbox' | 'live';
      /** @enum {string} */
      state?: 'active' | 'inactive';
      /** @enum {string} */
      status?: 'connected' | 'error' | 'syncing' | 'idle';
      /** @enum {string} */
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
      operatorPaused?: boolean;
      /** Format: uuid */
      merchantId?: string;
      /** Format: uuid */
      integrationId?: string;
      /** @description Part of a merchant’s name, or an id. */
      search?: string;
    };
    BulkRetryRequest: {
      /** @description Why; a dry run needs none. */
      reason?: string;
      /** @description Which integrations; left out: all active ones. */
      filter?: components['schemas']['IntegrationFilter'];
      /** @enum {string} */
      resourceType?: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
      /** @default 100 */
      limitPerIntegration?: number;
      /**
       * @description Shows what would happen and writes nothing, unless it is false.
       * @default true
       */
      dryRun?: boolean;
    };
    RotationFailure: {
      /**
       * Format: uuid
       * @description Of the sealed secret.
       */
      id: string;
      /** @example key_not_found */
      reason: string;
    };
    Rotation: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      mode: 'rewrap' | 'reencrypt';
      /** @enum {string} */
      state: 'moving' | 'verifying' | 'done' | 'failed';
      targetKeyId: string;
      targetKeyVersion: number;
      requestedBy: string;
      /** Format: date-time */
      startedAt: string;
      /** Format: date-time */
      updatedAt: string;
      /** Format: date-time */
      finishedAt: string | null;
      /** @description Secrets when it began. */
      total: number;
      moved: number;
      verified: number;
      /** @description Secrets still on another key when it ended; null before. */
      remaining: number | null;
      /** @description Where it goes on. */
      cursor: string | null;
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
      keyId: string;
      keyVersion: number;
      /** @description Live secrets that it wraps. */
      count: number;
    };
    VaultState: {
      /** @description The latest; null: there was none. */
      rotation: components['schemas']['Rotation'] | null;
      keysInUse: components['schemas']['KeyInUse'][];
    };
    StartedRotation: {
      rotation: components['schemas']['Rotation'];
    };
    StartRotationRequest: {
      /** @example The merchant asked for it (ticket 4711). */
      reason: string;
      /**
       * @default rewrap
       * @enum {string}
       */
      mode?: 'rewrap' | 'reencrypt';
      /** @description Left out: the key that is current. */
      toKeyId?: string;
    };
    HeldPayment: {
      /** Format: uuid */
      id: string;
      /** Format: uuid */
      integrationId: string;
      /**
       * @description null: the merchant is gone.
       * @example Harbour Clinic
       */
      merchantName: string | null;
      /** @enum {string} */
      provider: 'practicehub' | 'wodify' | 'terminal';
      /** @enum {string} */
      environment: 'sandbox' | 'live';
      /** @description The merchant’s own word for it. */
      reference: string;
      /** @description What to look for at the provider. */
      providerReference: string;
      externalInvoiceId: string;
      externalCustomerId: string;
      amountMinor: number;
      /** @example GBP */
      currency: string;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      heldAt: string;
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
    AdminToken: {
      /** Format: uuid */
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
       * @example [
       *       "operator"
       *     ]
       */
      roles: string[];
      permissions: string[];
      nodeIds: string[];
      /** Format: uuid */
      merchantId: string | null;
      /** @enum {string|null} */
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
      /** Format: date-time */
      revokedAt: string | null;
      revokedBy: string | null;
    };
    SignInRequest: {
      /** @description A JWT with an admin role. */
      token: string;
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
  };
  parameters: {
    /**
     * @description Taken as the id of the request when it is a sane token; made otherwise.
     * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
     */
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
     * @example 1777628400
     */
    RateLimitReset: string;
    /**
     * @description Whole seconds to wait before the same request again.
     * @example 1
     */
    RetryAfter: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  adminGetMe: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
      query?: never;
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Findings worst first, counts by health, lateness, runs and error causes by hour, incidents. */
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
           *         "generatedAt": "2026-05-01T09:30:00.000Z",
           *         "verdict": {
           *           "level": "ok",
           *           "headline": "Everything is in step"
           *         },
           *         "findings": [
           *           {
           *             "code": "credentials_rejected",
           *             "severity": "critical",
           *             "title": "text",
           *             "since": "2026-05-01T09:30:00.000Z",
           *             "count": 0,
           *             "merchants": [
           *               "text"
           *             ],
           *             "next": "text",
           *             "filter": {}
           *           }
           *         ],
           *         "counts": {
           *           "active": 0,
           *           "inactive": 0,
           *           "healthy": 0,
           *           "degraded": 0,
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
           *         "runsByHour": [
           *           {
           *             "hour": "2026-05-01T09:30:00.000Z",
           *             "succeeded": 0,
           *             "failed": 0
           *           }
           *         ],
           *         "errorsByHour": [
           *           {
           *             "hour": "2026-05-01T09:30:00.000Z",
           *             "errorCode": "invalid_request",
           *             "count": 0
           *           }
           *         ],
           *         "incidents": [
           *           {
           *             "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *             "provider": "practicehub",
           *             "environment": "sandbox",
           *             "openedAt": "2026-05-01T09:30:00.000Z",
           *             "closedAt": "2026-05-01T09:30:00.000Z",
           *             "retryAt": "2026-05-01T09:30:00.000Z",
           *             "integrations": 0
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
           *             "operatorPaused": true,
           *             "pauseReason": "text",
           *             "toggledOff": true,
           *             "breaker": "closed",
           *             "breakerCause": "failures",
           *             "breakerOpenedAt": "2026-05-01T09:30:00.000Z",
           *             "probeAt": "2026-05-01T09:30:00.000Z",
           *             "consecutiveErrors": 0,
           *             "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *             "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *             "lastError": "text",
           *             "lastErrorCode": "invalid_request",
           *             "lastErrorSince": "2026-05-01T09:30:00.000Z",
           *             "intervalMinutes": 0,
           *             "nextDueAt": "2026-05-01T09:30:00.000Z",
           *             "latenessMs": 0,
           *             "createdAt": "2026-05-01T09:30:00.000Z",
           *             "configuration": {}
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
        provider?: 'practicehub' | 'wodify' | 'terminal';
        environment?: 'sandbox' | 'live';
        state?: 'open' | 'closed';
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "openedAt": "2026-05-01T09:30:00.000Z",
           *           "closedAt": "2026-05-01T09:30:00.000Z",
           *           "retryAt": "2026-05-01T09:30:00.000Z",
           *           "integrations": 0
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        provider?: 'practicehub' | 'wodify' | 'terminal';
        environment?: 'sandbox' | 'live';
        resourceType?: 'customers' | 'products' | 'invoices' | 'payments' | 'devices';
        merchantId?: string;
        integrationId?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "stream": "text",
           *           "externalId": "text",
           *           "resourceType": "invoices",
           *           "reason": "text",
           *           "path": "lines.0.amount",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "timesSeen": 0,
           *           "firstSeenAt": "2026-05-01T09:30:00.000Z",
           *           "lastSeenAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        provider?: 'practicehub' | 'wodify' | 'terminal';
        environment?: 'sandbox' | 'live';
        state?: 'active' | 'inactive';
        status?: 'connected' | 'error' | 'syncing' | 'idle';
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
        operatorPaused?: boolean;
        merchantId?: string;
        integrationId?: string;
        /** @description Part of a merchant’s name, or an id. */
        search?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "operatorPaused": true,
           *           "pauseReason": "text",
           *           "toggledOff": true,
           *           "breaker": "closed",
           *           "breakerCause": "failures",
           *           "breakerOpenedAt": "2026-05-01T09:30:00.000Z",
           *           "probeAt": "2026-05-01T09:30:00.000Z",
           *           "consecutiveErrors": 0,
           *           "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *           "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *           "lastError": "text",
           *           "lastErrorCode": "invalid_request",
           *           "lastErrorSince": "2026-05-01T09:30:00.000Z",
           *           "intervalMinutes": 0,
           *           "nextDueAt": "2026-05-01T09:30:00.000Z",
           *           "latenessMs": 0,
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "configuration": {}
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "operatorPaused": true,
           *         "pauseReason": "text",
           *         "toggledOff": true,
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2026-05-01T09:30:00.000Z",
           *         "probeAt": "2026-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *         "lastError": "text",
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2026-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2026-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "configuration": {},
           *         "records": [
           *           {
           *             "resourceType": "customers",
           *             "live": 0,
           *             "deleted": 0,
           *             "lastChangeAt": "2026-05-01T09:30:00.000Z"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "nextExpectedStart": "2026-05-01T09:30:00.000Z",
           *         "reasons": [
           *           {
           *             "code": "credentials_rejected",
           *             "message": "text",
           *             "since": "2026-05-01T09:30:00.000Z",
           *             "nextAction": "none"
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
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
  adminListTimeline: {
    parameters: {
      query?: {
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *           "at": "2026-05-01T09:30:00.000Z",
           *           "kind": "run",
           *           "details": {
           *             "run": "sync",
           *             "trigger": "scheduled",
           *             "state": "waiting",
           *             "fullResync": true,
           *             "probe": true,
           *             "attempt": 0,
           *             "startedAt": "2026-05-01T09:30:00.000Z",
           *             "finishedAt": "2026-05-01T09:30:00.000Z",
           *             "waitReason": "text",
           *             "errorCode": "text",
           *             "error": "text",
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
           *                 "errorCode": "text",
           *                 "error": "text",
           *                 "notes": [
           *                   "filter_ignored"
           *                 ],
           *                 "nextAction": "none"
           *               }
           *             ]
           *           }
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
            data: (
              | components['schemas']['TimelineRun']
              | components['schemas']['TimelineAudit']
              | components['schemas']['TimelineBreaker']
              | components['schemas']['TimelineSchedule']
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
        days?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *           "day": "2026-05-01",
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
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *           "stream": "text",
           *           "externalId": "text",
           *           "resourceType": "invoices",
           *           "reason": "text",
           *           "path": "lines.0.amount",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "timesSeen": 0,
           *           "firstSeenAt": "2026-05-01T09:30:00.000Z",
           *           "lastSeenAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
            data: components['schemas']['RunStarted'];
          };
        };
      };
      400: components['responses']['Token_invalid_request_not_active_sync_paused'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "operatorPaused": true,
           *         "pauseReason": "text",
           *         "toggledOff": true,
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2026-05-01T09:30:00.000Z",
           *         "probeAt": "2026-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *         "lastError": "text",
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2026-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2026-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "configuration": {}
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['AdminIntegration'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "operatorPaused": true,
           *         "pauseReason": "text",
           *         "toggledOff": true,
           *         "breaker": "closed",
           *         "breakerCause": "failures",
           *         "breakerOpenedAt": "2026-05-01T09:30:00.000Z",
           *         "probeAt": "2026-05-01T09:30:00.000Z",
           *         "consecutiveErrors": 0,
           *         "lastSyncAt": "2026-05-01T09:30:00.000Z",
           *         "lastErrorAt": "2026-05-01T09:30:00.000Z",
           *         "lastError": "text",
           *         "lastErrorCode": "invalid_request",
           *         "lastErrorSince": "2026-05-01T09:30:00.000Z",
           *         "intervalMinutes": 0,
           *         "nextDueAt": "2026-05-01T09:30:00.000Z",
           *         "latenessMs": 0,
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "configuration": {},
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55"
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['ResumedIntegration'];
          };
        };
      };
      400: components['responses']['Token_invalid_request_not_active'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
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
        state?: 'held' | 'approved' | 'discarded';
        integrationId?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "stream": "text",
           *           "resourceType": "customers",
           *           "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "state": "held",
           *           "rows": 0,
           *           "liveRecords": 0,
           *           "sample": [
           *             "text"
           *           ],
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "decidedAt": "2026-05-01T09:30:00.000Z",
           *           "decidedBy": "text",
           *           "reason": "text"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "stream": "text",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "text"
           *         ],
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "decidedAt": "2026-05-01T09:30:00.000Z",
           *         "decidedBy": "text",
           *         "reason": "text"
           *       }
           *     }
           */
          'application/json': {
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
  adminApproveDeletionPlan: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "stream": "text",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "text"
           *         ],
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "decidedAt": "2026-05-01T09:30:00.000Z",
           *         "decidedBy": "text",
           *         "reason": "text",
           *         "deleted": 0
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['ApprovedPlan'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "stream": "text",
           *         "resourceType": "customers",
           *         "runId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "state": "held",
           *         "rows": 0,
           *         "liveRecords": 0,
           *         "sample": [
           *           "text"
           *         ],
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "decidedAt": "2026-05-01T09:30:00.000Z",
           *         "decidedBy": "text",
           *         "reason": "text"
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['DeletionPlan'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "reference": "text",
           *           "providerReference": "text",
           *           "externalInvoiceId": "text",
           *           "externalCustomerId": "text",
           *           "amountMinor": 0,
           *           "currency": "GBP",
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "heldAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
            data: components['schemas']['ReviewSearch'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
            data: components['schemas']['ReviewedPayment'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "integrations": 0,
           *           "activeIntegrations": 0,
           *           "apiKeys": 0
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "integrations": 0,
           *         "activeIntegrations": 0,
           *         "apiKeys": 0
           *       }
           *     }
           */
          'application/json': {
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
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *           "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "expiresAt": "2026-05-01T09:30:00.000Z",
           *           "revokedAt": "2026-05-01T09:30:00.000Z",
           *           "lastUsedAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
         *       "name": "text",
         *       "scopes": [
         *         "integrations:*",
         *         "sync:*"
         *       ],
         *       "expiresAt": "2026-05-01T09:30:00.000Z"
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
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "expiresAt": "2026-05-01T09:30:00.000Z",
           *         "revokedAt": "2026-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2026-05-01T09:30:00.000Z",
           *         "key": "text"
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['IssuedApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "expiresAt": "2026-05-01T09:30:00.000Z",
           *         "revokedAt": "2026-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2026-05-01T09:30:00.000Z"
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['AdminApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *         "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "expiresAt": "2026-05-01T09:30:00.000Z",
           *         "revokedAt": "2026-05-01T09:30:00.000Z",
           *         "lastUsedAt": "2026-05-01T09:30:00.000Z",
           *         "key": "text",
           *         "replaced": {
           *           "id": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "name": "till",
           *           "displayPrefix": "rk_live_x7Ka",
           *           "scopes": [
           *             "sync:*"
           *           ],
           *           "rotatedFrom": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "expiresAt": "2026-05-01T09:30:00.000Z",
           *           "revokedAt": "2026-05-01T09:30:00.000Z",
           *           "lastUsedAt": "2026-05-01T09:30:00.000Z"
           *         }
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['RotatedApiKey'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
  adminListAudit: {
    parameters: {
      query?: {
        merchantId?: string;
        actorId?: string;
        /** @description The beginning of the action: `integration.` or all of it. */
        action?: string;
        subjectType?: string;
        subjectId?: string;
        /** @description The `nextCursor` of the page before. */
        cursor?: string;
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "at": "2026-05-01T09:30:00.000Z",
           *           "action": "integration.paused",
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "merchantName": "text",
           *           "environment": "sandbox",
           *           "actorKind": "api_key",
           *           "actorId": "text",
           *           "requestId": "text",
           *           "subjectType": "integration",
           *           "subjectId": "text",
           *           "reason": "text",
           *           "details": {}
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "reason": "text",
         *       "filter": {
         *         "provider": "practicehub",
         *         "environment": "sandbox",
         *         "state": "active",
         *         "status": "connected",
         *         "health": "healthy",
         *         "errorCode": "invalid_request",
         *         "lateByMinutes": 0,
         *         "operatorPaused": true,
         *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "integrationId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
         *         "search": "text"
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
           *         "dryRun": true,
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
           *         "more": true
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['BulkRetryOutcome'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *           "targetKeyId": "text",
           *           "targetKeyVersion": 0,
           *           "requestedBy": "text",
           *           "startedAt": "2026-05-01T09:30:00.000Z",
           *           "updatedAt": "2026-05-01T09:30:00.000Z",
           *           "finishedAt": "2026-05-01T09:30:00.000Z",
           *           "total": 0,
           *           "moved": 0,
           *           "verified": 0,
           *           "remaining": 0,
           *           "cursor": "text",
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
           *             "keyId": "text",
           *             "keyVersion": 0,
           *             "count": 0
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
         *       "mode": "rewrap",
         *       "toKeyId": "text"
         *     }
         */
        'application/json': components['schemas']['StartRotationRequest'];
      };
    };
    responses: {
      /** @description As it begins, or the same one when it is open already. */
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
           *           "targetKeyId": "text",
           *           "targetKeyVersion": 0,
           *           "requestedBy": "text",
           *           "startedAt": "2026-05-01T09:30:00.000Z",
           *           "updatedAt": "2026-05-01T09:30:00.000Z",
           *           "finishedAt": "2026-05-01T09:30:00.000Z",
           *           "total": 0,
           *           "moved": 0,
           *           "verified": 0,
           *           "remaining": 0,
           *           "cursor": "text",
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
            data: components['schemas']['StartedRotation'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      409: components['responses']['Token_conflict'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
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
        /** @description A larger one is clamped; anything that is no whole number is 400. */
        limit?: number;
      };
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
           *             "text"
           *           ],
           *           "nodeIds": [
           *             "text"
           *           ],
           *           "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *           "environment": "sandbox",
           *           "createdAt": "2026-05-01T09:30:00.000Z",
           *           "issuedBy": "cli:jo@workstation",
           *           "expiresAt": "2026-05-01T09:30:00.000Z",
           *           "revokedAt": "2026-05-01T09:30:00.000Z",
           *           "revokedBy": "text"
           *         }
           *       ],
           *       "nextCursor": "text"
           *     }
           */
          'application/json': {
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path: {
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
           *           "text"
           *         ],
           *         "nodeIds": [
           *           "text"
           *         ],
           *         "merchantId": "7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55",
           *         "environment": "sandbox",
           *         "createdAt": "2026-05-01T09:30:00.000Z",
           *         "issuedBy": "cli:jo@workstation",
           *         "expiresAt": "2026-05-01T09:30:00.000Z",
           *         "revokedAt": "2026-05-01T09:30:00.000Z",
           *         "revokedBy": "text"
           *       }
           *     }
           */
          'application/json': {
            data: components['schemas']['AdminToken'];
          };
        };
      };
      400: components['responses']['Token_invalid_request'];
      401: components['responses']['Token_unauthenticated'];
      403: components['responses']['Token_permission_denied'];
      404: components['responses']['Token_not_found'];
      413: components['responses']['Token_payload_too_large'];
      415: components['responses']['Token_unsupported_media_type'];
      429: components['responses']['Token_rate_limited'];
      500: components['responses']['Token_internal_error'];
      503: components['responses']['Token_unavailable'];
    };
  };
  adminSignIn: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
        'x-request-id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "token": "text"
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
           *         "id": "text",
           *         "roles": [
           *           "text"
           *         ]
           *       }
           *     }
           */
          'application/json': {
            data: {
              id: string;
              roles: string[];
            };
          };
        };
      };
      400: components['responses']['Open_invalid_request'];
      401: components['responses']['Open_unauthenticated'];
      403: components['responses']['Open_permission_denied'];
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
        /**
         * @description Taken as the id of the request when it is a sane token; made otherwise.
         * @example 0f2d3c1e-6a86-4f6b-9d27-5a0b1d8f3a11
         */
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
      403: components['responses']['Open_permission_denied'];
      413: components['responses']['Open_payload_too_large'];
      415: components['responses']['Open_unsupported_media_type'];
      429: components['responses']['Open_rate_limited'];
      500: components['responses']['Open_internal_error'];
      503: components['responses']['Open_unavailable'];
    };
  };
}

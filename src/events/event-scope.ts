import type { Environment } from '../platform/http';

/** Whose log an event is in. */
export interface EventScope {
  readonly merchantId: string;
  readonly environment: Environment;
}

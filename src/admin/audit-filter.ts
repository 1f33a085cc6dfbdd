export interface AuditFilter {
  readonly merchantId?: string;
  readonly actorId?: string;
  /** The beginning of the action's name: `integration.` or all of it. */
  readonly action?: string;
  readonly subjectType?: string;
  readonly subjectId?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** `folded`: without the openings of secrets, of which each run makes one. */
  readonly openings?: string;
}

export const SECRET_OPENED = 'secret.opened';

export const microsOfTime = (time: Date): bigint => BigInt(time.getTime()) * 1_000n;

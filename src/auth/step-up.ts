import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock';
import { AppConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import type { Caller } from '../platform/http';
import { CLOCK_SKEW_SECONDS } from './token-rules';

/** Step-up authentication (RFC 9470): a dangerous act needs a recent sign-in, at the configured level. */
@Injectable()
export class StepUp {
  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** A token that stands for no sign-in is a break-glass token, or a machine's: it passes. */
  require(caller: Caller): void {
    const stepUp = this.config.openId?.stepUp;
    if (!stepUp || caller.signIn === null) return;
    const { authenticatedAt, acr } = caller.signIn;
    const ageSeconds = authenticatedAt === null ? Infinity : this.clock.now().getTime() / 1000 - authenticatedAt;
    const recent = ageSeconds <= stepUp.maxAgeSeconds && ageSeconds >= -CLOCK_SKEW_SECONDS;
    const high = stepUp.acrValues.length === 0 || (acr !== null && stepUp.acrValues.includes(acr));
    if (recent && high) return;
    const level = stepUp.acrValues.length === 0 ? '' : `, acr_values="${stepUp.acrValues.join(' ')}"`;
    throw new InterlockError('sign_in_too_old', {
      challenge: `error="insufficient_user_authentication", max_age=${stepUp.maxAgeSeconds}${level}`,
    });
  }
}

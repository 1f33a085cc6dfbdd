import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { currentMerchant } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { PROVIDER_IDS } from '../../providers';
import type { IntegrationKey } from '../integration';

/**
 * `@CurrentIntegrationKey() key`: merchant and environment of the caller, and the `{provider}` of the path; 400 when
 * that is of no catalogue.
 */
export const CurrentIntegrationKey = createParamDecorator((_: unknown, context: ExecutionContext): IntegrationKey => {
  const { provider } = context.switchToHttp().getRequest<Request>().params;
  const known = PROVIDER_IDS.find((id) => id === provider);
  if (!known) throw InterlockError.invalidField('provider', `must be one of ${PROVIDER_IDS.join(', ')}`);
  return { ...currentMerchant(), provider: known };
});

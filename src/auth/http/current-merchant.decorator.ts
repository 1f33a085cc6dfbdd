import { createParamDecorator } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { RequestContext, type Environment } from '../../platform/http';

/** The merchant and environment of a /v2 call. */
export interface CurrentMerchantScope {
  readonly merchantId: string;
  readonly environment: Environment;
}

/** Merchant and environment of the key or token, which the guard made sure of. */
export function currentMerchant(): CurrentMerchantScope {
  const caller = RequestContext.current()?.caller;
  if (!caller || caller.merchantId === null || caller.environment === null)
    throw new InterlockError('permission_denied');
  return { merchantId: caller.merchantId, environment: caller.environment };
}

/** `@CurrentMerchant() scope`. */
export const CurrentMerchant = createParamDecorator(currentMerchant);

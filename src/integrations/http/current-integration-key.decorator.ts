import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { currentMerchant } from '../../auth';
import type { IntegrationKey } from '../integration';
import { IntegrationKeyPipe } from './integration-key.pipe';

const KeyInPath = createParamDecorator((_: unknown, context: ExecutionContext): IntegrationKey => {
  const { provider } = context.switchToHttp().getRequest<Request>().params;
  return { ...currentMerchant(), provider: String(provider) };
});

/**
 * `@CurrentIntegrationKey() key`: merchant and environment of the caller, and the `{provider}` of the path; 400 when
 * that is of no catalogue.
 */
export const CurrentIntegrationKey = (): ParameterDecorator => KeyInPath(IntegrationKeyPipe);

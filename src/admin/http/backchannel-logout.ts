import { urlencoded, type Express } from 'express';
import type { TryLimits } from '../../auth';
import type { SignIns } from '../../operators';

const PATH = '/admin/backchannel-logout';
const FORM = urlencoded({ extended: false, limit: '32kb', parameterLimit: 10 });

/** OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8. A form, and answers without a body of ours: no controller. */
export function takeBackchannelLogout(express: Express, signIns: SignIns, tryLimits: TryLimits): void {
  if (!signIns.offered) return;
  express.post(PATH, FORM, async (request, response, next) => {
    try {
      // a body of another type is not read
      const { logout_token: token } = (request.body ?? {}) as { logout_token?: unknown };
      const ended = typeof token === 'string' && (await signIns.end(token));
      // strangers are limited, and the provider is not
      if (!ended) await tryLimits.takeAnonymous(`POST ${PATH}`, request.ip ?? '');
      response.status(ended ? 200 : 400).json(ended ? {} : { error: 'invalid_request' });
    } catch (error) {
      next(error);
    }
  });
}

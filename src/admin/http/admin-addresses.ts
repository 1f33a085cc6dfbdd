import type { RequestHandler } from 'express';
import type { AddressRefusals } from '../../auth';
import { AddressList } from '../../platform/http';

/** Mounted under /admin before everything else: page, session, API, documents and queue board alike. */
export function adminAddresses(ranges: readonly string[], refusals: AddressRefusals): RequestHandler {
  const allowed = new AddressList(ranges);
  return (request, _response, next) => {
    const address = request.ip ?? '';
    if (allowed.has(address)) return next();
    refusals.refuse('admin', { subject: { type: 'surface', id: 'admin' } }, address).catch(next);
  };
}

import type { PipeTransform } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { PROVIDER_IDS, type ProviderId } from '../../providers';

/** `{provider}` of a path: one of the catalogue, anything else is 400. */
export class ProviderIdPipe implements PipeTransform<string, ProviderId> {
  transform(value: string): ProviderId {
    const known = PROVIDER_IDS.find((id) => id === value);
    if (!known) throw InterlockError.invalidField('provider', `must be one of ${PROVIDER_IDS.join(', ')}`);
    return known;
  }
}

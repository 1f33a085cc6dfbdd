import type { PipeTransform } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { isUuid } from '../node-access';

/** `{id}` of a path: what cannot be an id is the id of nothing. */
export class ResourceIdPipe implements PipeTransform<string, string> {
  constructor(private readonly noun: 'Node' | 'Integration') {}

  transform(value: string): string {
    if (!isUuid(value)) throw new InterlockError('not_found', { message: `${this.noun} not found` });
    return value.toLowerCase();
  }
}

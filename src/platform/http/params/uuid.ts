import type { PipeTransform } from '@nestjs/common';
import { InterlockError } from '../../errors';

const FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Of any version, in any case. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && FORM.test(value);
}

/** The id of a resource in a path, in lower case. A malformed one is a 404. */
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly noun?: string) {}

  transform(value: string): string {
    if (!isUuid(value)) throw new InterlockError('not_found', this.noun ? { message: `${this.noun} not found` } : {});
    return value.toLowerCase();
  }
}

/** An id in a path that is a filter of what is listed. A malformed one is a 400 that names it. */
export class UuidPipe implements PipeTransform<string, string> {
  constructor(private readonly name: string) {}

  transform(value: string): string {
    if (!isUuid(value)) throw InterlockError.invalidField(this.name, 'must be a UUID');
    return value;
  }
}

import { InvalidArgumentError } from 'commander';
import { ENVIRONMENTS, isUuid, type Environment } from '../platform/http';

/** For options that may be given several times: `--scope a --scope b`. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

export function wholeNumberArgument(minimum: number, maximum: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (!(number >= minimum && number <= maximum)) {
      throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
    }
    return number;
  };
}

export function environment(value: string): Environment {
  const known = ENVIRONMENTS.find((each) => each === value);
  if (!known) throw new InvalidArgumentError(`It must be ${ENVIRONMENTS.join(' or ')}.`);
  return known;
}

export function uuid(value: string): string {
  if (!isUuid(value)) throw new InvalidArgumentError('It must be an id.');
  return value.toLowerCase();
}

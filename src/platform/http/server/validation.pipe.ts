import { type ArgumentMetadata, Injectable, type PipeTransform, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { InterlockError } from '../../errors';

/** Errors are kept for repetitions: what they name is bounded. */
const MAX_FIELDS = 50;
const MAX_RULES = 10;
const MAX_PATH_CHARACTERS = 120;
const MAX_RULE_CHARACTERS = 300;

const shared = {
  transform: true,
  whitelist: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors: ValidationError[]) => new InterlockError('invalid_request', { fields: fieldsOf(errors) }),
};

/** Unknown body fields are refused, unknown query parameters dropped; an error names fields and rules, never a value. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  private readonly strict = new ValidationPipe({ ...shared, forbidNonWhitelisted: true });
  private readonly lenient = new ValidationPipe(shared);

  transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return (metadata.type === 'body' ? this.strict : this.lenient).transform(value, metadata) as Promise<unknown>;
  }
}

/** `{ 'credentials.apiKey': ['must not be empty'] }`: the first so many, since a body can be wrong in a hundred thousand places. */
export function fieldsOf(errors: readonly ValidationError[]): Record<string, string[]> {
  const fields = new Map<string, string[]>();
  collect(errors, '', fields);
  return Object.fromEntries(fields);
}

function collect(errors: readonly ValidationError[], parent: string, fields: Map<string, string[]>): void {
  for (const error of errors) {
    if (fields.size >= MAX_FIELDS) return;
    const path = (parent ? `${parent}.${error.property}` : error.property).slice(0, MAX_PATH_CHARACTERS);
    const rules = Object.entries(error.constraints ?? {})
      .slice(0, MAX_RULES)
      .map(([kind, message]) => ruleOf(kind, message, error.property).slice(0, MAX_RULE_CHARACTERS));
    if (rules.length > 0) fields.set(path, rules);
    collect(error.children ?? [], path, fields);
  }
}

/** The rule alone: the path already names the field. */
function ruleOf(kind: string, message: string, property: string): string {
  if (kind === 'whitelistValidation') return 'is not a known field';
  if (kind === 'nestedValidation') return 'must be an object, or a list of objects where a list is expected';
  const rule = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return rule.replace(/\bshould\b/g, 'must');
}

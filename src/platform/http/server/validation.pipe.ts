import { type ArgumentMetadata, Injectable, type PipeTransform, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { InterlockError } from '../../errors';

const MAX_PATH_CHARACTERS = 120;

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

/** `{ 'credentials.apiKey': ['must not be empty'] }` */
export function fieldsOf(errors: readonly ValidationError[], parent = ''): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const error of errors) {
    const path = (parent ? `${parent}.${error.property}` : error.property).slice(0, MAX_PATH_CHARACTERS);
    const rules = Object.entries(error.constraints ?? {}).map(([kind, message]) =>
      ruleOf(kind, message, error.property),
    );
    if (rules.length > 0) fields[path] = rules;
    Object.assign(fields, fieldsOf(error.children ?? [], path));
  }
  return fields;
}

/** The rule alone: the path already names the field. */
function ruleOf(kind: string, message: string, property: string): string {
  if (kind === 'whitelistValidation') return 'is not a known field';
  if (kind === 'nestedValidation') return 'must be an object, or a list of objects where a list is expected';
  const rule = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return rule.replace(/\bshould\b/g, 'must');
}

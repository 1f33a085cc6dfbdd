import type { ValidationError } from 'class-validator';
import { InterlockError } from '../../errors';
import { fitText } from '../params/text-rule';

/** Errors are stored for repetitions, so the fields that they name are bounded. */
const MAX_FIELDS = 20;
const MAX_RULES = 10;
const MAX_PATH_CHARACTERS = 120;
const MAX_RULE_CHARACTERS = 300;

/** What is wrong with a request, `{ 'credentials.apiKey': ['must not be empty'] }`: the first so many fields. */
export class Problems {
  private readonly fields = new Map<string, string[]>();

  /** No more are looked for. */
  get full(): boolean {
    return this.fields.size >= MAX_FIELDS;
  }

  /** The first word on a field stands. */
  add(path: string, rules: readonly string[]): void {
    const name = fitText(path.slice(0, MAX_PATH_CHARACTERS));
    if (this.full || this.fields.has(name) || rules.length === 0) return;
    this.fields.set(
      name,
      rules.slice(0, MAX_RULES).map((rule) => rule.slice(0, MAX_RULE_CHARACTERS)),
    );
  }

  /** `pathOf`: where a member of `parent` stood in the request. */
  addAll(errors: readonly ValidationError[], parent = '', pathOf: (path: string) => string = (path) => path): void {
    for (const error of errors) {
      if (this.full) return;
      const path = joined(parent, error.property);
      const rules = Object.entries(error.constraints ?? {});
      this.add(
        pathOf(path),
        rules.map(([kind, message]) => ruleOf(kind, message, error.property)),
      );
      this.addAll(error.children ?? [], path, pathOf);
    }
  }

  throwIfAny(): void {
    if (this.fields.size > 0) throw new InterlockError('invalid_request', { fields: Object.fromEntries(this.fields) });
  }
}

export function joined(parent: string, name: string | number): string {
  return parent ? `${parent}.${name}` : String(name);
}

/** The rule alone: the path already names the field. */
function ruleOf(kind: string, message: string, property: string): string {
  if (kind === 'nestedValidation') return 'must be an object, or a list of objects where a list is expected';
  const rule = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return rule.replace(/\bshould\b/g, 'must');
}

import type { ApiContract } from '../support/api-client-contract';
import type { Random } from './random';

/** Stands in every secret that is sent: no answer may hold it. */
export const CANARY = 'canary-Qw7Lx2Rt8YpZk3v9';

const SECRET_NAME = /^(api_?key|secret(_key)?|refresh_token|token|password)$/i;
const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\u202eevil\u2066',
  'Å̂🏥👩‍👩‍👧',
  '\r\nx-injected: 1',
  "'; DROP TABLE merchants; --",
  '${7*7}{{7*7}}',
  '../../../etc/passwd',
  '%00',
  'null',
  'undefined',
  '__proto__',
  '-0',
  '1e309',
  '2026-13-45T99:99:99Z',
  '0001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'x'.repeat(300),
  'é'.repeat(5_000),
];
const NUMBERS = [0, -1, -0, 1.5, 1e-7, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, Number.MAX_VALUE];

/** Values of the schemas of the document: right ones, and ones that are wrong on purpose. */
export class Values {
  constructor(
    private readonly contract: ApiContract,
    private readonly random: Random,
    private readonly known: Readonly<Record<string, unknown>>,
  ) {}

  valid(written: any, name = '', depth = 0): unknown {
    const { random } = this;
    const schema = this.contract.resolve(written) ?? {};
    if (name in this.known && random.chance(0.7)) return this.known[name];
    if (SECRET_NAME.test(name)) return CANARY;
    if (schema.anyOf ?? schema.oneOf) return this.valid(random.pick(schema.anyOf ?? schema.oneOf), name, depth);
    if (schema.enum) return random.pick(schema.enum);
    if (schema.example !== undefined && schema.type !== 'object' && random.chance(0.5)) return schema.example;
    const type = random.pick([schema.type].flat());
    if (type === 'object' || schema.properties) {
      const required = new Set<string>(schema.required ?? []);
      const members = Object.entries(schema.properties ?? {}).filter(
        ([member]) => required.has(member) || random.chance(0.5),
      );
      return Object.fromEntries(members.map(([member, value]) => [member, this.valid(value, member, depth + 1)]));
    }
    if (type === 'array') {
      return Array.from({ length: random.int(depth > 4 ? 1 : 3) }, () => this.valid(schema.items, '', depth + 1));
    }
    if (type === 'integer' || type === 'number') {
      const [low, high] = [schema.minimum ?? 0, Math.min(schema.maximum ?? 1_000, 1e9)];
      return random.pick([low, high, low + random.int(Math.max(1, high - low))]);
    }
    if (type === 'boolean') return random.chance(0.5);
    if (type === 'null') return null;
    return this.text(schema);
  }

  /** Anything at all. */
  wrong(depth = 0): unknown {
    const { random } = this;
    switch (random.int(depth > 3 ? 5 : 8)) {
      case 0:
        return random.pick(NUMBERS);
      case 1:
      case 2:
        return random.pick(TEXTS);
      case 3:
        return random.chance(0.5);
      case 4:
        return null;
      case 5:
        return [this.wrong(depth + 1), this.wrong(depth + 1)];
      case 6:
        return { [random.pick(TEXTS)]: this.wrong(depth + 1), constructor: this.wrong(depth + 1) };
      default:
        return nested(random.pick([3, 60, 2_000]));
    }
  }

  wrongText(): string {
    const value = this.random.chance(0.7) ? this.random.pick(TEXTS) : this.random.pick(NUMBERS);
    return String(value);
  }

  /** The same value with something wrong in one or more places. */
  mutated(value: unknown, depth = 0): unknown {
    const { random } = this;
    if (random.chance(0.15) || depth > 6) return this.wrong();
    if (Array.isArray(value)) {
      if (value.length === 0 || random.chance(0.2)) return [...(value as unknown[]), this.wrong()];
      if (random.chance(0.05)) return Array.from({ length: 6_000 }, () => value[0] as unknown);
      const at = random.int(value.length);
      return value.map((each: unknown, index) => (index === at ? this.mutated(each, depth + 1) : each));
    }
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value);
      if (entries.length === 0 || random.chance(0.2)) return { ...value, [random.pick(TEXTS)]: this.wrong() };
      const [name, member] = random.pick(entries);
      if (random.chance(0.15)) return Object.fromEntries(entries.filter(([each]) => each !== name));
      return { ...value, [name]: this.mutated(member, depth + 1) };
    }
    if (typeof value === 'string' && random.chance(0.5)) return value + random.pick(TEXTS);
    return this.wrong();
  }

  private text(schema: any): string {
    const { random } = this;
    if (schema.format === 'uuid') return '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55';
    if (schema.format === 'date-time') return '2027-05-01T09:30:00.000Z';
    if (schema.format === 'email') return 'info@revkeen.com';
    if (schema.pattern === '^[A-Z]{3}$') return 'EUR';
    const length = random.pick([schema.minLength ?? 1, Math.min(schema.maxLength ?? 20, 300), 5]);
    return 'aé🏥z '
      .repeat(Math.ceil(length / 4))
      .slice(0, length)
      .trim()
      .padEnd(schema.minLength ?? 0, 'z');
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
}

import { randomUUID } from 'node:crypto';
import type { ApiContract, ApiOperation } from './api-client-contract';

export interface WorstBody {
  readonly what: string;
  readonly text: string;
}

const METHODS_WITH_BODY = new Set(['post', 'put', 'patch', 'delete']);
const MIB = 1024 * 1024;
/** Below what is counted before parsing, so that everything behind it is tried too. */
const UNDER_THE_COUNT = 49_900;
const MEMBERS_UNDER_THE_COUNT = 1_000;

/**
 * Every operation that reads a body, said or not; lists of products first, because other operations walk what is
 * stored.
 */
export function operationsWithBody(contract: ApiContract): ApiOperation[] {
  const rank = ({ operation }: ApiOperation) => Number(operation.operationId !== 'upsertProducts');
  return contract.operations.filter(({ method }) => METHODS_WITH_BODY.has(method)).sort((a, b) => rank(a) - rank(b));
}

/** An operation that describes no body still reads one. */
export function maxBytesOf({ operation }: ApiOperation): number {
  return operation['x-max-body-bytes'] ?? (operation.security.length > 0 ? MIB : MIB / 64);
}

/** The worst that an operation may be sent, each of the size that it accepts, a right one of full length last. */
export function worstBodies(contract: ApiContract, found: ApiOperation): WorstBody[] {
  const room = maxBytesOf(found) - 1_024;
  const written = found.operation.requestBody?.content['application/json'].schema;
  const members = written ? membersOf(contract, written) : {};
  const bodies: WorstBody[] = [
    { what: 'widest', text: wide(room, Infinity, '1') },
    { what: 'widest that is parsed', text: wide(room, MEMBERS_UNDER_THE_COUNT, '1') },
    { what: 'widest of objects', text: wide(room, MEMBERS_UNDER_THE_COUNT, '{}') },
    {
      what: 'widest objects in a list',
      text: `{"a":[${repeated(wide(room, MEMBERS_UNDER_THE_COUNT, '1'), room, 49)}]}`,
    },
    { what: 'objects of one member each', text: `{"a":[${singles(room)}]}` },
    { what: 'one member again and again', text: `{${repeated('"reason":1', room)}}` },
    { what: 'deepest', text: `${'{"a":'.repeat(room / 6)}1${'}'.repeat(room / 6)}` },
    { what: 'deepest of lists', text: `{"a":${'['.repeat(room / 2)}${']'.repeat(room / 2)}}` },
    { what: 'deepest that is parsed, with a long text', text: nested(60, JSON.stringify('x'.repeat(room - 1_000))) },
    { what: 'longest name', text: `{"${'n'.repeat(room)}":1}` },
    { what: 'longest number', text: `{"a":${'1'.repeat(room)}}` },
    { what: 'longest escapes', text: `{"a":"${'\\u0000'.repeat(room / 6)}"}` },
    { what: '__proto__', text: `{"__proto__":${wide(room - 20, MEMBERS_UNDER_THE_COUNT, '1')}}` },
  ];
  for (const [name, schema] of Object.entries(members)) bodies.push(...worstMembers(contract, name, schema, room));
  const full = Object.entries(members).find(([, schema]) => schema.type === 'array' && schema.items.type !== 'string');
  if (full) bodies.push({ what: `${full[0]}: the longest right list`, text: rightList(contract, full, room) });
  return bodies;
}

function worstMembers(contract: ApiContract, name: string, schema: any, room: number): WorstBody[] {
  const holding = (what: string, value: string): WorstBody => ({
    what: `${name}: ${what}`,
    text: `{"${name}":${value}}`,
  });
  const list = (item: string, most = Infinity): string => `[${repeated(item, room, most)}]`;
  const bodies = [
    holding('longest text', JSON.stringify('é'.repeat(room / 2))),
    holding('widest object', wide(room, MEMBERS_UNDER_THE_COUNT, '1')),
    holding('longest list of {}', list('{}')),
    holding('longest list of {} that is parsed', list('{}', UNDER_THE_COUNT / 2)),
    holding('longest list of numbers that is parsed', list('1', UNDER_THE_COUNT)),
  ];
  if (schema.type === 'object') {
    const inner = Object.keys(membersOf(contract, schema));
    bodies.push(holding('every member wrong', `{${inner.map((each) => `"${each}":[{}]`).join(',')}}`));
  }
  if (schema.type !== 'array') return bodies;
  const most = schema.maxItems ?? 1_000;
  const inner = Object.keys(membersOf(contract, schema.items));
  const wrong = inner.map((each) => `"${each}":[[]]`).join(',');
  bodies.push(
    holding('as many {} as it takes', list('{}', most)),
    holding('as many wrong items as it takes', list(`{${wrong}}`, most)),
    holding('as many items with an unknown member as it takes', list('{"x":{}}', most)),
    holding('longest texts', list(JSON.stringify('x'.repeat(2_000)), most)),
  );
  return bodies;
}

/** Members of the object that a schema describes. */
function membersOf(contract: ApiContract, written: any): Record<string, any> {
  const schema = contract.resolve(written);
  const parts = (schema.allOf ?? []).map((part: any) => membersOf(contract, part));
  const own = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, whole(contract, member)]);
  return Object.assign({}, ...parts, Object.fromEntries(own));
}

function whole(contract: ApiContract, written: any): any {
  const schema = contract.resolve(written);
  const merged = schema.allOf ? Object.assign({}, ...schema.allOf.map((part: any) => contract.resolve(part))) : schema;
  return { ...merged, type: [merged.type].flat()[0], items: merged.items && whole(contract, merged.items) };
}

/** As many items as the list takes, each of all members, with texts as long as there is room for. */
function rightList(contract: ApiContract, [name, schema]: [string, any], room: number): string {
  const most = schema.maxItems;
  const empty = JSON.stringify(rightItem(contract, schema.items, 0));
  const texts = (empty.match(/""/g) ?? []).length;
  const length = Math.max(1, Math.floor((room / most - empty.length - 12) / Math.max(1, texts)));
  const items = Array.from({ length: most }, () => rightItem(contract, schema.items, length));
  return JSON.stringify({ [name]: items });
}

function rightItem(contract: ApiContract, schema: any, length: number): Record<string, unknown> {
  const members = Object.entries(membersOf(contract, schema)).map(([name, member]) => [
    name,
    member.type === 'object' ? rightItem(contract, member, length) : rightValue(member, length),
  ]);
  return Object.fromEntries(members) as Record<string, unknown>;
}

function rightValue(schema: any, length: number): unknown {
  if (schema.format === 'uuid') return randomUUID();
  if (schema.enum) return schema.enum[0];
  if (schema.pattern) return schema.example;
  if (schema.type === 'integer' || schema.type === 'number') return 4_500;
  if (length === 0) return '';
  // many words, each of its own
  const words = Array.from({ length: Math.ceil(length / 5) }, () => Math.random().toString(36).slice(2, 6));
  return words
    .join(' ')
    .slice(0, Math.min(length, schema.maxLength ?? length))
    .padEnd(1, 'x')
    .replace(/ $/, 'x');
}

function wide(room: number, most: number, value: string): string {
  const members: string[] = [];
  for (let at = 0, bytes = 2; at < most; at++) {
    const member = `"${at.toString(36)}z":${value}`;
    bytes += member.length + 1;
    if (bytes > room) break;
    members.push(member);
  }
  return `{${members.join(',')}}`;
}

/** No two alike: each has a hidden class of its own. */
function singles(room: number): string {
  const count = Math.floor(Math.min(UNDER_THE_COUNT / 2, room / 12));
  return Array.from({ length: count }, (_, at) => `{"m${at.toString(36)}":1}`).join(',');
}

function repeated(item: string, room: number, most = Infinity): string {
  const count = Math.min(most, Math.floor(room / (Buffer.byteLength(item) + 1)));
  return Array.from({ length: count }, () => item).join(',');
}

function nested(levels: number, value: string): string {
  return `${'{"a":'.repeat(levels)}${value}${'}'.repeat(levels)}`;
}

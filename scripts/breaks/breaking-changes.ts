import { resolve, schemaBreaks, type Direction, type Schema } from './schemas';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

/** The documents, as they were parsed. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, object>>;
}

/**
 * What a program that was written against `before` cannot rely on any more, by oasdiff's rules: sentences that begin
 * with their operation. Names of schemas and ids of operations are no part of what goes over the wire.
 */
export function breakingChanges(before: OpenApi, after: OpenApi): string[] {
  const [then, now] = [operationsOf(before), operationsOf(after)];
  return [...then].flatMap(([name, old]) => {
    const operation = now.get(name);
    if (!operation) return [`${name}: is gone`];
    const breaks = [
      ...parameterBreaks(before, after, old, operation),
      ...bodyBreaks(before, after, old, operation),
      ...answerBreaks(before, after, old, operation),
      ...securityBreaks(old, operation),
    ];
    return [...new Set(breaks)].map((each) => `${name} ${each}`);
  });
}

/** By method and path; what a parameter of the path is called is nothing that callers see. */
function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = (item as Record<string, Operation>)[method];
        return operation ? [[`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`, operation] as const] : [];
      }),
    ),
  );
}

function parameterBreaks(before: OpenApi, after: OpenApi, old: Operation, now: Operation): string[] {
  const read = (document: OpenApi, { parameters = [] }: Operation) =>
    parameters.map((each) => resolve(document, each)).filter((each) => each.in !== 'path');
  const key = ({ in: place, name }: Parameter): string => `${place} ${place === 'header' ? name.toLowerCase() : name}`;
  const [then, here] = [read(before, old), read(after, now)];
  const gone = then.flatMap((parameter) => {
    const same = here.find((each) => key(each) === key(parameter));
    if (!same) return [`${key(parameter)}: is gone`];
    const sides = [
      { document: before, schema: parameter.schema ?? {} },
      { document: after, schema: same.schema ?? {} },
    ] as const;
    return schemaBreaks(...sides, 'request', key(parameter));
  });
  const required = here
    .filter((each) => each.required && !then.find((one) => key(one) === key(each))?.required)
    .map((each) => `${key(each)}: is required`);
  return [...gone, ...required];
}

function bodyBreaks(before: OpenApi, after: OpenApi, old: Operation, now: Operation): string[] {
  const [then, here] = [resolve(before, old.requestBody ?? {}), resolve(after, now.requestBody ?? {})];
  const newlyRequired = here.required && !then.required ? ['body: is required'] : [];
  return [...newlyRequired, ...contentBreaks(before, after, then, here, 'request', 'body')];
}

function answerBreaks(before: OpenApi, after: OpenApi, old: Operation, now: Operation): string[] {
  return Object.entries(old.responses).flatMap(([status, answer]) => {
    const same = now.responses[status];
    const isSuccess = status.startsWith('2');
    if (!same) return isSuccess ? [`${status}: is gone`] : [];
    return contentBreaks(before, after, resolve(before, answer), resolve(after, same), 'answer', status);
  });
}

function contentBreaks(
  before: OpenApi,
  after: OpenApi,
  then: Content,
  now: Content,
  direction: Direction,
  place: string,
): string[] {
  return Object.entries(then.content ?? {}).flatMap(([type, { schema }]) => {
    const same = now.content?.[type];
    if (!same) return [`${place} ${type}: is gone`];
    if (!schema || !same.schema) return [];
    return schemaBreaks({ document: before, schema }, { document: after, schema: same.schema }, direction, place);
  });
}

function securityBreaks({ security: then = [] }: Operation, { security: now = [] }: Operation): string[] {
  if (then.length === 0) return now.length > 0 ? ['security: needs a credential'] : [];
  const schemes = now.flatMap((each) => Object.keys(each));
  return then
    .flatMap((each) => Object.keys(each))
    .filter((scheme) => now.length > 0 && !schemes.includes(scheme))
    .map((scheme) => `security: does not take ${scheme} any more`);
}

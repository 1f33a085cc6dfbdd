import openapiTS, { astToString } from 'openapi-typescript';
import { format } from 'prettier';
import { ERROR_CATALOGUE, PUBLIC_ERROR_CODES } from '../src/platform/errors';

const FOLDER = 'sdk/typescript/src/generated';
const HEADER = '// Generated from openapi.json and the error catalogue by `npm run openapi`.\n';
const STYLE = { parser: 'typescript', printWidth: 120, singleQuote: true } as const;
/** What merchants and node owners call. */
const SURFACE = /^\/(v2|api\/v1)\//;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly $ref?: string; readonly in?: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, object>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface SourceFile {
  readonly path: string;
  readonly content: string;
}

/** The files of the SDK that say what the service offers: types, operations and error classes. */
export async function sdkSources(document: Document): Promise<SourceFile[]> {
  const surface = surfaceOf(document);
  const types = astToString(await openapiTS(JSON.stringify(surface)));
  const { schema } = document.components['parameters']!['ApiVersion'] as { schema: { enum: string[] } };
  const operations = operationsSource(surface, schema.enum.at(-1)!);
  const files = {
    'api.ts': types,
    'operations.ts': operations,
    'errors.ts': errorsSource(),
    'record-fields.ts': recordFieldsSource(surface),
  };
  return Promise.all(
    Object.entries(files).map(async ([name, text]) => ({
      path: `${FOLDER}/${name}`,
      content: HEADER + (await format(text, STYLE)),
    })),
  );
}

/** What callers see: no header, as the SDK sends those, and no error, as it throws those. */
function surfaceOf(document: Document): Document {
  const visible = (operation: Operation): Operation => ({
    ...operation,
    parameters: operation.parameters?.filter((each) => each.$ref === undefined && each.in !== 'header'),
    responses: Object.fromEntries(Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))),
  });
  const paths = Object.entries(document.paths)
    .filter(([path]) => SURFACE.test(path))
    .map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, visible(operation)])),
    ]);
  return withoutUnused({ ...document, paths: Object.fromEntries(paths) });
}

function operationsSource({ info, paths }: Document, apiVersion: string): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map(
      (method) => `${item[method]!.operationId}: '${method.toUpperCase()} ${path}',`,
    ),
  );
  return `/** Version of the service that this SDK was made for, and of the SDK. */
export const VERSION = '${info.version}';
/** Sent as \`RevKeen-Version\`. */
export const API_VERSION = '${apiVersion}';

export const OPERATIONS = {
${operations.join('\n')}
} as const;
`;
}

function errorsSource(): string {
  const entries = PUBLIC_ERROR_CODES.map((code) => [code, ERROR_CATALOGUE[code]] as const);
  const classes = entries.map(
    ([code, { status, meaning }]) =>
      `/** ${status} \`${code}\`. ${meaning} */\nexport class ${className(code)} extends ApiError {}`,
  );
  const table = entries.map(([code]) => `${code}: ${className(code)},`);
  return `import { ApiError } from '../errors';

${classes.join('\n\n')}

/** The class of each code. */
export const ERROR_CLASSES = {
${table.join('\n')}
};
`;
}

interface Schema {
  readonly properties?: Readonly<
    Record<string, { readonly enum?: readonly string[]; readonly anyOf?: readonly object[] }>
  >;
}

/** For tables, whose columns must be known before the first record. */
function recordFieldsSource({ components }: Document): string {
  const schemas = Object.values(components['schemas']!) as Schema[];
  const nameIn = (part: object): string => /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(part))![1]!;
  const entries = schemas.flatMap(({ properties }) => {
    const { resourceType, data } = properties ?? {};
    if (!resourceType?.enum || !data) return [];
    return resourceType.enum.map((type, index) => {
      const { properties: fields } = components['schemas']![nameIn(data.anyOf?.[index] ?? data)] as Schema;
      return `${type}: ${JSON.stringify(Object.keys(fields!))},`;
    });
  });
  return `/** The fields of a record's data, by its resource type. */
export const RECORD_FIELDS = {
${entries.join('\n')}
} as const;
`;
}

function className(code: string): string {
  const words = code.split('_').filter((word) => word !== 'error');
  return `${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}Error`;
}

/** The document with those components alone that its paths and webhooks lead to. */
function withoutUnused(document: Document): Document {
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, reference] of JSON.stringify(part).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)) {
      if (used.has(reference!)) continue;
      used.add(reference!);
      const [kind, name] = reference!.split('/') as [string, string];
      follow(document.components[kind]![name]);
    }
  };
  follow([document.paths, document.webhooks, { $ref: '#/components/schemas/ErrorBody' }]);
  const components = Object.fromEntries(
    Object.entries(document.components).map(([kind, members]) => [
      kind,
      Object.fromEntries(Object.entries(members).filter(([name]) => used.has(`${kind}/${name}`))),
    ]),
  );
  return { ...document, components };
}

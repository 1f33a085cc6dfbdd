/** The operations that are tools, by their ids in the documents; a tool is called as its operation, in snake case. */
const OPERATIONS = [
  'listIntegrations',
  'getIntegration',
  'explainIntegration',
  'listSyncLogs',
  'getSyncLog',
  'getSyncStats',
  'syncIntegration',
  'toggleSync',
  'resumeSync',
  'retrySyncLog',
  'retrySyncLogs',
  'adminGetOverview',
  'adminListIncidents',
  'adminListIntegrations',
  'adminGetIntegration',
  'adminExplainIntegration',
  'adminListTimeline',
  'adminListQuarantine',
  'adminListDeletionPlans',
  'adminGetDeletionPlan',
  'adminSyncIntegration',
  'adminPauseIntegration',
  'adminResumeIntegration',
  'adminRetryMany',
] as const;

/** A part of the OpenAPI documents, as far as tools are made of it. */
export interface Part {
  readonly $ref?: string;
  readonly [member: string]: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Part;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly (Parameter | Part)[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Part } } };
  readonly [extension: `x-${string}`]: unknown;
}

export interface Document {
  readonly paths: object;
  readonly components?: object;
}

/** Where an argument of a tool goes in the request that it stands for. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly operationId: string;
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly query: readonly string[];
  readonly body: readonly string[];
  /** A reason that the operation does not take, and that the audit log does. */
  readonly asksReason: boolean;
  readonly inputSchema: { readonly type: 'object'; readonly [member: string]: unknown };
}

const REASON = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  description: 'Why, for the audit log: who asked for it, and where.',
};

/** The tools that are made of the operations of one document. */
export function toolsOf(document: Document): Tool[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).flatMap(([method, operation]) =>
      OPERATIONS.some((id) => id === operation.operationId) ? [toolOf(document, path, method, operation)] : [],
    ),
  );
}

function toolOf(document: Document, path: string, method: string, operation: Operation): Tool {
  const parameters = (operation.parameters ?? [])
    .map((each) => ('$ref' in each ? resolved(document, each) : each) as Parameter)
    .filter((each) => each.in === 'path' || each.in === 'query');
  const body = operation.requestBody
    ? (resolved(document, operation.requestBody.content['application/json'].schema) as {
        properties?: Record<string, unknown>;
        required?: string[];
      })
    : {};
  const fields = Object.keys(body.properties ?? {});
  const isReading = method === 'get';
  const asksReason = !isReading && !fields.includes('reason');
  const described = parameters.map(({ name, schema, description }) => [
    name,
    { ...resolved(document, schema ?? {}), description },
  ]);
  return {
    name: operation.operationId.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    title: operation.summary,
    description: operation.description,
    operationId: operation.operationId,
    method: method.toUpperCase(),
    path,
    operation,
    query: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
    body: fields,
    asksReason,
    inputSchema: {
      type: 'object',
      properties: { ...Object.fromEntries(described), ...body.properties, ...(asksReason ? { reason: REASON } : {}) },
      required: [
        ...new Set([
          ...parameters.filter(({ required }) => required).map(({ name }) => name),
          ...(body.required ?? []),
          ...(isReading ? [] : ['reason']),
        ]),
      ],
      additionalProperties: false,
    },
  };
}

/** Without references: a client has no document to look them up in. */
function resolved(document: Document, part: Part): Part {
  if (part.$ref !== undefined) {
    const target = part.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
    return resolved(document, target as Part);
  }
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, inside(document, value)]));
}

function inside(document: Document, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => inside(document, each));
  return typeof value === 'object' && value !== null ? resolved(document, value as Part) : value;
}

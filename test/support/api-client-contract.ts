import { readFileSync } from 'node:fs';
import path from 'node:path';
import addFormats from 'ajv-formats';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import { withServed } from '../../src/platform/http/server';
import { BUILT_IN_IDS } from '../../src/providers';

const FILES = { public: 'openapi.json', admin: 'openapi-admin.json' } as const;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** An answer as it arrived; `body` is the text. */
export interface ReceivedAnswer {
  readonly method: string;
  /** Path with or without a query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: any;
}

/** One of the committed documents. */
export function committedDocument(surface: keyof typeof FILES): any {
  return JSON.parse(readFileSync(path.join(__dirname, '../..', FILES[surface]), 'utf8'));
}

/** All that is served: what both documents hold of the components is the same. */
function wholeDocument(): any {
  const [one, other] = [committedDocument('public'), committedDocument('admin')];
  const sections = Object.keys({ ...one.components, ...other.components });
  return {
    ...one,
    tags: [...one.tags, ...other.tags],
    paths: { ...one.paths, ...other.paths },
    components: Object.fromEntries(
      sections.map((section) => [section, { ...one.components[section], ...other.components[section] }]),
    ),
  };
}

/** openapi.json and openapi-admin.json, and whether an answer is one that they describe. */
export class ApiContract {
  readonly document: any;
  readonly operations: readonly ApiOperation[];
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly matchers: { operation: ApiOperation; form: RegExp; parameters: number }[];

  constructor(document: unknown = wholeDocument()) {
    this.document = document;
    this.operations = Object.entries<any>(this.document.paths).flatMap(([template, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({ method, path: template, operation: item[method] })),
    );
    this.matchers = this.operations
      .map((operation) => ({
        operation,
        form: new RegExp(`^${operation.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
        parameters: operation.path.split('{').length,
      }))
      .sort((a, b) => a.parameters - b.parameters);
    addFormats(this.ajv);
    const closed = structuredClone(this.document);
    for (const schema of Object.values(closed.components.schemas)) close(schema);
    for (const { operation } of Object.values<any>(closed.paths).flatMap((item) =>
      Object.values(item).map((each) => ({ operation: each as any })),
    )) {
      for (const answer of Object.values<any>(operation.responses)) {
        for (const media of Object.values<any>(answer.content ?? {})) close(media.schema);
      }
    }
    this.ajv.addSchema(closed, 'openapi.json');
  }

  find(method: string, requestPath: string): ApiOperation | undefined {
    const pathname = requestPath.split(/[?#]/)[0]!;
    const wanted = method.toLowerCase();
    return this.matchers.find(({ operation, form }) => operation.method === wanted && form.test(pathname))?.operation;
  }

  resolve<T = any>(part: any): T {
    if (!part?.$ref) return part;
    return part.$ref
      .slice(2)
      .split('/')
      .reduce((at: any, key: string) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
  }

  /** What is wrong with the answer; nothing when the document describes it. */
  problems(answer: ReceivedAnswer): string[] {
    const found = this.find(answer.method, answer.path);
    const where = `${answer.method.toUpperCase()} ${found?.path ?? answer.path} ${answer.status}`;
    if (!found) return this.unknownRoute(answer, where);
    const written = found.operation.responses[String(answer.status)];
    if (!written) return [`${where}: the status is not documented; ${answer.body.slice(0, 300)}`];
    const documented = this.resolve(written);
    const problems = this.headerProblems(documented.headers ?? {}, answer, where);
    if (!documented.content) {
      if (answer.body !== '') problems.push(`${where}: a body where none is documented`);
      return problems;
    }
    const type = String(answer.headers['content-type'] ?? '').split(';')[0]!;
    if (!documented.content[type]) return [...problems, `${where}: content type ${type} is not documented`];
    if (type !== 'application/json') return problems;
    const base = written.$ref
      ? String(written.$ref)
      : `#/paths/${escape(found.path)}/${found.method}/responses/${answer.status}`;
    return [...problems, ...this.bodyProblems(`${base}/content/application~1json/schema`, answer, where)];
  }

  private unknownRoute(answer: ReceivedAnswer, where: string): string[] {
    // what is no operation is an error in the one shape, whoever asks
    if (answer.status < 400) return [`${where}: no such operation in the document`];
    return this.bodyProblems('#/components/schemas/ErrorBody', answer, where);
  }

  private bodyProblems(reference: string, answer: ReceivedAnswer, where: string): string[] {
    let body: any;
    try {
      body = JSON.parse(answer.body);
    } catch {
      return [`${where}: the body is not JSON: ${answer.body.slice(0, 100)}`];
    }
    let validate = this.validators.get(reference);
    if (!validate) {
      validate = this.ajv.compile({ $ref: `openapi.json${reference}` });
      this.validators.set(reference, validate);
    }
    const problems = validate(body)
      ? []
      : validate.errors!.map(
          ({ instancePath, message, params }) =>
            `${where}: ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
        );
    const requestId = answer.headers['x-request-id'];
    if (answer.status >= 400 && body?.requestId !== requestId) {
      problems.push(`${where}: requestId is not the x-request-id header`);
    }
    return problems;
  }

  private headerProblems(documented: Record<string, any>, answer: ReceivedAnswer, where: string): string[] {
    const problems: string[] = [];
    for (const [name, written] of Object.entries(documented)) {
      const { required, schema } = this.resolve(written);
      const value = answer.headers[name.toLowerCase()];
      if (value === undefined) {
        if (required) problems.push(`${where}: the header ${name} is missing`);
      } else if (!this.ajv.validate(schema, value)) {
        problems.push(`${where}: the header ${name} does not fit its schema`);
      }
    }
    for (const name of [
      'retry-after',
      'idempotency-replayed',
      'x-ratelimit-limit',
      'revkeen-version',
      'www-authenticate',
    ]) {
      const known = Object.keys(documented).some((each) => each.toLowerCase() === name);
      if (answer.headers[name] !== undefined && !known) problems.push(`${where}: the header ${name} is not documented`);
    }
    return problems;
  }
}

const contracts = new Map<string, ApiContract>();
/** `providers`: those that are served. */
export function apiContract(providers: readonly string[] = BUILT_IN_IDS): ApiContract {
  const known = contracts.get(providers.join());
  if (known) return known;
  const made = new ApiContract(withServed(wholeDocument(), BUILT_IN_IDS, providers));
  contracts.set(providers.join(), made);
  return made;
}

/** A schema that names its members takes no others: what an answer shows, the document must name. */
function close(schema: any): void {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return;
  if (schema.properties && schema.additionalProperties === undefined) schema.additionalProperties = false;
  for (const member of Object.values(schema.properties ?? {})) close(member);
  for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) close(part);
  close(schema.items);
  if (typeof schema.additionalProperties === 'object') close(schema.additionalProperties);
}

function escape(part: string): string {
  // a fragment of a URI: braces and slashes are written out
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

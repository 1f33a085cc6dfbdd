import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../audit';
import { isAllowed, type AccessRule } from '../auth';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RequestContext, toErrorBody, type Caller } from '../platform/http';
import { OwnApi, type OwnAnswer } from './adapters/own-api';
import { passagesOf, searchPassages, type DocsPassage } from './docs-search';
import { quoteProviderWords } from './provider-words';
import { toolsOf, type Document, type Tool } from './tools';

/** Whose call it is, and how it came. */
export interface ToolCaller {
  readonly caller: Caller;
  /** The credential and the host that the caller named: they go with the request that the tool stands for. */
  readonly headers: Readonly<Record<string, string>>;
  /** The caller's own address, and not that of a proxy. */
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: Tool['inputSchema'];
  readonly isReading: boolean;
}

const SEARCH: ListedTool = {
  name: 'search_docs',
  title: 'Search the documentation',
  description: 'The operations of the API and its error codes, by words.',
  inputSchema: {
    type: 'object',
    properties: { query: { type: 'string', minLength: 1, maxLength: 200, description: 'Some words.' } },
    required: ['query'],
    additionalProperties: false,
  },
  isReading: true,
};

/** The tools of an agent: operations of the API, for whoever may call them. */
@Injectable()
export class ToolService {
  private readonly logger = new Logger('mcp');
  private documents: readonly Document[] = [];
  private tools: readonly Tool[] = [];
  private passages: readonly DocsPassage[] = [];

  constructor(
    private readonly api: OwnApi,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The documents, from which the tools are made when they are first asked for, and when a document has changed. */
  describe: () => readonly Document[] = () => [];

  list(caller: Caller): ListedTool[] {
    const allowed = this.made().filter((tool) => isAllowed(caller, ruleOf(tool), tool.method));
    return [...allowed.map((tool) => ({ ...tool, isReading: tool.method === 'GET' })), SEARCH];
  }

  /** null: the caller has no such tool. */
  async call(by: ToolCaller, name: string, args: Readonly<Record<string, unknown>>): Promise<OwnAnswer | null> {
    if (!this.list(by.caller).some((tool) => tool.name === name)) return null;
    const tool = this.made().find((each) => each.name === name);
    const known = (tool ?? SEARCH).inputSchema['properties'] as object;
    const strange = Object.keys(args).filter((each) => !(each in known));
    if (strange.length > 0) {
      const fields = Object.fromEntries(
        strange.slice(0, 20).map((each) => [each, ['is not an argument of this tool']]),
      );
      return refusal(new InterlockError('invalid_request', { fields }));
    }
    const reason = typeof args['reason'] === 'string' ? args['reason'].trim() : '';
    const isWriting = tool !== undefined && tool.method !== 'GET';
    if (isWriting && (reason === '' || reason.length > 500)) {
      return refusal(InterlockError.invalidField('reason', 'must be 1 to 500 characters'));
    }
    await this.record(by.caller, name, isWriting ? reason : null);
    if (!tool) {
      return { status: 200, body: { passages: searchPassages(this.passages, String(args['query'] ?? '')) } };
    }
    try {
      const answer = await this.api.call({ ...requestOf(tool, args), ...by });
      return { status: answer.status, body: quoteProviderWords(answer.body) };
    } catch (error) {
      // its text would go to the client
      this.logger.error({ msg: 'a tool could not be called', tool: name, err: error });
      return refusal(new InterlockError('internal_error'));
    }
  }

  private made(): readonly Tool[] {
    const documents = this.describe();
    if (documents.some((document, at) => document !== this.documents[at])) {
      this.documents = documents;
      this.tools = documents.flatMap(toolsOf);
      this.passages = documents.flatMap(passagesOf);
    }
    return this.tools;
  }

  /** Before it is made: a call that ends badly was one too. */
  private record(caller: Caller, tool: string, reason: string | null): Promise<void> {
    const { merchantId, environment } = caller;
    return this.unitOfWork.run((tx) =>
      this.audit.record(tx, {
        action: 'mcp.tool_called',
        subject: { type: 'tool', id: tool },
        merchantId,
        environment,
        reason,
      }),
    );
  }
}

function refusal(error: InterlockError): OwnAnswer {
  return { status: error.status, body: toErrorBody(error, RequestContext.requestId() ?? '') };
}

/** As the guard of the operation has it: `@Authenticated` writes it into the document. */
function ruleOf({ operation }: Tool): AccessRule {
  const scope = operation['x-required-scope'] as AccessRule['scope'];
  if (scope !== undefined) return { scope };
  return {
    roles: operation['x-required-roles'] as AccessRule['roles'],
    permission: operation['x-required-permission'] as string | undefined,
  };
}

/** What the operation takes; what it does not know it refuses by itself. */
function requestOf(tool: Tool, args: Readonly<Record<string, unknown>>) {
  const left = new Map(Object.entries(args));
  if (tool.asksReason) left.delete('reason');
  const path = tool.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = left.get(name);
    left.delete(name);
    return encodeURIComponent(String(value ?? ''));
  });
  const query = new URLSearchParams();
  for (const name of tool.query) {
    const value = left.get(name);
    left.delete(name);
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const search = query.toString();
  return {
    method: tool.method,
    target: search === '' ? path : `${path}?${search}`,
    ...(tool.method === 'GET' ? {} : { body: Object.fromEntries(left) }),
  };
}

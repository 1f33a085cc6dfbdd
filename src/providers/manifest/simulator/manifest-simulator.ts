import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { Manifest, StreamManifest } from '../manifest';
import { SimulatedCaller, simulatedFields, type SimulatedRequest } from './simulated-caller';
import { answeredList, parametersOf, RefusedQuestion, USUAL_BEHAVIOUR, type ListBehaviour } from './simulated-list';
import { NoSuchRows, putAt, RowMaker, type SimulatedRow } from './simulated-rows';

/** An answer that stands instead of the provider's own. */
export interface InsteadAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | object;
}

/** What the provider was asked in a way that it does not know. */
export interface Complaint {
  readonly message: string;
  /** The stream, and the member of it that says how it is asked; null: it was no list. */
  readonly stream: string | null;
  readonly member: readonly string[];
}

export const SIMULATED_ACCOUNT = '4711';
/** More than two pages, and not a whole number of them. */
const PAGES = 2.3;
const ROWS_OF_ONE_PAGE = 25;

/**
 * A provider made of a manifest: real HTTP on 127.0.0.1, rows that its declarations describe, and no code of the client
 * that reads it.
 */
export class ManifestSimulator {
  readonly fields: Readonly<Record<string, string>>;
  readonly caller: SimulatedCaller;
  readonly complaints: Complaint[] = [];
  /** Paths that were asked for, below the base URL. */
  readonly asked: string[] = [];
  behaviour: ListBehaviour = USUAL_BEHAVIOUR;
  /** Asked before the provider answers a call that it admits. */
  instead: (request: SimulatedRequest) => InsteadAnswer | null = () => null;
  private readonly makers = new Map<string, RowMaker>();
  private readonly lists = new Map<string, readonly SimulatedRow[]>();
  private readonly server: Server;
  private baseUrl = '';

  constructor(readonly manifest: Manifest) {
    this.fields = simulatedFields(manifest);
    this.caller = new SimulatedCaller(manifest, this.fields);
    for (const stream of manifest.streams) {
      const { paging } = stream;
      const count = paging.by === 'none' ? ROWS_OF_ONE_PAGE : Math.ceil((paging.size ?? 100) * PAGES);
      this.makers.set(stream.key, new RowMaker(manifest, stream, count));
    }
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { segment } = this.manifest.baseUrl;
    this.baseUrl = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${segment === undefined ? '' : `/${segment}`}`;
  }

  get url(): string {
    return this.baseUrl;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  makerOf(key: string): RowMaker {
    return this.makers.get(key)!;
  }

  /** The rows of a stream, in the order of its list. Throws NoSuchRows. */
  rowsOf(key: string): readonly SimulatedRow[] {
    const known = this.lists.get(key) ?? this.makerOf(key).rows();
    this.lists.set(key, known);
    return known;
  }

  /** The list has these rows until it is told otherwise. */
  hold(key: string, rows: readonly SimulatedRow[]): void {
    this.lists.set(key, rows);
  }

  /** As at the beginning, with the same rows. */
  reset(): void {
    this.behaviour = USUAL_BEHAVIOUR;
    this.instead = () => null;
    this.caller.lifeSeconds = null;
    this.complaints.length = 0;
    this.asked.length = 0;
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(message.url!, 'http://127.0.0.1');
    const prefix = new URL(this.baseUrl).pathname.replace(/\/$/, '');
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : pathname;
    const body = await textOf(message);
    const request = { method: message.method!, path, query: searchParams, headers: message.headers, body };
    this.asked.push(path);
    const { status, headers = {}, body: said } = await this.answer(request);
    const isText = typeof said === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? said : JSON.stringify(said));
  }

  private async answer(request: SimulatedRequest): Promise<InsteadAnswer> {
    if (request.path === this.caller.loginPath()) {
      const login = await this.caller.login(request);
      return login ? { status: 200, body: login } : { status: 401, body: { error: 'invalid_client' } };
    }
    const instead = this.instead(request);
    if (instead) return instead;
    if (!(await this.caller.admits(request))) return { status: 401, body: { message: 'who are you?' } };
    try {
      const found = this.listAt(request);
      const listed = found && this.list(found, request);
      if (request.path === this.manifest.test.path) return { status: 200, body: this.account(listed) };
      if (listed) return { status: 200, body: listed };
    } catch (error) {
      if (error instanceof RefusedQuestion) return this.refused(error, request);
      // there are no rows to tell of: the suite says so
      if (error instanceof NoSuchRows) return { status: 500, body: {} };
      throw error;
    }
    const row = this.rowAt(request);
    if (row) return { status: 200, body: row };
    if (row === null) this.complaints.push({ message: `there is no ${request.path}`, stream: null, member: ['path'] });
    return { status: 404, body: { message: 'not found' } };
  }

  private refused({ message, member }: RefusedQuestion, { path }: SimulatedRequest): InsteadAnswer {
    const stream = this.manifest.streams.find((each) => each.path === path)?.key ?? null;
    this.complaints.push({ message, stream, member });
    return { status: 400, body: { message } };
  }

  private account(listed: object | null): object {
    const { account } = this.manifest.test;
    const body = listed ?? {};
    if (account !== undefined) putAt(body, account, SIMULATED_ACCOUNT);
    return body;
  }

  /** Of the streams with this path, the one whose fixed parameters are asked for. */
  private listAt({ path, query }: SimulatedRequest): StreamManifest | null {
    const here = this.manifest.streams.filter((stream) => stream.path === path);
    const fixed = (stream: StreamManifest) =>
      Object.entries(stream.query ?? {}).every(([name, value]) => query.get(name) === this.caller.filled(value));
    const found = here.find(fixed);
    if (!found && here.length > 0 && path !== this.manifest.test.path) {
      throw new RefusedQuestion('a parameter of `query` is not asked for', ['query']);
    }
    return found ?? null;
  }

  private list(stream: StreamManifest, { path, query }: SimulatedRequest): object {
    const { auth, times = {} } = this.manifest;
    const keyParameter = auth.kind === 'api_key' && auth.in === 'query' ? auth.name : '';
    const known = [...parametersOf(stream), ...Object.keys(stream.query ?? {}), keyParameter];
    const unknown = [...query.keys()].find((name) => !known.includes(name));
    if (unknown !== undefined) throw new RefusedQuestion(`there is no parameter ${unknown}`, [unknown]);
    const question = { query, address: this.baseUrl + path };
    return answeredList(stream, times, this.rowsOf(stream.key), question, this.behaviour);
  }

  /** null: the path is of no row; undefined: the row is not there. */
  private rowAt({ path }: SimulatedRequest): object | null | undefined {
    for (const { one, key } of this.manifest.streams) {
      const [before = '', behind = ''] = one?.path.split('{id}') ?? [];
      if (one === undefined || !path.startsWith(before) || !path.endsWith(behind)) continue;
      const id = decodeURIComponent(path.slice(before.length, path.length - behind.length));
      if (id.includes('/')) continue;
      const row = this.rowsOf(key).find((each) => each.id === id)?.row;
      if (row === undefined) return undefined;
      if (one.row === undefined) return row;
      const body = {};
      putAt(body, one.row, row);
      return body;
    }
    return null;
  }
}

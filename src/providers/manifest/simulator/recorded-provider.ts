import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { Manifest } from '../manifest';
import { bodyTextOf, type RecordedExchange } from './recording';
import { SimulatedCaller, simulatedFields } from './simulated-caller';

/** A call that the recording has no answer for. */
export interface UnrecordedCall {
  readonly path: string;
  /** A parameter that no recorded call of the path has so; null: there are no more answers. */
  readonly parameter: string | null;
}

/** Answers as a recording does: each call with what was answered to the same one. */
export class RecordedProvider {
  readonly fields: Readonly<Record<string, string>>;
  readonly unrecorded: UnrecordedCall[] = [];
  private readonly caller: SimulatedCaller;
  private readonly server: Server;
  private readonly recorded: readonly RecordedExchange[];
  private readonly left: RecordedExchange[];
  /** What stands before the paths of the manifest in the recorded addresses. */
  private readonly recordedBase: string;
  private baseUrl = '';

  constructor(
    private readonly manifest: Manifest,
    exchanges: readonly RecordedExchange[],
  ) {
    this.fields = simulatedFields(manifest);
    this.caller = new SimulatedCaller(manifest, this.fields);
    this.recorded = exchanges.filter(({ request }) => request.method === 'GET');
    this.left = [...this.recorded];
    const paths = [...manifest.streams.map(({ path }) => path), manifest.test.path].toSorted(
      (one, other) => other.length - one.length,
    );
    const bases = this.left.flatMap(({ request: { url } }) => {
      const bare = url.split('?')[0]!;
      const path = paths.find((each) => bare.endsWith(each));
      return path === undefined ? [] : [bare.slice(0, -path.length)];
    });
    this.recordedBase = bases[0] ?? '';
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { segment } = this.manifest.baseUrl;
    const { port } = this.server.address() as AddressInfo;
    this.baseUrl = `http://127.0.0.1:${port}${segment === undefined ? '' : `/${segment}`}`;
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

  /** Whether there is an answer of the path. */
  holds(path: string): boolean {
    return this.recorded.some((exchange) => this.pathOf(exchange) === path);
  }

  private pathOf({ request: { url } }: RecordedExchange): string {
    return url.split('?')[0]!.slice(this.recordedBase.length);
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(message.url!, 'http://127.0.0.1');
    const path = pathname.slice(new URL(this.baseUrl).pathname.replace(/\/$/, '').length);
    const body = await textOf(message);
    if (path === this.caller.loginPath()) {
      const request = { method: message.method!, path, query: searchParams, headers: message.headers, body };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify((await this.caller.login(request)) ?? {}));
      return;
    }
    const exchange = this.answerTo(path, searchParams);
    if (!exchange) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const { status, headers, content } = exchange.response;
    const kept = headers.filter(({ name }) => /^(date|link|retry-after|x-[\w-]+)$/i.test(name));
    response.writeHead(status, {
      ...Object.fromEntries(kept.map(({ name, value }) => [name, value])),
      'content-type': content.mimeType ?? 'application/json',
    });
    // links lead on below the base URL that the recording was made at
    const escaped = (address: string): string => address.replaceAll('/', '\\/');
    response.end(
      bodyTextOf(exchange)
        .replaceAll(this.recordedBase, this.baseUrl)
        .replaceAll(escaped(this.recordedBase), escaped(this.baseUrl)),
    );
  }

  private answerTo(path: string, query: URLSearchParams): RecordedExchange | null {
    const { auth } = this.manifest;
    if (auth.kind === 'api_key' && auth.in === 'query') query.delete(auth.name);
    const asked = (exchange: RecordedExchange): URLSearchParams => new URL(exchange.request.url).searchParams;
    const known = this.recorded.filter((exchange) => this.pathOf(exchange) === path).map(asked);
    const here = this.left.filter((exchange) => this.pathOf(exchange) === path);
    if (here.length === 0) {
      this.unrecorded.push({ path, parameter: null });
      return null;
    }
    const unheard = [...query.keys()].find((name) => !known.some((each) => each.has(name)));
    const found = here.find((exchange) => this.isSame(path, query, asked(exchange)));
    if (unheard !== undefined || !found) {
      this.unrecorded.push({ path, parameter: unheard ?? otherIn(query, here.map(asked)) });
      return null;
    }
    this.left.splice(this.left.indexOf(found), 1);
    return found;
  }

  /** The size of a page and what differs by merchant are another's to choose; a first page may be asked for without. */
  private isSame(path: string, query: URLSearchParams, recorded: URLSearchParams): boolean {
    const lists = this.manifest.streams.filter((stream) => stream.path === path);
    const free = lists.flatMap(({ paging, query: fixed = {} }) => [
      ...(paging.by === 'none' || paging.sizeParameter === undefined ? [] : [paging.sizeParameter]),
      ...Object.keys(fixed).filter((name) => fixed[name]!.includes('{')),
    ]);
    return [...query].every(([name, value]) => free.includes(name) || (recorded.get(name) ?? value) === value);
  }
}

/** A parameter with a value that none of the answers left was given to. */
function otherIn(query: URLSearchParams, left: readonly URLSearchParams[]): string {
  const found = [...query].find(([name, value]) => !left.some((each) => each.get(name) === value));
  return (found ?? [...query][0]!)[0];
}

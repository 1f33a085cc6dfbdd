import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Answers as a provider's documentation shows them, and what is to be read in them. */
export interface DocumentedPages {
  /** Where the documentation shows it. */
  readonly source: string;
  readonly path: string;
  /** What must be asked for. */
  readonly query?: Readonly<Record<string, string>>;
  /** One for each page of the list. */
  readonly answers: readonly object[];
  readonly records?: readonly object[];
  readonly quarantined?: Readonly<Record<string, number>>;
  /** Of the answer of the credentials' test. */
  readonly account?: string;
}

/** By the key of the stream; `test` is the credentials' test. */
export function documentedPages(provider: string): Record<string, DocumentedPages> {
  const folder = path.resolve(__dirname, 'manifest-pages', provider);
  return Object.fromEntries(
    readdirSync(folder).map((file) => [
      path.parse(file).name,
      JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as DocumentedPages,
    ]),
  );
}

export interface DocumentedApi {
  readonly url: string;
  readonly asked: {
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingMessage['headers'];
  }[];
  readonly logins: { readonly headers: IncomingMessage['headers']; readonly body: string }[];
  close(): Promise<void>;
}

/** How the documentation shows a login. */
export interface DocumentedLogin {
  readonly path: string;
  readonly answer: object;
}

/** A server that gives the answers of each path one after the other, below any base path. */
export async function startDocumentedApi(
  pages: readonly DocumentedPages[],
  login?: DocumentedLogin,
): Promise<DocumentedApi> {
  const asked: DocumentedApi['asked'] = [];
  const logins: DocumentedApi['logins'] = [];
  const left = new Map(pages.map((page) => [page.path, [...page.answers]]));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://provider.example');
    if (pathname.endsWith(login?.path ?? '\n')) {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        logins.push({ headers: request.headers, body });
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(login!.answer));
      });
      return;
    }
    asked.push({ path: pathname, query: searchParams, headers: request.headers });
    const answer = left.get([...left.keys()].find((each) => pathname.endsWith(each)) ?? '')?.shift();
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    logins,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

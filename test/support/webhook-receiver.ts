import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, any>;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly at: number;
  readonly path: string;
  /** What it was answered with. */
  status: number | null;
}

/** How a delivery is answered: a status, or whatever is done to the response. */
export type Answer = number | ((response: ServerResponse) => void);

export interface WebhookReceiver {
  readonly url: string;
  /** All deliveries, in the order in which they came. */
  readonly received: Received[];
  /** Those that were answered with 2xx. */
  taken(): Received[];
  answerWith(decide: (delivery: Received) => Answer | Promise<Answer>): void;
  close(): Promise<void>;
}

/** An endpoint of a test: takes everything, unless told otherwise. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let decide: (delivery: Received) => Answer | Promise<Answer> = () => 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { type, data } = JSON.parse(body) as Pick<Received, 'type' | 'data'>;
      const headers = flat(request.headers);
      const path = request.url ?? '/';
      const delivery: Received = {
        id: headers['webhook-id']!,
        type,
        data,
        headers,
        body,
        at: Date.now(),
        path,
        status: null,
      };
      received.push(delivery);
      void Promise.resolve(decide(delivery)).then((answer) => {
        if (typeof answer === 'function') return answer(response);
        delivery.status = answer;
        response.writeHead(answer).end('ok');
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    taken: () => received.filter(({ status }) => status !== null && status >= 200 && status <= 299),
    answerWith: (next) => void (decide = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}

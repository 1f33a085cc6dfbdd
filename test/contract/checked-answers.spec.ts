import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkAnswers, takeProblems } from '../support/checked-answers';

/** The check that every end-to-end suite runs under, itself. */
describe('an answer that the document does not describe is noticed', () => {
  let server: Server;
  let answer: { status: number; body?: unknown; headers?: Record<string, string> };
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.statusCode = answer.status;
      for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
      if (answer.body === undefined) response.end();
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer.body));
    });
    checkAnswers(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  async function problemsOf(method: string, path: string, given: typeof answer): Promise<string[]> {
    answer = given;
    await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method })).text();
    return takeProblems();
  }
  const requestId = 'r-1';
  const headers = { 'x-request-id': requestId, 'revkeen-version': '2026-05-01' };
  const success = { success: true };
  const error = { error: 'No.', code: 'not_found', requestId, nextAction: 'none' };
  const toggle = '/v2/integrations/practicehub/sync-toggle';

  it('lets a described one pass', async () => {
    expect(await problemsOf('PUT', toggle, { status: 200, body: success, headers })).toEqual([]);
    expect(await problemsOf('PUT', toggle, { status: 404, body: error, headers })).toEqual([]);
    expect(await problemsOf('GET', '/v2/nowhere', { status: 404, body: error, headers })).toEqual([]);
    expect(await problemsOf('GET', '/sandbox/anything', { status: 200, body: {} })).toEqual([]);
  });

  it.each<[string, typeof answer]>([
    ['a field that is not named', { status: 200, body: { ...success, more: 1 }, headers }],
    ['a field of another type', { status: 200, body: { success: 'true' }, headers }],
    ['a field that is missing', { status: 200, body: {}, headers }],
    ['no body', { status: 200, headers }],
    ['another status', { status: 201, body: success, headers }],
    ['an error in another shape', { status: 404, body: { message: 'No.' }, headers }],
    ['an unknown code', { status: 404, body: { ...error, code: 'gone_fishing' }, headers }],
    ['another request id', { status: 404, body: { ...error, requestId: 'r-2' }, headers }],
    ['no request id', { status: 404, body: error }],
    ['a header that is not named', { status: 200, body: success, headers: { ...headers, 'retry-after': '1' } }],
  ])('%s', async (_, given) => {
    expect(await problemsOf('PUT', toggle, given)).not.toEqual([]);
  });

  it('an operation that is not there', async () => {
    expect(await problemsOf('GET', '/v2/nowhere', { status: 200, body: {}, headers })).not.toEqual([]);
    expect(await problemsOf('POST', '/api/v2', { status: 404, body: {}, headers })).not.toEqual([]);
  });
});

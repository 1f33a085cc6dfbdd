import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { FuzzTarget } from '../fuzz/requests';
import { makeTarget } from '../fuzz/target';
import { apiContract, type ApiOperation } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';

const contract = apiContract();
const UNFIT = ['a\u0000b', '\ud800', 'x\udfffy', '\u001b[2J'];
/** In a URL half a surrogate pair is no UTF-8; what stands for it is harmless, or refused. */
const UNFIT_IN_A_URL = ['a%00b', '%1B%5B2J', '%ED%A0%80', '%ED%BF%BF'];

/** Every text of a body, as the way to it: `['mappings', 0, 'id']`. */
function textsOf(written: any): (string | number)[][] {
  const schema = contract.resolve(written) ?? {};
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(textsOf);
  if ([schema.type].flat().includes('string')) return [[], ...parts];
  if (schema.items) return [...parts, ...textsOf(schema.items).map((way) => [0, ...way])];
  const members = Object.entries(schema.properties ?? {});
  return [...parts, ...members.flatMap(([name, member]) => textsOf(member).map((way) => [name, ...way]))];
}

function holding(way: readonly (string | number)[], text: string): unknown {
  const [step, ...rest] = way;
  if (step === undefined) return text;
  return typeof step === 'number' ? [holding(rest, text)] : { [step]: holding(rest, text) };
}

const operations = contract.operations.filter(
  ({ operation }) => !operation.responses['200']?.content?.['text/event-stream'],
);
const bodies = operations.flatMap((found) =>
  textsOf(found.operation.requestBody?.content['application/json'].schema).map(
    (way) => [`${found.operation.operationId} ${way.join('.')}`, found, way] as const,
  ),
);
const parameters = operations.flatMap((found) =>
  ((found.operation.parameters ?? []) as object[])
    .map((each) => contract.resolve<{ name: string; in: string }>(each))
    .filter((each) => each.in !== 'header')
    .map((each) => [`${found.operation.operationId} ${each.in} ${each.name}`, found, each] as const),
);

describe('a text that cannot be stored', () => {
  let running: TestApp;
  let target: FuzzTarget;
  beforeAll(async () => {
    running = await startTestApp();
    target = await makeTarget(running);
  }, 90_000);
  afterAll(() => running.close());

  const credentials = ({ path, operation }: ApiOperation): Record<string, string> => {
    if (operation.security.length === 0) return {};
    return path.startsWith('/v2') ? { 'x-api-key': target.apiKey } : { authorization: `Bearer ${target.adminToken}` };
  };
  const send = async (found: ApiOperation, address: string, body?: unknown) => {
    const answer = await fetch(running.url + address, {
      method: found.method.toUpperCase(),
      headers: { ...credentials(found), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, any> };
  };
  const fill = ({ path }: ApiOperation, values: Record<string, string> = {}): string =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? String(target.known[name] ?? randomUUID()));

  it('could be sent to all these places', () => {
    expect(bodies.length).toBeGreaterThan(60);
    expect(parameters.length).toBeGreaterThan(90);
    const names = bodies.map(([name]) => name);
    for (const each of [
      'reportIntegrationStatus lastSyncError',
      'activateIntegration credentials.appEmail',
      'activateIntegration paymentMappings.0.id',
      'replaceProductMappings mappings.0.metadata.charge_type',
      'adminPauseIntegration reason',
      'adminRetryMany filter.search',
      'createNodeIntegration permissions.0',
      'authenticate api_key',
    ]) {
      expect(names).toContain(each);
    }
  });

  it.each(bodies)('is 400 and named: %s', async (_, found, way) => {
    for (const text of UNFIT) {
      const answer = await send(found, fill(found), holding(way, text));
      expect([text, answer.status, answer.body['code']]).toEqual([text, 400, 'invalid_request']);
      expect(Object.keys(answer.body['details'].fields)).toContain(way.join('.'));
    }
  });

  it.each(parameters)('is refused, or reads as something harmless: %s', async (_, found, parameter) => {
    for (const text of UNFIT_IN_A_URL) {
      const inPath = parameter.in === 'path';
      const address = inPath ? fill(found, { [parameter.name]: text }) : `${fill(found)}?${parameter.name}=${text}`;
      const answer = await send(found, address, found.operation.requestBody ? {} : undefined);
      // checked against the document as well
      expect(answer.status).toBeLessThan(500);
      if (text === 'a%00b') expect([400, 404]).toContain(answer.status);
    }
  });

  it('does not pass in the name of a member, and comes back readable', async () => {
    const found = operations.find(({ operation }) => operation.operationId === 'upsertProducts')!;
    const answer = await send(found, fill(found), { 'a\u0000\ud800': 1 });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body['details'].fields)).toContain('a\ufffd\ufffd');
  });

  it.each(['Idempotency-Key', 'x-request-id', 'Api-Key', 'RevKeen-Version'])(
    'does not pass in the header %s',
    async (name) => {
      for (const value of ['a\u0000b', 'a\u0001b', '\u00ed\u00a0\u0080', '\u00ff', 'a\tb']) {
        const status = await raw(running.config.port, target.apiKey, `${name}: ${value}`);
        expect([200, 400]).toContain(status);
        if (value.includes('\u0000')) expect(status).toBe(400);
      }
    },
  );
});

/** Bytes that no client library would send. */
function raw(port: number, apiKey: string, header: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const body = '{"products":[]}';
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk));
    socket.once('error', reject).once('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
    socket.write(
      `PUT /v2/products HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nx-api-key: ${apiKey}\r\n${header}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'latin1',
    );
  });
}

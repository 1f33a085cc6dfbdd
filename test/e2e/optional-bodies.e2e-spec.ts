import { randomUUID } from 'node:crypto';
import type { FuzzTarget } from '../fuzz/requests';
import { makeTarget } from '../fuzz/target';
import { apiContract } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';

const withBody = apiContract().operations.filter(({ operation }) => operation.requestBody !== undefined);

describe('a request without a body', () => {
  let running: TestApp;
  let target: FuzzTarget;
  beforeAll(async () => {
    running = await startTestApp();
    target = await makeTarget(running);
  }, 90_000);
  afterAll(() => running.close());

  it('is documented as enough for some operations and not for others', () => {
    const required = withBody.filter(({ operation }) => operation.requestBody.required);
    expect(required.length).toBeGreaterThan(20);
    expect(withBody.length - required.length).toBeGreaterThan(4);
  });

  it.each(withBody.map((each) => [each.operation.operationId as string, each] as const))(
    'is refused by %s exactly where the document requires a body',
    async (_, { method, path, operation }) => {
      const address = path.replace(/\{(\w+)\}/g, (_name, name: string) => String(target.known[name] ?? randomUUID()));
      const credentials = path.startsWith('/v2')
        ? { 'x-api-key': target.apiKey }
        : { authorization: `Bearer ${target.adminToken}` };
      const headers = operation.security.length === 0 ? {} : credentials;
      const answer = await fetch(running.url + address, { method: method.toUpperCase(), headers: headers as never });
      const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
      const refused = answer.status === 400 && code === 'invalid_request';
      expect([operation.operationId, refused]).toEqual([operation.operationId, operation.requestBody.required]);
    },
  );
});

import { randomUUID } from 'node:crypto';
import type request from 'supertest';
import { apiContract } from '../support/api-client-contract';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** Every place where a request may name a currency. */
const PLACES = [
  'activateIntegration currency',
  'updateIntegration currency',
  'pushPayment currency',
  'upsertProducts products.0.currency',
];

describe('a currency that does not exist', () => {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    running = await startTestApp();
    clinic = await makeClinic(running, { sizes: { patients: 1, '*': 0 } });
    await clinic.activate({ pushPayments: true }).expect(200);
    await clinic.settled();
  }, 60_000);
  afterAll(() => running.close());

  const call = (place: string, currency: unknown): request.Test => {
    const payment = {
      externalInvoiceId: '1',
      amountMinor: 1,
      method: 'card',
      reference: 'r',
      paidAt: '2026-05-01T09:30:00Z',
    };
    const product = { id: randomUUID(), name: 'n', kind: 'service', amountMinor: 1 };
    const calls: Record<string, () => request.Test> = {
      'activateIntegration currency': () => clinic.activate({ currency }),
      'updateIntegration currency': () => clinic.call('patch', '', { currency }),
      'pushPayment currency': () => clinic.call('post', '/payments', { ...payment, currency }),
      'upsertProducts products.0.currency': () =>
        clinic.call('put', '/v2/products', { products: [{ ...product, currency }] }),
    };
    return calls[place]!();
  };

  it('can be sent to exactly these places', () => {
    const contract = apiContract();
    const below = (schema: any, path: string): string[] => {
      const resolved = contract.resolve(schema);
      if (resolved?.pattern === '^[A-Z]{3}$') return [path];
      return [
        ...Object.entries<any>(resolved?.properties ?? {}).flatMap(([name, field]) => below(field, `${path}.${name}`)),
        ...(resolved?.items ? below(resolved.items, `${path}.0`) : []),
      ];
    };
    const found = contract.operations.flatMap(({ operation }) =>
      below(operation.requestBody?.content?.['application/json']?.schema, '').map(
        (path) => `${operation.operationId} ${path.slice(1)}`,
      ),
    );
    expect(found.sort()).toEqual([...PLACES].sort());
  });

  it.each(PLACES)('%s: 400 that names the field', async (place) => {
    const field = place.split(' ')[1]!;
    for (const currency of ['GPB', 'XXX', 'gbp', 'GB', '', 826]) {
      const answer = await call(place, currency);
      const fields: Record<string, string[]> = answer.body.details?.fields ?? {};
      expect([currency, answer.status, Object.keys(fields)]).toEqual([currency, 400, [field]]);
      expect(fields[field]).toContain('must be an ISO 4217 code, such as GBP');
    }
  });

  it.each(PLACES)('%s: takes one that exists', async (place) => {
    expect((await call(place, 'KWD')).body.details?.fields ?? {}).toEqual({});
  });
});

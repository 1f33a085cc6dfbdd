import { startSandboxServer, type SandboxServer } from './index';

type Json = Record<string, any>;

describe('a report of an account', () => {
  let server: SandboxServer;
  beforeAll(async () => {
    server = await startSandboxServer({ reference: Date.UTC(2026, 5, 1) });
  });
  beforeEach(() => server.sandbox.wodify.reset({ sizes: { '*': 40 } }));
  afterAll(() => server.close());

  const get = async (path: string): Promise<Json> => {
    const { apiKey } = server.sandbox.credentials.wodify;
    const res = await fetch(`${server.url}/sandbox/wodify/v1${path}`, { headers: { 'x-api-key': apiKey } });
    return (await res.json()) as Json;
  };
  const replay = async (report: Json): Promise<{ status: number; body: Json }> => {
    const res = await fetch(`${server.url}/sandbox/wodify/_control/replay`, {
      method: 'POST',
      body: JSON.stringify(report),
      headers: { authorization: `Bearer ${server.controlToken}`, 'content-type': 'application/json' },
    });
    return { status: res.status, body: (await res.json()) as Json };
  };

  it('makes the simulator show its variants, its fields and its words, and tells what it cannot show', async () => {
    const report = {
      variants: { updatedFilter: 'refused', timezone: 'Europe/Paris', single: 'sideways', weather: 'fine' },
      fields: { clients: ['id', 'first_name', 'created_on', 'barcode'], classes: ['id'] },
      words: { 'invoices.invoice_header_status': ['Paid', 'On Hold'], 'clients.gender': ['x'] },
    };
    const { body } = await replay(report);
    expect(body['notReplayed']).toEqual([
      'variant single: sideways',
      'variant weather: fine',
      'words of clients.gender',
      'fields of classes',
    ]);
    const [client] = (await get('/clients'))['clients'];
    expect(Object.keys(client).sort()).toEqual(['barcode', 'created_on', 'first_name', 'id']);
    expect(client.barcode).toBeNull();
    expect((await get('/clients/search?q=updated_on_datetime|gte|2026-01-01'))['HTTPCode']).toBe(400);
    const words = (await get('/financials/invoices'))['invoices'].map((row: Json) => row['invoice_header_status']);
    expect(new Set(words)).toEqual(new Set(['Paid', 'On Hold']));
    expect(server.sandbox.wodify.settings.timezone).toBe('UTC');
  });

  it('replaces an earlier one', async () => {
    await replay({ fields: { clients: ['id', 'barcode'] } });
    await replay({ fields: { clients: ['id', 'last_name'] } });
    const [client] = (await get('/clients'))['clients'];
    expect(Object.keys(client).sort()).toEqual(['id', 'last_name']);
  });

  it.each([{ fields: 5 }, { words: { 'invoices.invoice_header_status': 'Paid' } }, { variants: [] }, {}])(
    'that is none breaks nothing: %j',
    async (report) => {
      expect((await replay(report)).status).toBe(200);
      expect((await get('/clients'))['clients']).toHaveLength(40);
    },
  );
});

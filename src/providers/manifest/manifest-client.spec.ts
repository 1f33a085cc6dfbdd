import {
  exampleAdapter,
  FULL_SCAN,
  startManifestServer,
  type ManifestServer,
} from '../../../test/support/manifest-server';
import { isBadRow, understood } from '../provider';
import { dryRun } from './dry-run';

const CLIENT = { first_name: 'Ada', updated_at: '2026-01-01T00:00:00Z', state: 'active' };
const clientJson = (id: number | string, more = '') => JSON.stringify({ id, ...CLIENT }).replace(/}$/, `${more}}`);
const DEEP = `,"x":${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;

describe('the API that a manifest describes', () => {
  let server: ManifestServer;
  beforeAll(async () => {
    server = await startManifestServer();
  });
  afterAll(() => server.close());
  beforeEach(() => (server.told.asked.length = 0));
  const streamOf = (list: object) => exampleAdapter({}, { paging: { by: 'none' }, ...list }).streams[0]!;
  const pageOf = (list: object, position: string | null = null) =>
    streamOf(list).fetchPage(server.callOf(), { ...FULL_SCAN, position });

  it.each(['..', '.', '/../..', '%2e%2e', 'a/../../..', '..%2f..'])('is asked for %s nowhere', async (id) => {
    const call = server.callOf({ fields: { baseUrl: `${server.url}/tenant/v1` } });
    const one = streamOf({ one: { path: '/{id}' } });
    await one.fetchOne!(call, id).catch(() => undefined);
    expect(server.told.asked.every((url) => url.startsWith('/tenant/v1/'))).toBe(true);
    server.told.answer = () => [200, `{"rows":[${clientJson(id)},${clientJson(2)}]}`];
    const { rows } = await pageOf({ rows: 'rows' });
    expect(rows.map((row) => isBadRow(understood(row)))).toEqual([true, false]);
  });

  describe.each([
    ['rows', (rows: string) => `{"rows":${rows},"total":3}`],
    ['data.rows', (rows: string) => `{"total":3,"data":{"rows":${rows}}}`],
    ['$', (rows: string) => rows],
  ])('whose rows stand at %s', (rows, wrap) => {
    it.each([
      ['too deep', Buffer.from(wrap(`[${clientJson(1)},${clientJson(2, DEEP)},${clientJson(3)}]`))],
      ['no UTF-8', Buffer.from(wrap(`[${clientJson(1)},${clientJson(2, ',"x":"\xff"')},${clientJson(3)}]`), 'latin1')],
    ])('sets a row aside that is %s, and no other', async (_, body) => {
      server.told.answer = () => [200, body];
      const page = await pageOf({ rows });
      expect(page.rows.map(understood).map((row) => [row.externalId, isBadRow(row)])).toEqual([
        ['1', false],
        ['2', true],
        ['3', false],
      ]);
    });
  });

  const optional = {
    rows: 'data.rows',
    rowsOptional: true,
    paging: { by: 'cursor', parameter: 'c', next: 'meta.next', total: 'meta.total' },
  };
  it.each(['{}', '{"meta":{}}', '{"meta":{"next":null,"total":0}}', '{"data":{}}'])(
    'has an empty list where it says %s and rows are optional',
    async (body) => {
      server.told.answer = () => [200, body];
      expect(await pageOf(optional)).toMatchObject({ rows: [], next: null });
    },
  );

  it.each([
    '{"errors":[{"code":"API_ERROR"}]}',
    '{"meta":{"error":"again"}}',
    '{"data":{"error":"again"}}',
    '{"meta":{"next":null},"message":"again"}',
    '{"data":[]}',
    '{"meta":[]}',
    '[]',
  ])('says %s, which is the end of no list whose rows are optional', async (body) => {
    server.told.answer = (url) => [
      200,
      url.includes('c=two') ? body : `{"data":{"rows":[${clientJson(1)}]},"meta":{"next":"two"}}`,
    ];
    const { next } = await pageOf(optional);
    await expect(pageOf(optional, next)).rejects.toMatchObject({ verdict: 'contract' });
  });

  it.each<[row: string | undefined, body: string, found: string]>([
    ['data.client', `{"data":{"client":${clientJson(7)}}}`, 'found'],
    ['client', `{"client":${clientJson(7)}}`, 'found'],
    [undefined, clientJson(7), 'found'],
    ['data.client', `{"data":{"customer":${clientJson(7)}}}`, 'quarantined: id is missing'],
    ['client', `{"client":${clientJson(8)}}`, 'The provider’s answer shows another row than the one asked for.'],
  ])('shows one row at %s, which a dry run asks for', async (row, body, found) => {
    server.told.answer = (url) => [200, url === '/clients/7' ? body : `{"rows":[${clientJson(7)}]}`];
    const stream = streamOf({ rows: 'rows', one: { path: '/clients/{id}', row } });
    expect(await dryRun(stream, server.callOf(), 1)).toMatchObject({ rows: 1, byId: found });
  });

  it('has a row that is gone, which a dry run tells', async () => {
    server.told.answer = (url) => (url === '/clients/7' ? [404, '{}'] : [200, `{"rows":[${clientJson(7)}]}`]);
    const stream = streamOf({ rows: 'rows', one: { path: '/clients/{id}' } });
    expect(await dryRun(stream, server.callOf(), 1)).toMatchObject({ byId: 'gone' });
    expect(await dryRun(streamOf({ rows: 'rows', one: undefined }), server.callOf(), 1)).toMatchObject({ byId: null });
  });

  it('leaves others their turn between rows that take many steps', async () => {
    const list = (i: number): string => JSON.stringify(Array.from({ length: 40 }, () => ({ i })));
    const lists = `,"a":${list(1)},"b":${list(2)}`;
    const rows = [1, 2, 3].map((id) => clientJson(id, lists));
    server.told.answer = () => [200, `{"rows":[${rows.join()}]}`];
    const stream = streamOf({ rows: 'rows', where: 'row.a.exists(x, x in row.b)' });
    const where = stream['where']!;
    const of = where.of.bind(where);
    const seen: string[] = [];
    jest.spyOn(where, 'of').mockImplementation((...given) => {
      seen.push('a row');
      setImmediate(() => seen.push('another'));
      return of(...given);
    });
    await stream.fetchPage(server.callOf(), FULL_SCAN);
    expect(seen).toEqual(['a row', 'another', 'a row', 'another', 'a row', 'another']);
  });
});

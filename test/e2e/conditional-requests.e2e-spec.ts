import request from 'supertest';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';

jest.setTimeout(60_000);

const CONDITIONS = [
  { 'if-match': '"x"' },
  { 'if-none-match': '*' },
  { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
  { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
  { range: 'bytes=99999999-' },
  { range: 'bytes=0-1', 'if-range': '"x"' },
];
const FILES = [
  '/openapi.json',
  '/docs',
  '/docs/swagger-ui.css',
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui-init.js',
  '/admin/openapi.json',
  '/admin/docs',
  '/admin/docs/swagger-ui-bundle.js',
];

describe('conditions and ranges', () => {
  let running: TestApp;
  let files: string[];
  let bearer: string;
  beforeAll(async () => {
    running = await startTestApp();
    bearer = `Bearer ${await adminToken(running, 'admin')}`;
    const page = await request(running.url).get('/admin/queues').set('authorization', bearer).expect(200);
    const script = /static\/[\w./-]+\.js/.exec(page.text)![0];
    files = [...FILES, '/admin/queues', `/admin/queues/${script}`];
  });
  afterAll(async () => running?.close());

  it.each(CONDITIONS)('are not obeyed: %j', async (headers) => {
    for (const file of files) {
      const { status } = await request(running.url).get(file).set('authorization', bearer).set(headers);
      expect([file, status]).toEqual([file, 200]);
    }
  });
});

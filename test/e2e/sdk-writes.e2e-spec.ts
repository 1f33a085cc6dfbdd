import { Interlock } from '../../sdk/typescript/src';
import { startTestApp, type TestApp } from '../support/app';
import { drawFaults, startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy';
import { nodesClient } from '../support/nodes';
import { SEED } from '../support/sample';
import { statement } from '../support/statements';

/** `SDK_WRITES=10000` for the whole. */
const WRITES = Number(process.env['SDK_WRITES'] ?? 300);
const AT_ONCE = 16;
const FAULTY_SHARE = 0.4;

describe(`${WRITES} writes of the SDK while four in ten requests fail (TEST_SEED=${SEED})`, () => {
  let running: TestApp;
  let proxy: FaultyProxy;
  let interlock: Interlock;

  beforeAll(async () => {
    running = await startTestApp();
    proxy = await startFaultyProxy(running.url);
    proxy.fail(drawFaults(SEED, FAULTY_SHARE));
    const token = await nodesClient(running.app, running.url).token({ roles: ['admin'] });
    interlock = new Interlock({
      baseUrl: proxy.url,
      token,
      attemptTimeoutMs: 3_000,
      timeoutMs: 300_000,
      maxRetries: 40,
      backoff: { baseMs: 5, capMs: 200 },
    });
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.close();
  });

  it(
    'have each taken effect, once',
    async () => {
      const names = Array.from({ length: WRITES }, (_, index) => `write ${String(index).padStart(6, '0')}`);
      const left = [...names];
      const made = new Map<string, string>();
      const lane = async (): Promise<void> => {
        for (let name = left.pop(); name !== undefined; name = left.pop()) {
          made.set(name, (await interlock.nodes.create({ name, type: 'account' })).id);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      const rows = await statement<{ name: string; id: string }>(
        running.config.database.url,
        `SELECT name, id FROM nodes WHERE name LIKE 'write %' ORDER BY name`,
      );
      expect(rows).toEqual(names.map((name) => ({ name, id: made.get(name) })));
      // the proxy did what it is for
      const answered = proxy.seen.filter(({ fault }) => fault === 'lost-answer' || fault === 'half-answer').length;
      expect(answered).toBeGreaterThan(WRITES / 40);
    },
    60_000 + WRITES * 200,
  );
});

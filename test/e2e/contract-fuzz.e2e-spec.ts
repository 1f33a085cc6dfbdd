import { fuzz } from '../fuzz/fuzzer';
import type { FuzzTarget } from '../fuzz/requests';
import { makeTarget } from '../fuzz/target';
import { startTestApp, type TestApp } from '../support/app';
import { SEED } from '../support/sample';

const SECONDS = 10;

describe('requests drawn from the document', () => {
  let running: TestApp;
  let target: FuzzTarget;
  beforeAll(async () => {
    running = await startTestApp();
    target = await makeTarget(running);
  }, 90_000);
  afterAll(() => running.close());

  it('are answered as it says, without a fault and without a secret', async () => {
    const { requests, statuses, failures } = await fuzz(target, { seed: SEED, seconds: SECONDS });
    // `npm run fuzz -- --seed N --only I` plays a request of it again
    console.info(`TEST_SEED=${SEED}: ${requests} requests`);
    expect({ seed: SEED, failures }).toEqual({ seed: SEED, failures: [] });
    expect(requests).toBeGreaterThan(50);
    // it comes past the first check, and is refused too
    expect(statuses['200']).toBeGreaterThan(0);
    expect(statuses['400']).toBeGreaterThan(0);
    expect(statuses['404']).toBeGreaterThan(0);
  }, 90_000);
});

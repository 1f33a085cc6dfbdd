import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app';
import { findProgram } from '../support/optional-programs';

const ALERTS = 'docs/operations/alerts.yml';
const TESTS = 'docs/operations/alerts.test.yml';
const promtool = findProgram('promtool');

describe('docs/operations', () => {
  const rules = readFileSync(ALERTS, 'utf8');
  const dashboard = readFileSync('docs/operations/dashboard.json', 'utf8');

  it('explains every alert, and no other', () => {
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const explained = [...readFileSync('docs/operations/alerts.md', 'utf8').matchAll(/^## (\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(alerts.length).toBeGreaterThan(10);
    expect(explained).toEqual(alerts);
  });

  describe('against the service', () => {
    let running: TestApp;
    beforeAll(async () => {
      running = await startTestApp();
    }, 60_000);
    afterAll(async () => running?.close());

    it('names only series that the service has', async () => {
      const { text } = await request(running.url).get('/metrics');
      const served = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
      // only where AWS KMS is used
      served.add('interlock_kms_call_duration_seconds');
      const named = [...`${rules}${dashboard}`.matchAll(/interlock_[a-z_]+/g)].map(([name]) => name);
      expect(named.length).toBeGreaterThan(30);
      const unknown = named.filter(
        (name) => !served.has(name) && !served.has(name.replace(/_(bucket|count|sum)$/, '')),
      );
      expect(unknown).toEqual([]);
    });
  });

  if (promtool === null) {
    it.skip('rules are checked by promtool, which is not on the PATH (apt-get install prometheus)', () => undefined);
  } else {
    it('rules are what promtool takes', () => {
      const { status, stderr } = spawnSync(promtool, ['check', 'rules', ALERTS], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    });

    it('rules fire when they should, and are quiet when they should', () => {
      const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', TESTS], { encoding: 'utf8' });
      expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
    });
  }
});

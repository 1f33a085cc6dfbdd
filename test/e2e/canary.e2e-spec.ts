import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { VaultRotation } from '../../src/vault';
import { describeOnBothQueues } from '../support/app';
import { makeClinic } from '../support/clinic';
import { databaseDump, recordCommands, recordWrites, redisDump } from '../support/dumps';
import { eventually } from '../support/eventually';
import { startTraceCollector, type TraceCollector } from '../support/trace-collector';

/** Every form in which a secret could have slipped into a text. */
const formsOf = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  // base64 of a longer text that holds the secret begins at any of three offsets
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(pad === 0 ? 0 : 4, -4),
  );
  const hex = bytes.toString('hex');
  return [secret, hex, hex.toUpperCase(), ...base64, encodeURIComponent(secret)];
};

const found = (text: string, secret: string): string[] => formsOf(secret).filter((form) => text.includes(form));

let collector: TraceCollector;
beforeAll(async () => {
  collector = await startTraceCollector();
});
afterAll(() => collector?.stop());

describeOnBothQueues(
  'a canary credential',
  (application) => {
    it('is found in no log, answer, queue, trace or table, whatever it goes through', async () => {
      const { sandbox, config, logs, app, url } = application();
      const clinic = await makeClinic(application(), { sizes: { patients: 5, '*': 0 } });
      // the queue makes its tables when it likes: once it has done a job they are there to be recorded
      const earlier = await makeClinic(application(), { sizes: { '*': 0 } });
      await earlier.activate().expect(200);
      expect(await earlier.settled()).toBe('succeeded');
      const written = await recordWrites(config.database.url);
      const commands = config.redisUrl ? await recordCommands(config.redisUrl) : null;
      const simulator = sandbox.practicehub;
      const answers: unknown[] = [];
      const secrets: string[] = [];
      const canary = () => {
        const apiKey = `acct-canary${randomBytes(12).toString('hex')}`;
        simulator.addAccount({ apiKey, sizes: { patients: 5, '*': 0 }, settings: { ratePerSecond: 0 } });
        secrets.push(apiKey);
        return { ...clinic.credentials, apiKey };
      };
      const call = async (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object) => {
        const answer = await clinic.call(method, path, body);
        answers.push(answer.body, answer.headers);
        return answer;
      };
      const expectStatus = async (status: number, ...asked: Parameters<typeof call>) => {
        const answer = await call(...asked);
        expect({ asked: asked.slice(0, 2), status: answer.status }).toEqual({ asked: asked.slice(0, 2), status });
        return answer.body;
      };
      const look = async () => {
        for (const path of ['', '/sync-states', '/sync-logs', '/explain', '/pipeline-events']) await call('get', path);
      };
      /** Everything that is sealed or opened meanwhile fails where nobody expects it. */
      const withoutTheSecretsTable = async (work: () => Promise<void>) => {
        const db = new Client({ connectionString: config.database.url });
        await db.connect();
        try {
          await db.query('ALTER TABLE sealed_secrets RENAME TO sealed_secrets_away');
          await work();
        } finally {
          await db.query('ALTER TABLE sealed_secrets_away RENAME TO sealed_secrets');
          await db.end();
        }
      };

      const wrong = `wrong-${randomBytes(16).toString('hex')}`;
      secrets.push(wrong);
      await call('post', '/test', { credentials: { ...clinic.credentials, apiKey: wrong } });
      await call('post', '/activate', { credentials: { ...clinic.credentials, apiKey: wrong } });
      await call('post', '/activate', { credentials: { apiKey: wrong, baseUrl: `https://${wrong}@example.org` } });
      await call('post', '/activate', { credentials: { apiKey: wrong, baseUrl: 7 }, colour: wrong });
      const first = canary();
      await withoutTheSecretsTable(async () => {
        await expectStatus(500, 'post', '/activate', { credentials: first });
      });
      await expectStatus(200, 'post', '/test', { credentials: first });
      await expectStatus(200, 'post', '/activate', { credentials: first });
      expect(await clinic.settled()).toBe('succeeded');
      const { jobId: runId } = await expectStatus(200, 'post', '/sync', {});
      expect(await clinic.settled()).toBe('succeeded');

      const noEntry = { message: `no entry for ${first.apiKey}` };
      simulator.addFaults([{ kind: 'status', status: 500, body: noEntry }]);
      await expectStatus(200, 'post', '/sync', {});
      expect(await clinic.settled()).toBe('failed');
      await look();
      const [log] = (await expectStatus(200, 'get', '/sync-logs?status=failed')).data;
      await expectStatus(200, 'post', `/sync-logs/${log.id}/retry`);
      expect(await clinic.settled()).toBe('failed');
      simulator.clearFaults();
      await withoutTheSecretsTable(async () => {
        await expectStatus(200, 'post', '/sync', {});
        expect(await clinic.settled()).toBe('failed');
        await expectStatus(500, 'put', '/credentials', { credentials: canary() });
      });
      simulator.addFaults([{ kind: 'status', status: 403, body: noEntry }]);
      await expectStatus(200, 'post', '/sync', {});
      expect(await clinic.settled()).toBe('failed');
      simulator.clearFaults();
      await look();

      await expectStatus(200, 'put', '/credentials', { credentials: canary() });
      await clinic.settled();
      const rotation = app.get(VaultRotation, { strict: false });
      const { id } = await rotation.start({ mode: 'reencrypt', requestedBy: 'test' });
      expect(await rotation.run(id)).toMatchObject({ state: 'done', failures: [] });
      await call('put', '/credentials', { credentials: { ...clinic.credentials, apiKey: wrong } });
      await expectStatus(200, 'post', '/credentials/rollback');
      await clinic.settled();
      await look();
      await expectStatus(200, 'post', '/deactivate');
      await fetch(`${url}/health`);

      const spans = (name: string) => collector.spans.filter((span) => span.name === name);
      await eventually(() => expect(spans('POST /v2/integrations/:provider/deactivate')).not.toEqual([]), 20_000);
      const sinks: Record<string, string> = {
        answers: JSON.stringify(answers),
        logs: logs.join('\n'),
        metrics: await (await fetch(`${url}/metrics`)).text(),
        database: await databaseDump(config.database.url),
        writes: await written(),
        traces: collector.raw.join('\n'),
        environment: JSON.stringify(process.env),
        ...(config.redisUrl ? { redis: await redisDump(config.redisUrl) } : {}),
        ...(commands ? { commands: await commands.read() } : {}),
      };
      commands?.stop();
      for (const [sink, text] of Object.entries(sinks)) {
        for (const secret of secrets) expect([sink, found(text, secret)]).toEqual([sink, []]);
      }
      // what was looked through is what was meant: each sink holds what is no secret of what happened
      for (const sink of ['answers', 'database', 'writes', 'traces', ...(commands ? ['commands'] : [])]) {
        expect([sink, sinks[sink]!.includes(runId)]).toEqual([sink, true]);
      }
      expect(sinks['metrics']).toContain('interlock_');
      if (config.redisUrl) expect(sinks['redis']).toContain('bull');
      else
        expect(sinks['writes']!.split('\n').some((line) => /^bullmq\./.test(line) && line.includes(runId))).toBe(true);
      expect(sinks['logs']).toContain('"level":"debug"');
      expect(sinks['logs']).toContain('relation \\"sealed_secrets\\" does not exist');
    }, 120_000);
  },
  {
    environment: {
      // read when the application starts: the collector listens by then
      get OTEL_EXPORTER_OTLP_ENDPOINT() {
        return collector.url;
      },
    },
  },
);

import { randomBytes } from 'node:crypto';
import { describeOnBothQueues } from '../support/app';
import { makeClinic } from '../support/clinic';
import { databaseDump, redisDump } from '../support/dumps';

/** Every form in which a secret could have slipped into a text. */
const formsOf = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  // base64 of a longer text that holds the secret begins at any of three offsets
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(pad === 0 ? 0 : 4, -4),
  );
  return [secret, bytes.toString('hex'), ...base64, encodeURIComponent(secret)];
};

const found = (text: string, secret: string): string[] => formsOf(secret).filter((form) => text.includes(form));

describeOnBothQueues('a canary credential', (application) => {
  it('is found in no log, answer, queue or table, whatever it goes through', async () => {
    const { sandbox, config, logs, app } = application();
    const clinic = await makeClinic(application(), { sizes: { patients: 5, '*': 0 } });
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

    const wrong = `wrong-${randomBytes(16).toString('hex')}`;
    secrets.push(wrong);
    await call('post', '/test', { credentials: { ...clinic.credentials, apiKey: wrong } });
    await call('post', '/activate', { credentials: { ...clinic.credentials, apiKey: wrong } });
    await call('post', '/activate', { credentials: { apiKey: wrong, baseUrl: `https://${wrong}@example.org` } });
    await call('post', '/activate', { credentials: { apiKey: wrong, baseUrl: 7 }, colour: wrong });
    const first = canary();
    expect((await call('post', '/activate', { credentials: first })).status).toBe(200);
    expect(await clinic.settled()).toBe('succeeded');
    for (const status of [500, 403]) {
      simulator.addFaults([{ kind: 'status', status, body: { message: `no entry for ${first.apiKey}` } }]);
      await call('post', '/sync', {});
      expect(await clinic.settled()).toBe('failed');
      simulator.clearFaults();
      await call('get', '');
      await call('get', '/sync-logs');
      await call('get', '/explain');
    }
    expect((await call('put', '/credentials', { credentials: canary() })).status).toBe(200);
    await clinic.settled();
    await call('put', '/credentials', { credentials: { ...clinic.credentials, apiKey: wrong } });
    expect((await call('post', '/credentials/rollback')).status).toBe(200);
    await clinic.settled();
    expect((await call('post', '/deactivate')).status).toBe(200);

    const sinks: Record<string, string> = {
      answers: JSON.stringify(answers),
      logs: logs.join('\n'),
      metrics: await (await fetch(`${application().url}/metrics`)).text(),
      database: await databaseDump(config.database.url),
      environment: JSON.stringify(process.env),
      ...(config.redisUrl ? { redis: await redisDump(config.redisUrl) } : {}),
    };
    expect(app).toBeDefined();
    for (const [sink, text] of Object.entries(sinks)) {
      for (const secret of secrets) expect([sink, found(text, secret)]).toEqual([sink, []]);
    }
    // the search itself works: what is no secret is found
    expect(found(sinks['database']!, clinic.merchantId)).not.toEqual([]);
  }, 90_000);
});

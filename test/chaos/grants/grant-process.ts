import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { IntegrationRepository, ProviderSession } from '../../../src/integrations';
import { ProviderFailure } from '../../../src/platform/outbound';
import { openContext } from '../../support/context';

/** What a process has met: each line is one, and there is none for a token that served. */
export interface Met {
  readonly integrationId: string;
  readonly verdict: string;
  readonly message: string;
}

/** A process that asks for the tokens of all grants, in no order, and is not told that it will be killed. */
async function main(): Promise<void> {
  const { GRANTS, PROVIDER_URL, ...environment } = process.env as Record<string, string>;
  const app = await openContext(environment);
  const sessions = app.get(ProviderSession, { strict: false });
  const integrations = app.get(IntegrationRepository, { strict: false });
  const ids = GRANTS!.split(',');
  const { signal } = new AbortController();
  process.stdout.write('begun\n');
  for (;;) {
    const integrationId = ids[Math.floor(Math.random() * ids.length)]!;
    try {
      const integration = (await integrations.findById(integrationId))!;
      const { call } = await sessions.open(integration, 'chaos', { signal });
      const token = await call.accessToken!(null);
      // a token of two seconds may end on its way
      const serves = (bearer: string) =>
        fetch(`${PROVIDER_URL}/me`, { headers: { authorization: `Bearer ${bearer}` } }).then(({ ok }) => ok);
      if (!(await serves(token))) await call.accessToken!(token);
    } catch (error) {
      const verdict = error instanceof ProviderFailure ? error.verdict : 'none';
      const met: Met = { integrationId, verdict, message: error instanceof Error ? error.message : String(error) };
      process.stdout.write(`${JSON.stringify(met)}\n`);
    }
    await sleep(Math.random() * 100);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

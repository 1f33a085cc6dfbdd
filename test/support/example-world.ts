import { ProviderRegistry } from '../../src/providers';
import { adminToken } from './admin';
import type { TestApp } from './app';
import { makeClinic, type Clinic } from './clinic';
import { eventually } from './eventually';

/** What the documents call everything that has an id of ours. */
export const EXAMPLE_ID = '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55';
const HOST = 'https://yourclinic.practicehub.io';
const KEY = 'ph_8c1f2d4e6a8b';
/** How the simulator calls the account of that key. */
const ACCOUNT = 'acct-example';

/** An installation in which the things that the examples name exist. */
export interface ExampleWorld {
  readonly clinic: Clinic;
  readonly adminToken: string;
  /** The integration is active under the id that the examples name, and an earlier credential can be restored. */
  active(): Promise<void>;
  inactive(): Promise<void>;
  /** No run is live any more. */
  settled(): Promise<void>;
  /** What has this id gets the one that the examples name. */
  name(id: string): Promise<void>;
}

export async function makeExampleWorld(running: TestApp): Promise<ExampleWorld> {
  leadTheHostToTheSimulator(running);
  const clinic = await makeClinic(running, { sizes: { '*': 0 } });
  const { sql, call } = clinic;
  const { practicehub } = running.sandbox;
  const sizes = { patients: 3, payment_methods: 8, patient_packages: 1, invoices: 2, payments: 2, '*': 1 };
  practicehub.addAccount({ apiKey: ACCOUNT, sizes, settings: { ratePerSecond: 0 } });

  const name = async (id: string): Promise<void> => {
    const columns = await sql<{ table: string; column: string }>(
      `SELECT quote_ident(c.relname) AS table, quote_ident(a.attname) AS column FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND NOT c.relispartition AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped`,
    );
    const updates = columns.map(
      ({ table, column }) => `UPDATE ${table} SET ${column} = '${EXAMPLE_ID}' WHERE ${column} = '${id}';`,
    );
    // references and guarded tables too: their triggers are left out
    await sql(`BEGIN; SET LOCAL session_replication_role = replica; ${updates.join(' ')} COMMIT;`);
  };
  // the clinic asks for its runs by the id that its merchant had
  const settled = async () => {
    await eventually(async () => {
      expect(await sql(`SELECT 1 FROM sync_runs WHERE state IN ('queued', 'running', 'waiting')`)).toEqual([]);
    }, 30_000);
  };
  const credentials = { apiKey: KEY, baseUrl: HOST };
  const current = async () => (await call('get', '').expect(200)).body.data;
  const sealAgain = async () => {
    await call('put', '/credentials', { credentials }).expect(200);
    await settled();
  };

  await name(clinic.merchantId);
  await sql(`INSERT INTO nodes (id, name, type, path) VALUES ($1, 'Northside', 'organization', $2)`, [
    EXAMPLE_ID,
    `/${EXAMPLE_ID}/`,
  ]);
  return {
    clinic,
    adminToken: await adminToken(running, 'admin'),
    name,
    settled,
    inactive: async () => {
      if ((await current())?.isActive) await call('post', '/deactivate').expect(200);
    },
    active: async () => {
      if (!(await current())?.isActive)
        await call('post', '/activate', { credentials, pushPayments: true }).expect(200);
      await settled();
      const { id } = await current();
      if (id === EXAMPLE_ID) return;
      await name(id);
      // sealed for an integration of another id, the credentials cannot be opened any more: nor can the earlier ones
      await sealAgain();
      await sealAgain();
    },
  };
}

/** Stands in for the name server, the certificate and the key of the example's account. */
function leadTheHostToTheSimulator({ app, sandbox, sandboxUrl }: TestApp): void {
  const adapter = app.get(ProviderRegistry, { strict: false }).get('practicehub').adapter;
  const normalise = adapter.normaliseCredentials.bind(adapter);
  const origin = `${sandboxUrl}${sandbox.credentials.practicehub.path}`;
  jest
    .spyOn(adapter, 'normaliseCredentials')
    .mockImplementation((input, environment) =>
      normalise(
        { ...input, apiKey: input.apiKey!.replace(KEY, ACCOUNT), baseUrl: input.baseUrl.replace(HOST, origin) },
        environment,
      ),
    );
}

import { describeOnBothQueues } from '../support/app';
import { makeClinic } from '../support/clinic';
import { databaseDump, redisDump } from '../support/dumps';

/**
 * What a practice knows of a patient and nobody needs to bill one, under names that the provider uses or might use one
 * day.
 */
const CLINICAL = {
  notes: 'CLINICAL-NOTE reports pain',
  medical_history: 'CLINICAL-HISTORY',
  medications: ['CLINICAL-MEDICATION', { name: 'CLINICAL-MEDICATION-2', dose: 'CLINICAL-DOSE' }],
  allergies: 'CLINICAL-ALLERGY',
  diagnosis: { code: 'CLINICAL-M54', text: 'CLINICAL-DIAGNOSIS' },
  nhs_number: 'CLINICAL-NHS',
  date_of_birth: 'CLINICAL-BIRTH',
  gender: 'CLINICAL-GENDER',
  occupation: 'CLINICAL-OCCUPATION',
  emergency_contact: { name: 'CLINICAL-CONTACT', phone: 'CLINICAL-PHONE' },
  gp: { name: 'CLINICAL-GP' },
  referral: 'CLINICAL-REFERRAL',
  custom_fields: [{ label: 'CLINICAL-LABEL', value: 'CLINICAL-VALUE' }],
  treatment_plan: 'CLINICAL-PLAN',
};

describeOnBothQueues('a patient full of clinical fields', (application) => {
  it('leaves none of them in a table, a queue, a log or an answer, whatever becomes of the row', async () => {
    const { sandbox, config, logs, url } = application();
    const clinic = await makeClinic(application(), { sizes: { patients: 12, invoices: 6, payments: 4, '*': 2 } });
    const simulator = sandbox.practicehub;
    const { accountKey: apiKey } = clinic;
    const change = (resource: string, id: number, fields: object) =>
      simulator.change({ resource, ids: [id], fields: { ...CLINICAL, ...fields }, apiKey });
    const answers: unknown[] = [];
    const read = async (path: string) => answers.push((await clinic.call('get', path).expect(200)).body);

    change('patients', 1, { first_name: 'Billable', last_name: 'Person' });
    // rows that are set aside: in a field that is read, and in the one that names the row
    change('patients', 2, { email: { home: 'CLINICAL-QUARANTINE' } });
    change('patients', 3, { active: 'CLINICAL-ACTIVE' });
    change('invoices', 1, { total: 'CLINICAL-TOTAL', description: 'CLINICAL-TREATMENT', notes: 'CLINICAL-INVOICE' });
    change('invoices', 2, { status: 'sent', description: 'CLINICAL-TREATMENT' });
    change('payments', 1, { note: 'CLINICAL-PAYMENT', service: 'CLINICAL-SERVICE' });
    await clinic.activate({ invoiceLookbackDays: 3650 }).expect(200);
    await clinic.settled();
    // one that changes, one that goes, and failures that speak of it
    change('patients', 1, { last_name: 'Person-Changed' });
    simulator.delete({ resource: 'patients', ids: [4], apiKey });
    await clinic.sync({ fullResync: true });
    for (const rule of [
      { kind: 'status', status: 422, body: { patient: CLINICAL, data: [CLINICAL] } },
      { kind: 'wrong-json', body: { data: { patient: CLINICAL } } },
      { kind: 'html', status: 500, body: '<p>CLINICAL-PAGE</p>' },
    ] as const) {
      simulator.addFaults([{ ...rule, match: { path: '/patients', apiKey } }]);
      await clinic.sync();
      simulator.clearFaults();
    }
    await clinic.call('put', '/sync-toggle', { enabled: true });
    for (const path of ['', '/sync-logs', '/sync-states', '/explain', '/records/customers', '/records/invoices']) {
      await read(path);
    }
    await read('/unmapped-attempts');

    const stored = await clinic.records('customers');
    expect(stored.find(({ externalId }) => externalId === '1')!.data).toMatchObject({
      name: 'Billable Person-Changed',
    });
    const quarantined = await clinic.sql(
      `SELECT q.* FROM sync_quarantine q JOIN integrations i ON i.id = q.integration_id WHERE i.merchant_id = $1`,
      [clinic.merchantId],
    );
    expect(quarantined.length).toBeGreaterThanOrEqual(3);
    const sinks: Record<string, string> = {
      database: await databaseDump(config.database.url),
      answers: JSON.stringify(answers),
      logs: logs.join('\n'),
      metrics: await (await fetch(`${url}/metrics`)).text(),
      ...(config.redisUrl ? { redis: await redisDump(config.redisUrl) } : {}),
    };
    for (const [sink, text] of Object.entries(sinks))
      expect([sink, /CLINICAL[\w-]*/.exec(text)?.[0]]).toEqual([sink, undefined]);
    // the search itself works: what may be kept is found
    expect(sinks['database']).toContain('Person-Changed');
    expect(JSON.stringify(simulator.truth({ resource: 'patients', ids: [1], apiKey }))).toContain('CLINICAL-DOSE');
  }, 120_000);
});

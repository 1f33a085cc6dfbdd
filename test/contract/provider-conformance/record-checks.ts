import assert from 'node:assert/strict';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { BUILT_IN_CATALOGUE, isBadRow, type GoodRow, type ResourceType } from '../../../src/providers';
import { createAdapter } from '../../../src/providers/adapters';
import { goodRow, type Check } from './bench';
import type { ConformanceSubject } from './subject';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The members that a record may have, and no others; from the contract's page. */
const MEMBERS: Readonly<Record<ResourceType, readonly string[]>> = {
  customers: ['name', 'firstName', 'lastName', 'email', 'phone', 'address', 'externalReference', 'active'],
  products: [
    ...['name', 'kind', 'amountMinor', 'currency', 'interval', 'visits', 'active', 'customerExternalId'],
    ...['customerExternalIds', 'planKey'],
    ...['packageType', 'chargeType', 'publicName'],
  ],
  invoices: [
    ...[
      'number',
      'customerExternalId',
      'status',
      'statusSource',
      'currency',
      'totalMinor',
      'balanceMinor',
      'refundedMinor',
      'issuedAt',
      'dueAt',
      'lines',
    ],
  ],
  payments: [
    ...['invoiceExternalId', 'customerExternalId', 'amountMinor', 'currency', 'method', 'paidAt', 'status', 'origin'],
    ...['refundedMinor', 'cardLast4', 'cardScheme'],
  ],
  devices: ['name', 'serial', 'platform', 'status', 'lastSeenAt'],
};

const ENUMS: Readonly<Record<string, readonly unknown[]>> = {
  'products.kind': ['product', 'service', 'package', 'membership'],
  'invoices.status': ['draft', 'open', 'partial', 'overdue', 'paid', 'void', 'refunded', 'unknown'],
  'invoices.statusSource': ['provider', 'derived', 'unknown'],
  'payments.status': ['paid', 'refunded', 'void'],
  'payments.origin': ['provider', 'interlock'],
  'devices.status': ['online', 'offline', 'pairing'],
};

function expectRecordOf(resource: ResourceType, row: GoodRow): void {
  const record = row.record as unknown as Record<string, unknown>;
  const where = `${resource} ${row.externalId}`;
  for (const [member, value] of Object.entries(record)) {
    assert.ok(MEMBERS[resource].includes(member), `${where}: ${member} is none of the contract’s members`);
    assert.notEqual(value, undefined, `${where}: ${member} is undefined`);
    if (member.endsWith('Minor')) assert.ok(value === null || Number.isSafeInteger(value), `${where}: ${member}`);
    if (member.endsWith('At') && value !== null) assert.match(String(value), ISO, `${where}: ${member}`);
    if (member === 'currency') assert.match(String(value), /^[A-Z]{3}$/, where);
    if (typeof value === 'string') assert.ok(value !== '' && value.length <= 500, `${where}: ${member}`);
    const allowed = ENUMS[`${resource}.${member}`];
    if (allowed !== undefined) assert.ok(allowed.includes(value), `${where}: ${member} is ${String(value)}`);
  }
  for (const member of MEMBERS[resource].slice(0, 5)) assert.ok(member in record, `${where}: ${member} is missing`);
  assert.match(row.externalId, /^[\w:.~-]{1,128}$/);
  assert.ok(row.store === 'always' || row.store === 'if_known');
  assert.doesNotThrow(() => structuredClone(row));
}

const hasMoney = ({ provider }: ConformanceSubject) =>
  createAdapter(provider).streams.some(({ resource }) => resource !== 'customers' && resource !== 'devices');

function moneyOf({ money }: ConformanceSubject): NonNullable<ConformanceSubject['money']> {
  assert.ok(money !== undefined, 'the subject says nothing of money, and a stream has some');
  return money;
}

export const recordChecks: readonly Check[] = [
  {
    name: 'every record has the contract’s members and types, and no others',
    async run(bench) {
      for (const { key, resource } of bench.adapter.streams) {
        const { rows } = await bench.scan(key);
        assert.ok(rows.length > 0, key);
        for (const row of rows) {
          assert.ok(!isBadRow(row), `${key} ${row.externalId}: ${'reason' in row ? `${row.path} ${row.reason}` : ''}`);
          expectRecordOf(resource, row);
        }
      }
    },
  },
  {
    name: 'the catalogue says what is true of the provider',
    async run(bench) {
      const entry = BUILT_IN_CATALOGUE[bench.subject.provider];
      assert.match(entry.docsUrl, /^https:\/\//);
      const places = [new URL(entry.docsUrl).hostname, ...(entry.liveHostSuffixes ?? [])];
      assert.doesNotMatch(places.join(), /\.invalid\b/, 'FILL IN catalogue.ts: docsUrl, liveHostSuffixes, rate');
      const ajv = addFormats(new Ajv({ strict: true, allErrors: true }));
      const { credentials } = bench.call();
      const validate = ajv.compile(entry.credentialSchema);
      assert.ok(validate(credentials), ajv.errorsText(validate.errors));
      assert.ok(!validate({ ...credentials, password: 'x' }), 'fields that nobody asks for are let through');
      assert.ok(entry.rate.perSecond > 0 && entry.rate.burst >= 1 && entry.minimumIntervalMinutes >= 5);
    },
  },
  {
    name: 'money is exact, however the provider writes it',
    applies: hasMoney,
    async run(bench) {
      const { stream, field, values, read } = moneyOf(bench.subject);
      for (const [raw, minor] of values) {
        const id = bench.change(stream, { [field]: raw });
        assert.equal(read(goodRow(await bench.scan(stream), id)), minor, `${String(raw)}`);
      }
    },
  },
  {
    name: 'money that lies between two units is not rounded away',
    applies: hasMoney,
    async run(bench) {
      const { stream, field } = moneyOf(bench.subject);
      const id = bench.change(stream, { [field]: '44.005' });
      const row = (await bench.scan(stream)).rows.find(({ externalId }) => externalId === id)!;
      assert.ok(isBadRow(row));
    },
  },
  {
    name: 'times without a zone are read in the merchant’s',
    applies: ({ zoneless }) => zoneless !== undefined,
    async run(bench) {
      const { stream, field, read } = bench.subject.zoneless!;
      const id = bench.change(stream, { [field]: '2026-07-01 10:00:00' });
      for (const [timezone, utc] of [
        ['Europe/London', '2026-07-01T09:00:00.000Z'],
        ['America/New_York', '2026-07-01T14:00:00.000Z'],
        [null, '2026-07-01T10:00:00.000Z'],
      ] as const) {
        const scan = await bench.scan(stream, {}, { call: bench.call({ settings: { timezone } }) });
        assert.equal(read(goodRow(scan, id)), utc, String(timezone));
      }
    },
  },
  {
    name: 'a row that cannot be understood is set aside by field, and stops no other',
    async run(bench) {
      const { fields, path } = bench.subject.bad('CANARY-VALUE');
      const key = bench.subject.mainStream;
      const id = bench.change(key, fields);
      const { rows, ids } = await bench.scan(key);
      const bad = rows.filter(isBadRow);
      assert.deepEqual(
        bad.map((row) => [row.externalId, row.path]),
        [[id, path]],
      );
      assert.match(bad[0]!.rowDigest, /^[0-9a-f]{64}$/);
      assert.equal(ids.length, bench.expectedIds(key).length);
    },
  },
  {
    name: 'what is set aside can be told from what it was yesterday',
    async run(bench) {
      const key = bench.subject.mainStream;
      const digestOf = async () => (await bench.scan(key)).rows.filter(isBadRow).map(({ rowDigest }) => rowDigest);
      bench.change(key, bench.subject.bad('ONE').fields);
      const [first] = await digestOf();
      assert.deepEqual(await digestOf(), [first]);
      bench.change(key, bench.subject.bad('TWO').fields);
      assert.notDeepEqual(await digestOf(), [first]);
    },
  },
  {
    name: 'things that are no rows at all are set aside too',
    async run(bench) {
      bench.fault({
        kind: 'status',
        status: 200,
        body: bench.subject.wrap([null, 'x', 5, [], {}, { id: null }]),
        times: 1,
      });
      const { rows } = await bench.page();
      assert.deepEqual(
        rows.map((row) => isBadRow(row)),
        [true, true, true, true, true, true],
      );
    },
  },
  {
    name: 'odd but honest rows pass: unknown fields, endless texts, control characters',
    async run(bench) {
      const key = bench.subject.mainStream;
      const id = bench.change(key, bench.subject.odd('CANARY-ODD'));
      const row = goodRow(await bench.scan(key), id);
      expectRecordOf(bench.main.resource, row);
      assert.ok(!JSON.stringify(row).includes('\\u0000'));
    },
  },
  {
    name: 'the currency is the merchant’s where the row names none',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        const { rows } = await bench.scan(key, {}, { call: bench.call({ settings: { currency: 'USD' } }) });
        for (const row of rows) {
          if ('record' in row && 'currency' in row.record) assert.ok(['USD', 'GBP'].includes(row.record.currency), key);
        }
      }
    },
  },
];

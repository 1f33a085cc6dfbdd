import { createHash } from 'node:crypto';
import { stubCall, StubHttp } from '../../../test/contract/provider-stub';
import { adapter, BASE, listOf, page, streamOf } from '../../../test/contract/wodify-pages';
import type { GoodRow } from '../provider';
import type { CustomerRecord, ProductRecord } from '../records';

describe('credentials', () => {
  it.each([
    'https://api.wodify.com',
    'https://api.wodify.com/',
    'https://api.wodify.com/v1',
    'https://api.wodify.com/v1/v1/',
  ])('%s becomes the base with exactly one /v1', (baseUrl) => {
    expect(adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live')).toEqual({ apiKey: 'k', baseUrl: BASE });
  });

  it('live: only hosts of Wodify', () => {
    for (const baseUrl of ['https://wodify.com.evil.com', 'https://notwodify.com', 'https://wodify.com']) {
      expect(() => adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live')).toThrow(
        'must be a host of the provider',
      );
    }
  });

  it('the account is its locations, in whatever order they come', async () => {
    const account = async (ids: number[]) => {
      const http = new StubHttp(() =>
        listOf(
          'locations',
          ids.map((id) => ({ id })),
        ),
      );
      return (await adapter.testCredentials(stubCall(http, BASE))).accountId;
    };
    expect(await account([1, 2])).toBe(await account([2, 1]));
    expect(await account([1, 2])).not.toBe(await account([12]));
    expect(await account([1, 2])).toBe('locations:1,2');
  });
});

describe('an error inside a 200', () => {
  it.each([
    [401, 'auth'],
    [403, 'permission'],
    [429, 'rate_limited'],
    [500, 'provider_down'],
    ['503', 'provider_down'],
    [400, 'contract'],
  ])('HTTPCode %p is %s', async (HTTPCode, verdict) => {
    await expect(page('clients', () => ({ body: { HTTPCode, UserMessage: 'no' } }))).rejects.toMatchObject({ verdict });
  });

  it('an ErrorCode that is no text is an error all the same', async () => {
    const odd = { ErrorCode: JSON.parse('{"toString":1}') as object };
    await expect(page('clients', () => ({ body: odd }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('HTTPCode 404 on a single row is gone, on a list it is a broken promise', async () => {
    const call = stubCall(new StubHttp(() => ({ body: { HTTPCode: 404 } })), BASE);
    expect(await streamOf('clients').fetchOne!(call, '7')).toBe('gone');
    expect(await streamOf('invoices').fetchOne!(call, '7')).toBe('gone');
    await expect(page('clients', () => ({ body: { HTTPCode: 404 } }))).rejects.toMatchObject({ verdict: 'contract' });
  });

  it('HTTPCode 200 is none', async () => {
    expect((await page('clients', () => ({ body: { HTTPCode: 200, clients: [], pagination: {} } }))).rows).toEqual([]);
  });
});

describe('errors in other forms', () => {
  it.each<[string, object, string]>([
    ['an ErrorCode alone', { ErrorCode: 'InvalidRequest', UserMessage: 'no' }, 'contract'],
    ['an ErrorCode alone, of a key', { ErrorCode: 'Unauthorized' }, 'auth'],
    ['an ErrorCode alone, of too many calls', { ErrorCode: 'TooManyRequests' }, 'rate_limited'],
    ['an ErrorCode that is a status', { ErrorCode: '503' }, 'provider_down'],
    ['the other envelope', { APIError: { ErrorMessage: 'no' } }, 'contract'],
  ])('%s inside a 200', async (_what, body, verdict) => {
    await expect(page('clients', () => ({ body }))).rejects.toMatchObject({ verdict });
  });

  it('an empty ErrorCode is none', async () => {
    expect((await page('clients', () => ({ body: { ErrorCode: '', clients: [], pagination: {} } }))).rows).toEqual([]);
  });

  it('an unknown path is no missing permission', async () => {
    const answer = () => ({ status: 403, body: { message: 'Missing Authentication Token' } });
    await expect(page('clients', answer)).rejects.toMatchObject({ verdict: 'contract' });
    await expect(adapter.testCredentials(stubCall(new StubHttp(answer), BASE))).rejects.toMatchObject({
      verdict: 'configuration',
    });
    const denied = () => ({ status: 403, body: { message: 'Forbidden' } });
    await expect(page('clients', denied)).rejects.toMatchObject({ verdict: 'permission' });
  });
});

describe('paging', () => {
  it('goes on while has_more says so, and nothing counts', async () => {
    const first = await page('clients', () => listOf('clients', [{ id: 1 }], true));
    expect(first.asked[0]!.query.toString()).toBe('page=1&page_size=100');
    expect(first).toMatchObject({ next: '2~', total: null });
    expect((await page('clients', () => listOf('clients', [{ id: 2 }]), { position: '2' })).next).toBeNull();
  });

  it.each<[string, unknown]>([
    ['another resource’s array', { memberships: [], pagination: {} }],
    ['nothing', {}],
    ['an end in another form', { clients: [], pagination: { has_more: 'false' } }],
  ])('%s is no page', async (_name, body) => {
    await expect(page('clients', () => ({ body }))).rejects.toMatchObject({ verdict: 'contract' });
  });
});

describe('clients', () => {
  const since = new Date('2026-07-10T12:00:00Z');

  it('are searched by time of change, which goes without quotes', async () => {
    const { asked } = await page('clients', () => listOf('clients', []), { scan: 'incremental', since });
    expect(asked[0]!.path).toBe('/v1/clients/search');
    expect(asked[0]!.query.get('q')).toBe('updated_on_datetime|gte|2026-07-10T12:00:00Z');
  });

  it('an ignored search is noticed', async () => {
    const old = { id: 1, updated: { updated_on_datetime: '2024-01-01T00:00:00Z' } };
    expect((await page('clients', () => listOf('clients', [old]), { scan: 'incremental', since })).filterIgnored).toBe(
      true,
    );
    const never = { id: 1, updated: { updated_on_datetime: '1900-01-01T00:00:00Z' } };
    expect(
      (await page('clients', () => listOf('clients', [never]), { scan: 'incremental', since })).filterIgnored,
    ).toBeUndefined();
  });

  it.each([
    ['United States', '(415) 555-2671', '+14155552671'],
    ['GB', '07700 900001', '+447700900001'],
    [null, '07700 900001', '07700 900001'],
  ])('in %s have a telephone number of that country', async (country, phone_number, phone) => {
    const { rows } = await page('clients', () => listOf('clients', [{ id: 12, country, phone_number }]));
    expect(rows).toMatchObject([{ record: { phone } }]);
  });

  it('become customers with billing-safe fields only', async () => {
    const { rows } = await page('clients', () =>
      listOf('clients', [
        {
          id: 12,
          first_name: 'Jane',
          last_name: 'Doe',
          email: '',
          phone_number: '07700 900001',
          client_status: 'Inactive',
          street_address_1: '1 High St',
          zipcode: 'LS1 1AA',
          state: '',
          province: 'Kent',
          date_of_birth: 'PRIVATE',
          emergency_contact: 'PRIVATE',
          medical_notes: 'PRIVATE',
          updated: { updated_on_datetime: '1900-01-01T00:00:00Z' },
        },
      ]),
    );
    expect(JSON.stringify(rows)).not.toContain('PRIVATE');
    expect(rows[0]).toMatchObject({ externalId: '12', sourceUpdatedAt: null });
    expect((rows[0] as GoodRow).record as CustomerRecord).toMatchObject({
      name: 'Jane Doe',
      email: null,
      active: false,
      address: { line1: '1 High St', postalCode: 'LS1 1AA', region: 'Kent', city: null },
    });
  });
});

describe('memberships', () => {
  const membership = async (more: object) => {
    const row = { id: 70, client_id: 12, name: 'Monthly', is_active: true, is_deleted: false, ...more };
    return (await page('memberships', () => listOf('memberships', [row]))).rows[0] as GoodRow & {
      record: ProductRecord;
    };
  };

  const plan = {
    membership_type: 'Class Plan',
    payment_plan: {
      payment_plan_name: 'Monthly',
      is_auto_renew: true,
      initial_payment_option: { initial_payment_option_type: 'Recurring', initial_cost: 49.5 },
      renewal_payment_option: { renewal_payment_option_type: 'Recurring', renewal_cost: 1.1 * 3 },
      initial_commitment_length: 1,
      initial_commitment_time_unit: 'Months',
    },
    end_date: '1900-01-01',
  };

  it('become the product that one client holds', async () => {
    expect(await membership(plan)).toMatchObject({
      externalId: 'membership:70',
      store: 'always',
      record: { kind: 'membership', customerExternalId: '12', amountMinor: 4950, interval: '1 Months', active: true },
    });
    expect((await membership({})).record).toMatchObject({ amountMinor: null, interval: null });
    expect((await membership({ payment_plan: null })).record).toMatchObject({ amountMinor: null, interval: null });
  });

  it.each<[string, object, number]>([
    ['a first period', { renewed_from_membership_id: null }, 4950],
    ['a first period, said with 0', { renewed_from_membership_id: 0 }, 4950],
    ['a renewal', { renewed_from_membership_id: 69 }, 330],
  ])('of %s the price is that of its period', async (_what, more, amountMinor) => {
    expect((await membership({ ...plan, ...more })).record.amountMinor).toBe(amountMinor);
  });

  it('rows of one plan say so: by name, type and prices', async () => {
    const key = async (more: object) => (await membership({ ...plan, ...more })).record.planKey;
    const own = await key({});
    expect(await key({ id: 71, client_id: 13, renewed_from_membership_id: 70, is_active: false })).toBe(own);
    for (const more of [{ name: 'Yearly' }, { membership_type: 'Class Pack' }, { payment_plan: null }]) {
      expect(await key(more)).not.toBe(own);
    }
  });

  it('a deleted one is stored, and is not active', async () => {
    expect(await membership({ is_deleted: true })).toMatchObject({ store: 'always', record: { active: false } });
  });

  it('are asked for one by one under their own id', async () => {
    const http = new StubHttp(() => ({ body: { id: 70, name: 'x' } }));
    expect(await streamOf('memberships').fetchOne!(stubCall(http, BASE), 'membership:70')).toMatchObject({
      externalId: 'membership:70',
    });
    expect(http.asked[0]!.path).toBe('/v1/memberships/70');
  });
});

describe('the identity of a gym', () => {
  const digest = (...ids: string[]) => createHash('sha256').update(ids.sort().join('\n')).digest('hex');

  it.each<[string, string, string, boolean]>([
    ['the same locations', 'locations:1,2', 'locations:1,2', true],
    ['one more', 'locations:1', 'locations:1,2', true],
    ['one fewer', 'locations:1,2,3', 'locations:2,3', true],
    ['others', 'locations:1', 'locations:2', false],
    ['some of each', 'locations:1,2', 'locations:2,3', false],
    ['none, as before', 'locations:', 'locations:', true],
    ['none, and then one', 'locations:', 'locations:1', false],
    ['as named by a former version', digest('2', '1'), 'locations:1,2', true],
    ['others, as named by a former version', digest('1'), 'locations:1,2', false],
  ])('%s: %s, then %s', (_name, before, now, same) => {
    expect(adapter.isSameAccount(before, now)).toBe(same);
  });
});

it('of payments, which carry when they were paid, two scans that miss one prove nothing', () => {
  const cut = adapter.streams.filter((stream) => stream.cutByAnotherTime).map(({ resource }) => resource);
  expect(cut).toEqual(['payments']);
});

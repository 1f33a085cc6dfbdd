import type { Sandbox, Simulator } from '../../src/sandbox';

/** What one merchant may have, in this order: every slot of the service that a simulator can stand behind. */
export const SLOTS = [
  { provider: 'practicehub', environment: 'sandbox' },
  { provider: 'wodify', environment: 'sandbox' },
  { provider: 'terminal', environment: 'sandbox' },
  { provider: 'terminal', environment: 'live' },
] as const;
export type Slot = (typeof SLOTS)[number];

/** A record that the store must hold, in the form that the service gives it. */
export interface Expectation {
  readonly index: number;
  readonly resource: 'customers' | 'payments' | 'devices';
  readonly externalId: string;
  readonly field: string;
  readonly value: string;
  /** Too old for a first import, but it may be there. */
  readonly optional: boolean;
}

/** A row that the simulator has changed or made: how often tells how many versions the store may have of it. */
export interface Touched {
  readonly index: number;
  readonly resource: Expectation['resource'];
  readonly externalId: string;
}

const DAY_MS = 86_400_000;
/** A first import reaches back 90 days; a row near the edge may fall on either side. */
const SURELY_IMPORTED_MS = 89 * DAY_MS;

export function accountKey(index: number): string {
  return `acct-scale-${index}`;
}

export function slotOf(index: number, perMerchant: number): Slot {
  return SLOTS[index % perMerchant]!;
}

/** When every device was last heard of: one that falls silent while all this runs would change by itself. */
const SILENT_SINCE = '2026-01-01T00:00:00.000Z';

/**
 * Many accounts of few rows: deterministic by their number, so that the service's side and this one agree without
 * talking.
 */
export class Accounts {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly perMerchant: number,
  ) {}

  open(index: number): void {
    const { provider, environment } = slotOf(index, this.perMerchant);
    const ratePerSecond = environment === 'live' ? 10 : 50;
    const account = { apiKey: accountKey(index), seed: index + 1, settings: { ratePerSecond } };
    if (provider === 'practicehub') {
      this.sandbox.practicehub.addAccount({
        ...account,
        sizes: { '*': 0, patients: 3 + (index % 4), payments: 2, services: 1 },
      });
    } else if (provider === 'wodify') {
      this.sandbox.wodify.addAccount({ ...account, sizes: { '*': 0, clients: 3 + (index % 4), locations: 1 } });
    } else {
      this.sandbox.terminal.addAccount({ ...account, sizes: { devices: 2, payments: 0 } });
      const fields = { last_heartbeat_at: SILENT_SINCE };
      this.sandbox.terminal.change({ resource: 'devices', apiKey: account.apiKey, count: 2, fields });
      for (let count = 0; count < 3; count++) this.takePayment(index, Date.now() - (count + 1) * DAY_MS);
    }
  }

  /** One change as its owner would make it; `draw` in [0, 1) chooses which. */
  change(index: number, draw: number): Touched[] {
    const { provider } = slotOf(index, this.perMerchant);
    const apiKey = accountKey(index);
    if (provider === 'terminal') {
      if (draw < 0.5) return this.takePayment(index, Date.now());
      return touched(index, 'devices', this.sandbox.terminal.change({ resource: 'devices', apiKey }));
    }
    const simulator = this.sandbox[provider];
    const people = provider === 'practicehub' ? 'patients' : 'clients';
    if (draw < 0.3) return touched(index, 'customers', simulator.create({ resource: people, apiKey }));
    if (draw < 0.8 || provider === 'wodify') {
      return touched(index, 'customers', simulator.change({ resource: people, apiKey }));
    }
    return touched(index, 'payments', simulator.change({ resource: 'payments', apiKey }));
  }

  truth(index: number): Expectation[] {
    const { provider } = slotOf(index, this.perMerchant);
    const rows = (simulator: Simulator, resource: string) =>
      simulator.truth({ resource, apiKey: accountKey(index) }) as Record<string, unknown>[];
    const { practicehub, wodify, terminal } = this.sandbox;
    if (provider === 'practicehub') {
      return [
        ...rows(practicehub, 'patients').map((row) => one(index, 'customers', row, 'lastName', row['last_name'])),
        ...rows(practicehub, 'payments').map((row) => {
          const created = Date.parse(`${String(row['created']).replace(' ', 'T')}Z`);
          const minor = Math.round(Number(row['amount']) * 100);
          return one(index, 'payments', row, 'amountMinor', minor, created < Date.now() - SURELY_IMPORTED_MS);
        }),
      ];
    }
    if (provider === 'wodify') {
      return rows(wodify, 'clients').map((row) => one(index, 'customers', row, 'lastName', row['last_name']));
    }
    return [
      ...rows(terminal, 'devices').map((row) => one(index, 'devices', row, 'name', row['device_name'])),
      ...rows(terminal, 'payments').map((row) => one(index, 'payments', row, 'amountMinor', row['amount_minor'])),
    ];
  }

  /**
   * Approved and over: a payment that is still running would end by itself between the last sync and the comparison.
   */
  private takePayment(index: number, atMs: number): Touched[] {
    const at = new Date(atMs).toISOString();
    const ids = this.sandbox.terminal.create({
      resource: 'payments',
      apiKey: accountKey(index),
      fields: { type: 'sale', status: 'approved', created_at: at, completed_at: at },
    });
    return touched(index, 'payments', ids);
  }
}

function touched(index: number, resource: Expectation['resource'], ids: readonly unknown[]): Touched[] {
  return ids.map((id) => ({ index, resource, externalId: String(id) }));
}

function one(
  index: number,
  resource: Expectation['resource'],
  row: Record<string, unknown>,
  field: string,
  value: unknown,
  optional = false,
): Expectation {
  return { index, resource, externalId: String(row['id']), field, value: String(value), optional };
}

import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import type { TestApp } from '../../test/support/app';
import { credentials, OVER_QUOTA_KEY, type Hosts } from './hosts';

export interface Merchant {
  readonly id: string;
  /** On its PracticeHub integration. */
  call(url: string, method: string, path: string, body?: object): Promise<{ status: number; body: string }>;
}

export async function merchantOf({ app }: TestApp): Promise<Merchant> {
  const { id } = await app.get(MerchantService).create({ name: 'Clinic', defaultCurrency: 'GBP' });
  const { key } = await app.get(ApiKeyService).create({
    merchantId: id,
    environment: 'sandbox',
    name: 'bench',
    scopes: ['integrations:*', 'sync:*'],
  });
  const apiKey = key.reveal();
  return {
    id,
    async call(url, method, path, body) {
      const init: RequestInit = { method, headers: { 'x-api-key': apiKey, 'content-type': 'application/json' } };
      if (body !== undefined) init.body = JSON.stringify(body);
      const answer = await fetch(`${url}/v2/integrations/practicehub${path}`, init);
      return { status: answer.status, body: await answer.text() };
    },
  };
}

/** Customers only: one stream. */
export async function activate({ call }: Merchant, url: string, baseUrl: string): Promise<void> {
  const customersOnly = { syncProducts: false, syncPackages: false, syncInvoices: false, timezone: 'UTC' };
  const { status, body } = await call(url, 'POST', '/activate', { ...credentials(baseUrl), ...customersOnly });
  if (status !== 200) throw new Error(`The activation was answered ${status}: ${body}`);
}

/** The calls of a stranger at a steady rate, whatever becomes of those before. */
export class Worst {
  made = 0;
  private readonly answered = new Map<number, number>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly strangers: readonly Merchant[],
    private readonly url: string,
    private readonly hosts: { readonly own: Hosts; readonly strange: Hosts },
    rate: number,
  ) {
    this.timer = setInterval(() => this.next(), 1_000 / rate);
  }

  async end(hangUp: () => Promise<void>): Promise<void> {
    clearInterval(this.timer);
    await hangUp();
    await Promise.all(this.underWay);
  }

  statuses(): string {
    return [...this.answered].map(([status, count]) => `${count} × ${status}`).join(', ');
  }

  private next(): void {
    const n = this.made++;
    const { own, strange } = this.hosts;
    const acts: readonly [method: string, path: string, body?: object][] = [
      ['POST', '/sync', { fullResync: true }],
      ['POST', '/test', credentials(own.good, `wrong-${n}`)],
      ['POST', '/test', credentials(own.good, OVER_QUOTA_KEY)],
      ['POST', '/test', credentials(`http://silent-${n}.example.com`)],
      ['POST', '/resume-sync', {}],
      ['POST', '/test', credentials(strange.slow)],
    ];
    const { call } = this.strangers[n % this.strangers.length]!;
    const act = acts[Math.floor(n / this.strangers.length) % acts.length]!;
    const made = call(this.url, ...act).then(
      ({ status }) => void this.answered.set(status, (this.answered.get(status) ?? 0) + 1),
      () => void this.answered.set(0, (this.answered.get(0) ?? 0) + 1),
    );
    this.underWay.add(made);
    void made.finally(() => this.underWay.delete(made));
  }
}

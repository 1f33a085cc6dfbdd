import { ApiKeyService } from '../../src/auth';
import { MerchantService } from '../../src/merchants';
import type { TestApp } from '../../test/support/app';
import type { BenchAccount } from './simulator';

export interface BenchClinic {
  readonly merchantId: string;
  readonly integrationId: string;
  /** POST under the integration's path; throws unless it is answered 200. */
  post(path: string, body: object): Promise<void>;
}

/** A merchant whose PracticeHub integration syncs customers only, its first run queued. */
export async function activateClinic({ app, url }: TestApp, credentials: BenchAccount): Promise<BenchClinic> {
  const merchant = await app.get(MerchantService).create({ name: 'Clinic', defaultCurrency: 'GBP' });
  const { key } = await app.get(ApiKeyService).create({
    merchantId: merchant.id,
    environment: 'sandbox',
    name: 'bench',
    scopes: ['integrations:*', 'sync:*'],
  });
  const call = async (path: string, body: object): Promise<{ data: { id: string } }> => {
    const answer = await fetch(`${url}/v2/integrations/practicehub${path}`, {
      method: 'POST',
      headers: { 'x-api-key': key.reveal(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { data: { id: string } };
  };
  const customersOnly = { syncProducts: false, syncPackages: false, syncInvoices: false, syncIntervalMinutes: 10_080 };
  const { data } = await call('/activate', { credentials, ...customersOnly });
  return {
    merchantId: merchant.id,
    integrationId: data.id,
    post: async (path, body) => void (await call(path, body)),
  };
}

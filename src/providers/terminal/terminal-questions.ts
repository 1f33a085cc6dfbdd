import type { AccountAnswer, Ask } from '../account-reader';
import type { Row } from '../row';

/** All that is asked of a terminal account. */
export async function askTerminal(ask: Ask): Promise<void> {
  const payments = (name: string, query: Readonly<Record<string, string>>): Promise<AccountAnswer> =>
    ask(name, `/v2/terminal-payments?${new URLSearchParams(query)}`, { list: 'data' });
  const devices = await ask('devices', '/v2/terminal-devices', { list: 'data' });
  const all = await payments('payments', { limit: '100' });
  const first = await payments('ten payments', { limit: '10' });
  const last = idIn(first.rows.at(-1));
  if (last !== null) await payments('after ten', { limit: '10', starting_after: last });
  await payments('offset ten', { limit: '10', offset: '10' });
  await payments('limit 500', { limit: '500' });
  await payments('filter standalone_approved', { limit: '10', status: 'standalone_approved' });
  await payments('filter declined', { limit: '10', status: 'declined' });
  for (const type of ['sale', 'refund', 'void']) await payments(`type ${type}`, { limit: '1', type });
  const [payment, device] = [idIn(all.rows[0]), idIn(devices.rows[0])];
  if (payment !== null) await ask('payment', `/v2/terminal-payments/${payment}`);
  if (device !== null) await ask('device', `/v2/terminal-devices/${device}`);
}

function idIn(row: Row | undefined): string | null {
  const id = row?.['id'];
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : null;
}

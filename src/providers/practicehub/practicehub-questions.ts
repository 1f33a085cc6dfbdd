import type { AccountAnswer, Ask } from '../account-reader';
import type { Row } from '../row';

const DAY_MS = 86_400_000;
const PAGE = 'page=1&page_size=100';
/** Nothing that is anybody's: a text that no note holds. */
const NO_SUCH_NOTE = 'interlock-check-no-such-note';

/** Where each list is looked for: the path that is known or set, then others that it might have. */
export const PRACTICEHUB_PATHS = {
  patient_packages: { key: 'packages', tried: ['/patient_packages', '/packages'] },
  services: { key: 'services', tried: ['/services', '/service_items', '/service_types'] },
  products: { key: 'products', tried: ['/products', '/inventory/products', '/product_items'] },
  payment_allocations: { key: 'payment_allocations', tried: ['/payment_allocations'] },
} as const;
export type SettableList = keyof typeof PRACTICEHUB_PATHS;

/** The paths that a list is looked for at, in their order. */
export function pathsOf(list: SettableList, paths: Readonly<Record<string, string>>): readonly string[] {
  const { key, tried } = PRACTICEHUB_PATHS[list];
  const set = Object.hasOwn(paths, key) ? paths[key] : undefined;
  return set === undefined ? tried : [set];
}

/** All that is asked of a PracticeHub account. */
export async function askPracticeHub(ask: Ask): Promise<void> {
  const list = (name: string, path: string): Promise<AccountAnswer> => ask(name, path, { list: 'data' });
  const patients = await list('patients', `/patients?${PAGE}`);
  await list('patients page 2', '/patients?page=2&page_size=20');
  await list('patients page 3', '/patients?page=3&page_size=20');
  await list('invoices', `/invoices?${PAGE}`);
  await list('payments', `/payments?${PAGE}`);
  for (const name of Object.keys(PRACTICEHUB_PATHS) as SettableList[]) {
    for (const path of pathsOf(name, ask.paths)) {
      const answer = await list(`${name} at ${path}`, `${path}?${PAGE}`);
      if (answer.status !== 404) break;
    }
  }
  const id = patients.rows[0]?.['id'];
  if (typeof id === 'number' || (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)))
    await ask('patient', `/patients/${id}`);
  const toCome = new Date(ask.now.getTime() + 3 * DAY_MS).toISOString();
  const filter = (name: string, query: Record<string, string>, path = '/patients'): Promise<AccountAnswer> =>
    list(name, `${path}?${new URLSearchParams({ ...query, page: '1', page_size: '20' })}`);
  await filter('updated to come', { updated: `gte:${toCome.slice(0, 19).replace('T', ' ')}` });
  await filter('updated long ago', { updated: 'gte:1990-01-01 00:00:00' });
  await filter('bare updated to come', { updated: `${toCome.slice(0, 19)}Z` });
  await filter('bare updated long ago', { updated: '1990-01-01T00:00:00Z' });
  const newest = newestUpdate(patients.rows);
  if (newest !== null) await filter('updated at the newest', { updated: `gte:${newest}` });
  const between = (from: string) => ({ created: `between:${from},2999-12-31 23:59:59` });
  await filter('created to come', between(toCome.slice(0, 19).replace('T', ' ')), '/invoices');
  await filter('created long ago', between('1990-01-01 00:00:00'), '/invoices');
  await filter('note', { note: `like:${NO_SUCH_NOTE}` }, '/payments');
}

/** The latest time of change, as it stands on its row; null: no row has one in the form that is known. */
export function newestUpdate(rows: readonly Row[]): string | null {
  const times = rows.map((row) => row['updated']).filter((time) => typeof time === 'string');
  return (
    times
      .filter((time) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time))
      .toSorted()
      .at(-1) ?? null
  );
}

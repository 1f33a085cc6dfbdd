import type { Account } from '../account';
import { practicehubVariant } from './practicehub-variants';

/** Lists whose path differs from account to account. */
const settable = {
  services: 'servicesPath',
  products: 'productsPath',
  patient_packages: 'packagesPath',
  payment_allocations: 'allocationsPath',
} as const;

/** The path of a list, or `404` where the account has none. */
export function pathOf(account: Account, resource: string): string {
  if (!Object.hasOwn(settable, resource)) return `/${resource}`;
  return practicehubVariant(account, settable[resource as keyof typeof settable]);
}

/** What a path names in this account: a list, or one row of it. */
export function placeOf(account: Account, path: string): { resource: string; id?: string } | undefined {
  const resources = [...Object.keys(settable), path.split('/')[1] ?? ''];
  for (const resource of resources) {
    if (!account.has(resource)) continue;
    const list = pathOf(account, resource);
    if (path === list) return { resource };
    const id = path.startsWith(`${list}/`) ? path.slice(list.length + 1) : '';
    if (id !== '' && !id.includes('/')) return { resource, id };
  }
  return undefined;
}

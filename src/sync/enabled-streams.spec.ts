import type { Stream } from '../providers';
import { enabledStreams } from './enabled-streams';

const stream = (resource: string, enabledBy: string | null) => ({ resource, enabledBy }) as unknown as Stream;
const STREAMS = [
  stream('customers', 'syncPatients'),
  stream('products', 'syncProducts'),
  stream('invoices', 'syncInvoices'),
  stream('devices', null),
];
const settings = { syncPatients: true, syncProducts: false, syncPackages: false, syncInvoices: true };
const resources = (...args: Parameters<typeof enabledStreams>) => enabledStreams(...args).map((one) => one.resource);

describe('the streams of a run', () => {
  it('are those that the settings ask for, and those that nothing switches, in their order', () => {
    expect(resources(STREAMS, settings)).toEqual(['customers', 'invoices', 'devices']);
  });

  it('are, of these, those of the resources that the run names', () => {
    expect(resources(STREAMS, settings, ['devices', 'customers'])).toEqual(['customers', 'devices']);
    expect(resources(STREAMS, settings, ['products'])).toEqual([]);
  });
});

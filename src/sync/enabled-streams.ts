import type { IntegrationConfiguration } from '../integrations';
import type { ResourceType, Stream } from '../providers';

type Settings = Pick<IntegrationConfiguration, 'syncPatients' | 'syncProducts' | 'syncPackages' | 'syncInvoices'>;

/** Which streams the settings (and the run, when it names resources) ask for, in the adapter's dependency order. */
export function enabledStreams(
  streams: readonly Stream[],
  settings: Settings,
  resources: readonly ResourceType[] | null = null,
): Stream[] {
  return streams.filter(
    (stream) =>
      (resources === null || resources.includes(stream.resource)) &&
      (stream.enabledBy === null || settings[stream.enabledBy]),
  );
}

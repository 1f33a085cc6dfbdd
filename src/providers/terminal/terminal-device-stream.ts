import { notUnderstood } from '../list-rows';
import type { GoodRow, Page, ProviderCall, Stream } from '../provider';
import type { DeviceRecord } from '../records';
import { mapRows, receivedRows, requiredId, text, UnknownWord, type Row } from '../row';
import { timeIn } from '../zoned-time';
import { TerminalClient } from './terminal-client';

const STATUSES: Readonly<Record<string, DeviceRecord['status']>> = {
  online: 'online',
  offline: 'offline',
  pairing: 'pairing',
};

/** Devices are few: every run reads them all, in one answer. */
export class TerminalDeviceStream implements Stream {
  readonly key = 'devices';
  readonly resource = 'devices';
  readonly enabledBy = null;
  readonly incremental = 'full';
  readonly detectsDeletions = true;
  readonly mappingVersion = 1;

  async fetchPage(call: ProviderCall): Promise<Page> {
    const { rows, hasMore, total, providerTime } = await new TerminalClient(call).list('/terminal-devices');
    // no way to ask for more is documented: better no run than devices that are taken for deleted
    if (hasMore === true) throw notUnderstood('has more devices than one page');
    const devices = mapRows(rows, (row) => requiredId(row, 'id'), mapDevice);
    return { rows: devices, next: null, providerTime, total, received: receivedRows(rows) };
  }
}

function mapDevice(row: Row): Omit<GoodRow, 'externalId'> {
  const word = text(row, 'status', 64)?.toLowerCase() ?? '';
  const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
  if (status === undefined) throw new UnknownWord('status', 'status', word);
  const record: DeviceRecord = {
    name: text(row, 'device_name'),
    serial: text(row, 'terminal_serial', 128),
    platform: text(row, 'platform', 64),
    status,
    lastSeenAt: timeIn(row, 'last_heartbeat_at', null)?.toISOString() ?? null,
  };
  return { record, sourceUpdatedAt: null, store: 'always', digest: null };
}

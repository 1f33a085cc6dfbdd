import type { Account, ResourceDefinition } from '../account';
import { Draw } from '../random';
import type { SandboxRow } from '../table';
import { terminalId, terminalOrdinal } from './terminal-ids';
import { terminalVariant } from './terminal-variants';

const beatMs = 60_000;
const offlineAfterMs = 5 * 60_000;

/**
 * Of eight devices six report every minute, one has been silent since before the reference, one is being paired.
 * A row without `last_heartbeat_at` is one that reports; a control call that sets the field silences it.
 */
export const deviceResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('devices'),
    row(ordinal) {
      const draw = new Draw(account.seedOf('devices', ordinal));
      const paired = ordinal % 8 !== 7;
      const row: SandboxRow = {
        id: terminalId(account, 'devices', ordinal),
        ...describedBy(account, ordinal, draw),
        terminal_paired: paired,
      };
      if (!paired) row['last_heartbeat_at'] = null;
      if (ordinal % 8 === 3) {
        row['last_heartbeat_at'] = new Date(account.options.referenceMs - draw.whole(1, 72) * 3_600_000).toISOString();
      }
      return row;
    },
    updatedAtMs: () => null,
    readUpdatedAtMs: () => null,
  }),
  touch: () => undefined,
  birth: () => undefined,
  mutate(row, serial) {
    row['device_name'] = `Till changed ${serial}`;
  },
  present(row, account) {
    const nowMs = account.nowMs();
    const beat = 'last_heartbeat_at' in row ? row['last_heartbeat_at'] : lastBeat(account, row, nowMs);
    const reachable = typeof beat === 'string' && nowMs - Date.parse(beat) < offlineAfterMs;
    return {
      status: row['terminal_paired'] ? (reachable ? 'online' : 'offline') : 'pairing',
      terminal_reachable: reachable,
      last_heartbeat_at: beat,
      ...row,
    };
  },
  ordinalOf: (id, account) => terminalOrdinal(account, 'devices', id),
};

/** What a device tells of itself: everything, a part, or nothing but its id. */
function describedBy(account: Account, ordinal: number, draw: Draw): SandboxRow {
  const described: SandboxRow = {
    device_name: `Till ${ordinal}`,
    terminal_serial: terminalSerial(account, ordinal),
    terminal_ip: `10.0.${(ordinal >> 8) & 255}.${ordinal & 255}`,
    platform: draw.pick(['macos', 'windows', 'linux'] as const),
    app_version: `2.${draw.whole(0, 9)}.${draw.whole(0, 20)}`,
  };
  const form = terminalVariant(account, 'deviceFields');
  if (form === 'absent') return {};
  for (const name of Object.keys(described)) {
    const silent = draw.chance(0.15);
    if (form === 'null' || (form === 'mixed' && silent)) described[name] = null;
  }
  return described;
}

/** The serial number of the device behind `ordinal`, which its payments carry too. */
export function terminalSerial(account: Account, ordinal: number): string {
  return String(1_850_000_000 + (account.seedOf('devices', ordinal, 1) % 100_000_000));
}

/** Each device beats at seconds of its own. With heartbeats off all were silent since the reference. */
function lastBeat(account: Account, row: SandboxRow, nowMs: number): string {
  const { referenceMs } = account.options;
  const ownMs = parseInt(String(row['id']).slice(0, 8), 16) % beatMs;
  const sinceMs = nowMs - referenceMs + ownMs;
  const lastMs =
    account.settings.heartbeats === 'on' ? nowMs - (((sinceMs % beatMs) + beatMs) % beatMs) : referenceMs - ownMs;
  return new Date(lastMs).toISOString();
}

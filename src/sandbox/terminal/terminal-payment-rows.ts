import type { Account, ResourceDefinition } from '../account';
import { Draw } from '../random';
import { createdAtMs } from '../spread';
import type { SandboxRow } from '../table';
import { terminalSerial } from './terminal-device-rows';
import { terminalId, terminalOrdinal } from './terminal-ids';
import { terminalVariant } from './terminal-variants';

/** What the list's filter knows. */
export const filterStatuses = ['requested', 'in_progress', 'approved', 'declined', 'cancelled', 'error', 'timed_out'];
export const standaloneStatuses = ['standalone_approved', 'standalone_declined'];
export const paymentTypes = ['sale', 'refund', 'void'];

const timeOutMs = 3 * 60_000;
const seenByDeviceMs = 5_000;
const runningAtStart = 3;
const failures = ['declined', 'declined', 'cancelled', 'error', 'timed_out'] as const;
const cards = [
  ['Visa', '411111******'],
  ['Mastercard', '555555******'],
  ['Amex', '371449*****'],
] as const;

/** Stored as they end. Until `completed_at` has come, `present` shows them as still running. */
export const paymentResource: ResourceDefinition = {
  source: (account) => ({
    size: account.size('payments'),
    row: (ordinal) => paymentRow(account, ordinal),
    updatedAtMs: (ordinal) => createdMsOf(account, ordinal),
    readUpdatedAtMs: (row) => Date.parse(String(row['created_at'])) || null,
  }),
  touch: () => undefined,
  birth(row, atMs) {
    const tookMs = Date.parse(String(row['completed_at'])) - Date.parse(String(row['created_at']));
    row['created_at'] = new Date(atMs).toISOString();
    row['completed_at'] = new Date(atMs + tookMs).toISOString();
  },
  mutate(row, serial) {
    row['reference'] = `changed-${serial}`;
  },
  present(row, account) {
    const nowMs = account.nowMs();
    const createdMs = Date.parse(String(row['created_at']));
    const open = row['status'] === 'requested' || row['status'] === 'in_progress';
    // A payment that a test left open runs into the time-out like any other.
    if (open && nowMs >= createdMs + timeOutMs) {
      return { ...row, ...timedOut, completed_at: new Date(createdMs + timeOutMs).toISOString() };
    }
    if (open) return { ...row, ...unanswered };
    // Also true of a time that a test has made unreadable: such a row is shown as it stands. The device asks nobody:
    // nothing of its own runs.
    if (!(nowMs < Date.parse(String(row['completed_at']))) || isStandalone(row)) return row;
    return { ...row, ...unanswered, status: nowMs < createdMs + seenByDeviceMs ? 'requested' : 'in_progress' };
  },
  ordinalOf: (id, account) => terminalOrdinal(account, 'payments', id),
};

const noCard = {
  ...{ uti: null, auth_code: null, response_code: null, rrn: null },
  ...{ card_scheme: null, masked_pan: null, entry_mode: null },
};
const unanswered = { ...noCard, error_message: null, completed_at: null };
const timedOut = { ...noCard, status: 'timed_out', error_message: 'The device did not answer in time' };

function isStandalone(row: SandboxRow): boolean {
  return standaloneStatuses.includes(String(row['status']));
}

function createdMsOf(account: Account, ordinal: number): number {
  const running = account.size('payments') - ordinal;
  if (running >= 0 && running < runningAtStart) return account.options.referenceMs - running * 30_000 - 10_000;
  return createdAtMs(account, 'payments', ordinal);
}

/** How it ended. The last few were asked for just now, so they are none of the device's own. */
function statusOf(account: Account, ordinal: number, draw: Draw): string {
  const asked = draw.chance(0.75) ? 'approved' : draw.pick(failures);
  const own = draw.chance(0.08) ? (draw.chance(0.8) ? 'standalone_approved' : 'standalone_declined') : undefined;
  const running = account.size('payments') - ordinal;
  const isOwn = terminalVariant(account, 'standalone') === 'present' && !(running >= 0 && running < runningAtStart);
  return account.word('payments.status', draw, [isOwn && own !== undefined ? own : asked]);
}

function paymentRow(account: Account, ordinal: number): SandboxRow {
  const draw = new Draw(account.seedOf('payments', ordinal));
  const device = draw.whole(1, Math.max(1, account.size('devices')));
  const type = draw.chance(0.9) ? 'sale' : draw.chance(0.7) ? 'refund' : 'void';
  const status = statusOf(account, ordinal, new Draw(account.seedOf('payments', ordinal, 3)));
  const createdMs = createdMsOf(account, ordinal);
  const running = account.size('payments') - ordinal;
  const tookMs = status === 'timed_out' ? timeOutMs : running < runningAtStart ? 150_000 : draw.whole(8, 90) * 1000;
  const approved = status.endsWith('approved');
  const declined = status.endsWith('declined');
  const answered = approved || declined;
  const [scheme, prefix] = draw.pick(cards);
  const row: SandboxRow = {
    id: terminalId(account, 'payments', ordinal),
    invoice_id: draw.chance(0.7) ? terminalId(account, 'invoices', ordinal) : null,
    device_id: terminalId(account, 'devices', device),
    type,
    status,
    amount_minor: draw.whole(100, 40_000),
    currency: 'GBP',
    reference: draw.chance(0.8) ? `order-${ordinal}` : null,
    terminal_serial: terminalSerial(account, device),
    uti: answered ? terminalId(account, 'uti', ordinal) : null,
    auth_code: approved ? String(draw.whole(100_000, 999_999)) : null,
    response_code: approved ? '00' : declined ? '05' : null,
    rrn: answered ? String(draw.whole(100_000_000, 999_999_999)) : null,
    card_scheme: answered ? scheme : null,
    masked_pan: answered ? `${prefix}${draw.whole(1000, 9999)}` : null,
    entry_mode: answered ? draw.pick(['contactless', 'chip', 'swipe'] as const) : null,
    error_message: status === 'error' || status === 'timed_out' ? 'The device did not answer in time' : null,
    created_at: new Date(createdMs).toISOString(),
    completed_at: new Date(createdMs + tookMs).toISOString(),
  };
  return isStandalone(row) ? withoutRequest(account, row) : row;
}

function withoutRequest(account: Account, row: SandboxRow): SandboxRow {
  if (terminalVariant(account, 'standaloneReferences') === 'null') return { ...row, invoice_id: null, reference: null };
  const { invoice_id: _invoice, reference: _reference, ...rest } = row;
  return rest;
}

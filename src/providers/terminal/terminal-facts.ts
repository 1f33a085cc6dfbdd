import type { ProviderFactPage } from '../fact';
import { TERMINAL_LIST_FACTS } from './terminal-list-facts';
import { askTerminal } from './terminal-questions';
import { TERMINAL_ROW_FACTS, TERMINAL_STATUSES } from './terminal-row-facts';

/** What is known of the Terminal API, and how an account shows it. */
export const terminalFacts: ProviderFactPage = {
  provider: 'terminal',
  facts: [...TERMINAL_LIST_FACTS, ...TERMINAL_ROW_FACTS],
  lists: {
    devices: {
      path: '/terminal-devices',
      answers: ['devices', 'device'],
      fields: [
        ...['id', 'device_name', 'terminal_serial', 'terminal_ip', 'platform', 'status', 'terminal_paired'],
        ...['terminal_reachable', 'app_version', 'last_heartbeat_at'],
      ],
      words: { status: ['online', 'offline', 'pairing'], platform: ['macos', 'windows', 'linux'] },
    },
    payments: {
      path: '/terminal-payments',
      answers: ['payments', 'after ten', 'offset ten', 'filter standalone_approved', 'filter declined', 'payment'],
      fields: [
        ...['id', 'invoice_id', 'device_id', 'type', 'status', 'amount_minor', 'currency', 'reference'],
        ...['terminal_serial', 'uti', 'auth_code', 'response_code', 'rrn', 'card_scheme', 'masked_pan', 'entry_mode'],
        ...['error_message', 'created_at', 'completed_at'],
      ],
      words: { status: TERMINAL_STATUSES, type: ['sale', 'refund', 'void'] },
    },
  },
  collect: askTerminal,
};

import type { Account } from '../account';
import { mix } from '../random';

const hex = (value: number, digits: number): string => value.toString(16).padStart(8, '0').slice(-digits);

/** A UUID that carries the row's ordinal, so that a cursor leads straight to its row. */
export function terminalId(account: Account, resource: string, ordinal: number): string {
  const first = mix(account.options.seed, resource, ordinal, 1);
  const second = mix(account.options.seed, resource, ordinal, 2);
  const tail = ordinal.toString(16).padStart(12, '0');
  return `${hex(first, 8)}-${hex(second, 4)}-4${hex(second >>> 16, 3)}-8${hex(first >>> 8, 3)}-${tail}`;
}

export function terminalOrdinal(account: Account, resource: string, id: unknown): number | undefined {
  const tail = /^[0-9a-f-]{24}([0-9a-f]{12})$/.exec(String(id))?.[1];
  const ordinal = tail === undefined ? 0 : parseInt(tail, 16);
  return ordinal > 0 && terminalId(account, resource, ordinal) === id ? ordinal : undefined;
}

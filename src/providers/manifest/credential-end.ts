import type { OutboundResponse } from '../../platform/outbound';
import type { ProviderSettings } from '../provider';
import { isRow, RowProblem } from '../row';
import { Expression } from './expression';
import { StepsOfPage } from './expression-cost';
import type { Manifest, ManifestEnd } from './manifest';
import { pathIn } from './row-path';
import { TimeReading } from './time-reading';

type Answer = Pick<OutboundResponse, 'headers' | 'body' | 'tooDeep'>;

/**
 * When the credentials end, as the answer of their test says it. What is no time is left out: the provider has taken
 * the credentials, and nobody guesses.
 */
export function credentialEndIn(
  answer: Answer,
  { test: { expires }, times = {} }: Pick<Manifest, 'test' | 'times'>,
  { timezone }: ProviderSettings,
): Date | undefined {
  if (expires === undefined) return undefined;
  // records assume UTC where the merchant has set no zone
  const zone = times.zone === 'merchant' && timezone === null ? 'named' : times.zone;
  try {
    const end = new TimeReading({ ...times, zone }).of(valueIn(answer, expires), 'test.expires', timezone);
    // who was just let in has not ended: many write 0 or a date of long ago for never
    return end !== null && end.getTime() > Date.now() ? end : undefined;
  } catch (error) {
    if (error instanceof RowProblem) return undefined;
    throw error;
  }
}

function valueIn({ headers, body, tooDeep }: Answer, expires: ManifestEnd): unknown {
  if (typeof expires === 'string') return pathIn(body, expires);
  // GitHub names the zone by its letters
  if ('header' in expires) return headers[expires.header.toLowerCase()]?.replace(/\s*UTC$/i, 'Z');
  return isRow(body) && !tooDeep ? new Expression(expires.cel).of(body, 'test.expires', new StepsOfPage()) : null;
}

import { ProviderFailure } from '../../platform/outbound';
import type { ListPage, PracticeHubClient } from './practicehub-client';

/** In front of the position in a list that is read without the filter. */
const PLAIN = 'plain;';
/** Leaves nothing out: a filter that returns none of a list's rows for this is not read as it is meant. */
const EVER = 'between:1970-01-01 00:00:00,2999-12-31 23:59:59';

export interface CreatedPage extends ListPage {
  /** The account does not take the filter: rows of any time come. */
  readonly rangeIgnored?: boolean;
}

/**
 * A page of a list by a filter for the time of creation. Where the account refuses it, or returns nothing although
 * there are rows, the list is read plain. null: the account has no such list.
 */
export async function listCreatedFrom(
  client: PracticeHubClient,
  path: string,
  position: string | null,
  created: string,
): Promise<CreatedPage | null> {
  if (position?.startsWith(PLAIN)) return listPlain(client, path, position.slice(PLAIN.length));
  try {
    const answer = await client.list(path, position, { created });
    if (answer === null || position !== null || answer.rows.length > 0) return answer;
    const ever = await client.list(path, null, { created: EVER });
    if (ever === null || ever.rows.length > 0) return answer;
  } catch (error) {
    if (position !== null || !(error instanceof ProviderFailure) || error.verdict !== 'contract') throw error;
  }
  return listPlain(client, path, null);
}

async function listPlain(
  client: PracticeHubClient,
  path: string,
  position: string | null,
): Promise<CreatedPage | null> {
  const answer = await client.list(path, position);
  if (answer === null) return null;
  return {
    ...answer,
    next: marked(answer.next),
    afterNext: marked(answer.afterNext),
    ...(answer.rows.length === 0 ? {} : { rangeIgnored: true }),
  };
}

function marked(position: string | null): string | null {
  return position === null ? null : PLAIN + position;
}

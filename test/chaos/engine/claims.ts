import { LISTS, type ChaosClinic, type List, type Resource, type SyncedLog } from './chaos-clinic';
import { differenceOf } from './settle';

export type Logs = Record<Resource, SyncedLog> | null;

/** What a sync that reports success must have stored: the rows as they are now, unless they change again meanwhile. */
export function expectation(clinic: ChaosClinic, list: List, ids: readonly string[]) {
  const { resource, prefix } = LISTS[list];
  const externalIds = ids.map((id) => prefix + id);
  const snapshot = () => {
    const truth = clinic.truth(resource);
    return new Map(externalIds.map((id) => [id, truth.get(id)?.fields]));
  };
  const before = snapshot();
  /** Faults; none where the sync did not succeed, or nobody can say what it read. */
  return async (logs: Logs, when: string): Promise<string[]> => {
    const log = logs?.[resource];
    if (log?.status !== 'success' || !log.fresh) return [];
    clinic.checks++;
    const stored = new Map((await clinic.stored(resource)).map((record) => [record.id, record]));
    const after = snapshot();
    return externalIds.flatMap((id) => {
      const fields = before.get(id);
      if (!fields || JSON.stringify(fields) !== JSON.stringify(after.get(id))) return [];
      const record = stored.get(id);
      const difference = differenceOf(clinic, record, fields);
      if (!difference) return [];
      const stamps = `stamp ${record?.updatedAt?.toISOString()}, read ${JSON.stringify(log)}, written ${clinic.written(0)}`;
      return [`${clinic.accountKey}: ${resource} ${id}, ${when}: ${difference} (${stamps})`];
    });
  };
}

/** Records that are deleted although the provider has their rows, but for rows that were away lately. */
export async function wronglyDeleted(clinic: ChaosClinic, list: List, when: string): Promise<string[]> {
  const { resource, prefix } = LISTS[list];
  const stored = await clinic.stored(resource);
  const truth = clinic.truth(resource);
  return stored
    .filter(({ id, operation }) => operation === 'deleted' && truth.has(id))
    .filter(({ id }) => !clinic.touched.has(`${list}/${id.slice(prefix.length)}`))
    .map(({ id }) => `${clinic.accountKey}: ${resource} ${id}, ${when}: is deleted, and is there`);
}

export async function isDeleted(clinic: ChaosClinic, list: List, id: string): Promise<boolean> {
  const { resource, prefix } = LISTS[list];
  const record = (await clinic.stored(resource)).find((one) => one.id === prefix + id);
  return record?.operation === 'deleted';
}

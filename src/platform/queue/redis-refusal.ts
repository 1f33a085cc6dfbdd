/** What Redis says when it answers and does not do what it is asked, by the word that its error begins with. */
const REFUSALS: Readonly<Record<string, string>> = {
  READONLY: 'is read-only',
  OOM: 'is full',
  MISCONF: 'takes no writes: it cannot save to its disk',
  LOADING: 'is loading its data',
  MASTERDOWN: 'has lost its primary',
  NOREPLICAS: 'takes no writes: it lacks replicas',
  CLUSTERDOWN: 'is a cluster that is down',
};

/** Why Redis takes no jobs though it answers; null: the error says something else. */
export function redisRefusal(error: unknown): string | null {
  const word = wordOf(error);
  return (word !== undefined && REFUSALS[word]) || null;
}

export function isReadOnly(error: unknown): boolean {
  return wordOf(error) === 'READONLY';
}

/** A script's error stands behind the script's own words. */
function wordOf(error: unknown): string | undefined {
  return error instanceof Error ? /(?:^|: |-)([A-Z]{3,})\b/.exec(error.message)?.[1] : undefined;
}

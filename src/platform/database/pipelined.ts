/** The codes of a statement behind a failed one, and of one whose name the failed one should have prepared. */
const CONSEQUENCES: readonly unknown[] = ['25P02', '26000'];

/**
 * Statements of one transaction that do not need each other's answers: they are sent together instead of each waiting
 * for the one before, and the server runs them in this order. Resolves when all of them have ended, so that none is
 * under way when the transaction ends, and rejects with the first failure.
 */
export async function pipelined<T extends readonly Promise<unknown>[]>(
  ...statements: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failures = settled.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
  if (failures.length > 0) throw failures.find((failure) => !isConsequence(failure)) ?? failures[0];
  return settled.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

function isConsequence(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && CONSEQUENCES.includes(failure.code);
}

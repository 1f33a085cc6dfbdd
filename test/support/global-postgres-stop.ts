/** jest globalTeardown: stops the server that global-postgres.ts started, if it did. */
export default async function stopPostgresOfTheRun(): Promise<void> {
  await (globalThis as { stopTestPostgres?: () => Promise<void> }).stopTestPostgres?.();
}

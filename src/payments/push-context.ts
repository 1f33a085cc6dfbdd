import type { RunHandler } from '../sync';

/** What the engine gives to a run that pushes. */
export type PushContext = Parameters<RunHandler['execute']>[0];
export type PushOutcome = Awaited<ReturnType<RunHandler['execute']>>;

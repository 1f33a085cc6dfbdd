export { createSandbox, type Sandbox } from './sandbox';
export { newControlToken, startSandboxServer, type SandboxServer } from './sandbox-server';
export type { Simulator } from './simulator';
export type { FaultRule } from './fault-rules';
export type { TrueRecord } from './provider-truth';
export type { AccountReport } from './replay';
export type { Variant } from './variant';

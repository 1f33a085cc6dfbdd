export { createSandbox, type Sandbox, type SandboxCredentials, type SandboxOptions } from './sandbox';
export { newControlToken, startSandboxServer, type SandboxServer } from './sandbox-server';
export type { Simulator } from './simulator';
export type { FaultRule } from './fault-rules';
export type { SimulatorSettings } from './settings';
export type { ProviderTruth, TrueRecord } from './provider-truth';
export type { AccountReport } from './replay';
export type { Variant } from './variant';

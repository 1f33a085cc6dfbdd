export { PlaintextSecret } from './secrets';
export type { SealContext } from './seal-context';
export { VaultRotation } from './rotation';
export type { RotationProgress } from './rotation';
export { Vault } from './vault';
export type { PreparedSecret } from './vault';
export { VaultError } from './vault-error';
export { VaultModule } from './vault.module';

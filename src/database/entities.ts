import { AuditChainLinkEntity, AuditEntryEntity } from '../audit/store/audit.entity';
import { SealedSecretEntity } from '../vault/store/sealed-secret.entity';

/** The explicit list; a test holds it against the migrated schema, column by column. */
export const ENTITIES = [AuditEntryEntity, AuditChainLinkEntity, SealedSecretEntity];

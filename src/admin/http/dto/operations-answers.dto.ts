import { ApiProperty } from '@nestjs/swagger';
import { SIGN_IN_METHODS } from '../../../operators';
import { ENVIRONMENTS } from '../../../platform/http';
import { RESOURCE_TYPES } from '../../../providers';
import { PLAN_STATES } from '../../store/deletion-plan-list.repository';
import {
  Count,
  CountOrNull,
  EnvironmentName,
  Flag,
  Id,
  IdOrNull,
  MerchantName,
  OneOf,
  OneOfOrNull,
  ProviderName,
  Text,
  TextOrNull,
  Texts,
  Time,
  TimeOrNull,
} from './fields';
import { AmountDto } from './overview-answers.dto';

export class AdminMerchantDto {
  @Id() id: string;
  @Text({ example: 'Harbour Clinic' }) name: string;
  @Text({ example: 'GBP' }) defaultCurrency: string;
  @Time() createdAt: Date;
  @Count() integrations: number;
  @Count() activeIntegrations: number;
  @Count({ description: 'That are good now.' }) apiKeys: number;
}

export class AdminApiKeyDto {
  @Id() id: string;
  @Id() merchantId: string;
  @EnvironmentName() environment: string;
  @Text({ example: 'till' }) name: string;
  @Text({ description: 'Its first characters: all that is kept of it but a hash.', example: 'rk_live_x7Ka' })
  displayPrefix: string;
  @Texts({ example: ['sync:*'] }) scopes: string[];
  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Where it may be used from; null: anywhere.',
    example: ['203.0.113.0/24'],
  })
  allowedCidrs: string[] | null;
  @IdOrNull({ description: 'The key that it replaced.' }) rotatedFrom: string | null;
  @Time() createdAt: Date;
  @TimeOrNull() expiresAt: Date | null;
  @TimeOrNull() revokedAt: Date | null;
  @TimeOrNull({ description: 'To the minute.' }) lastUsedAt: Date | null;
}

export class AdminTokenDto {
  @Id() id: string;
  @Text({ description: 'The claim that names it.', example: '7d7c2f0e-8f0c-4b0e-a7a3-4e5a8f1f6b2d' }) jti: string;
  @TextOrNull({ example: 'jo@example.com', description: 'null: issued elsewhere, and not known.' })
  subject: string | null;
  @Texts({ example: ['operator'] }) roles: string[];
  @Texts() permissions: string[];
  @Texts() nodeIds: string[];
  @IdOrNull() merchantId: string | null;
  @OneOfOrNull(ENVIRONMENTS) environment: string | null;
  @Time({ description: 'When it was issued here, or became known by its revocation.' }) createdAt: Date;
  @TextOrNull({ example: 'cli:jo@workstation', description: 'null: issued elsewhere.' }) issuedBy: string | null;
  @TimeOrNull({ description: 'null: not known.' }) expiresAt: Date | null;
  @TimeOrNull() revokedAt: Date | null;
  @TextOrNull() revokedBy: string | null;
}

export class OperatorDto {
  @Text({
    example: 'oidc:00u1k2j3',
    description: 'Of the token; `oidc:` and the provider’s subject after a sign-in there.',
  })
  subject: string;
  @TextOrNull({ example: 'Jo Miller', description: 'null: not known.' }) name: string | null;
  @Texts({ example: ['operator'] }) roles: string[];
  @OneOfOrNull(SIGN_IN_METHODS, { description: 'How the last session began; null: there was none.' })
  signInMethod: string | null;
  @Time() firstSeenAt: Date;
  @Time({ description: 'To the minute.' }) lastSeenAt: Date;
  @TimeOrNull({ description: 'null: they may sign in.' }) disabledAt: Date | null;
  @TextOrNull({ description: 'The actor who disabled them.', example: 'oidc:00u9z8y7' }) disabledBy: string | null;
}

export class IssuedApiKeyDto extends AdminApiKeyDto {
  @Text({ description: 'The key in clear: shown this once, and kept nowhere.' }) key: string;
}

export class RotatedApiKeyDto extends IssuedApiKeyDto {
  @ApiProperty({ type: AdminApiKeyDto, description: 'The old key, with the end of its overlap.' })
  replaced: AdminApiKeyDto;
}

export class DeletionPlanDto {
  @Id() id: string;
  @Id() integrationId: string;
  @MerchantName() merchantName: string | null;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @Text() stream: string;
  @OneOf(RESOURCE_TYPES) resourceType: string;
  @Id() runId: string;
  @OneOf(PLAN_STATES) state: string;
  @Count({ description: 'How many records the scan missed.' }) rows: number;
  @Count({ description: 'How many there were.' }) liveRecords: number;
  @Texts({ description: 'The first twenty external ids.' }) sample: string[];
  @Time() createdAt: Date;
  @TimeOrNull() decidedAt: Date | null;
  @TextOrNull() decidedBy: string | null;
  @TextOrNull() reason: string | null;
}

export class PlannedDeletionDto {
  @Text({ description: 'Its id at the provider.' }) externalId: string;
  @TextOrNull({
    description: 'The number of an invoice, the name of a product or device; never of a person.',
    example: 'INV-1042',
  })
  label: string | null;
  @Flag({ description: 'It is stored still.' }) isLive: boolean;
  @ApiProperty({ type: 'integer', nullable: true, description: 'In the smallest unit; null: no record of money.' })
  amountMinor: number | null;
  @TextOrNull({ example: 'GBP' }) currency: string | null;
  @TimeOrNull({ description: 'null: nothing is stored of it.' }) lastChangeAt: Date | null;
}

export class PlannedLossDto {
  @Count({ description: 'That are stored still.' }) records: number;
  @ApiProperty({ type: [AmountDto], description: 'By currency; none where they are no records of money.' })
  amounts: AmountDto[];
}

export class ApprovedPlanDto extends DeletionPlanDto {
  @Count({ description: 'Records that became tombstones.' }) deleted: number;
}

export class RotationFailureDto {
  @Id({ description: 'Of the sealed secret.' }) id: string;
  @Text({ example: 'key_not_found' }) reason: string;
}

export class RotationDto {
  @Id() id: string;
  @OneOf(['rewrap', 'reencrypt']) mode: string;
  @OneOf(['moving', 'verifying', 'done', 'failed']) state: string;
  @Text() targetKeyId: string;
  @Count() targetKeyVersion: number;
  @Text() requestedBy: string;
  @Time() startedAt: Date;
  @Time() updatedAt: Date;
  @TimeOrNull() finishedAt: Date | null;
  @Count({ description: 'Secrets when it began.' }) total: number;
  @Count() moved: number;
  @Count() verified: number;
  @CountOrNull({ description: 'Secrets still on another key when it ended; null before.' }) remaining: number | null;
  @TextOrNull({ description: 'Where it goes on.' }) cursor: string | null;
  @ApiProperty({ type: [RotationFailureDto] }) failures: RotationFailureDto[];
  @OneOfOrNull(['working', 'interrupted', 'stopped'], { description: 'null once it has ended.' })
  activity: string | null;
  @Count({ description: 'How often a worker took it up after its process was gone.' }) resumes: number;
}

export class KeyInUseDto {
  @Text() keyId: string;
  @Count() keyVersion: number;
  @Count({ description: 'Live secrets that it wraps.' }) count: number;
}

export class VaultStateDto {
  @ApiProperty({ type: RotationDto, nullable: true, description: 'The latest; null: there was none.' })
  rotation: RotationDto | null;
  @ApiProperty({ type: [KeyInUseDto] }) keysInUse: KeyInUseDto[];
}

export class StartedRotationDto {
  @ApiProperty({ type: RotationDto }) rotation: RotationDto;
}

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { AsWhole } from '../../../platform/http';
import { MAX_MANIFEST_BYTES, PROVIDER_ORIGINS, PROVIDER_STATES, RESOURCE_TYPES } from '../../../providers';
import { ReasonDto } from './admin-bodies.dto';
import { Count, Flag, OneOf, OneOfOrNull, Text, TextOrNull, Time } from './fields';

const EXAMPLE = `apiVersion: interlock/v1
id: acme
name: Acme Bookings
docsUrl: https://docs.acme.example
baseUrl: { example: 'https://api.acme.example/v1' }
hosts: [.acme.example]
auth: { kind: api_key, in: header, name: X-Acme-Key }
rate: { perSecond: 5, burst: 10, per: account }
interval: { defaultMinutes: 60, minimumMinutes: 5 }
test: { path: /me, account: id }
times: { form: iso, zone: named }
streams:
  - key: clients
    resource: customers
    enabledBy: syncPatients
    version: 1
    path: /clients
    rows: clients
    id: id
    updatedAt: updated_at
    paging: { by: page, parameter: page, size: 50, next: links.next }
    complete: true
    fields: { firstName: first_name, lastName: last_name, email: email }
`;
const MAX_VERSION = 2_147_483_647;

export class SaveManifestDto extends ReasonDto {
  @ApiProperty({
    minLength: 1,
    maxLength: MAX_MANIFEST_BYTES,
    example: EXAMPLE,
    description: 'YAML or JSON, as `provider lint` takes it.',
  })
  @IsString()
  @Length(1, MAX_MANIFEST_BYTES)
  manifest: string;
}

export class ManifestQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_VERSION, description: 'Left out: the newest.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_VERSION)
  @AsWhole()
  version?: number;
}

export class AdminProviderDto {
  @Text({ example: 'acme' }) id: string;
  @Text({ example: 'Acme Bookings' }) name: string;
  @OneOfOrNull([...PROVIDER_ORIGINS, null] as string[], {
    description:
      'Whether it is part of the service, told by a file in `PROVIDERS_DIR`, or by a manifest that an operator stored. null: nobody tells it any more.',
  })
  origin: string | null;
  @OneOf([...PROVIDER_STATES, 'not_served'], {
    description:
      '`beta`: not checked against a real account. `not_served`: integrations of it fail, nothing is deleted.',
  })
  state: string;
  @ApiProperty({ enum: RESOURCE_TYPES, isArray: true }) resources: readonly string[];
  @TextOrNull({ example: 'https://docs.acme.example' }) docsUrl: string | null;
  @Count() activeIntegrations: number;
}

export class ManifestVersionDto {
  @Count({ description: 'Grows by one with each change.' }) version: number;
  @Time({ description: 'When it was stored.' }) storedAt: Date;
  @Text({ example: 'jo@example.com', description: 'The operator.' }) storedBy: string;
  @Flag({ description: 'With this version the manifest was deleted.' }) isDeletion: boolean;
}

export class AdminManifestDto {
  @Text({ example: 'acme' }) provider: string;
  @Count({ description: 'Grows by one with each change.' }) version: number;
  @TextOrNull({ example: EXAMPLE, description: 'As it was stored; null: this version is a deletion.' }) manifest:
    string | null;
  @ApiProperty({ type: [ManifestVersionDto], description: 'The newest first, at most 50.' })
  versions: readonly ManifestVersionDto[];
}

import { ApiProperty } from '@nestjs/swagger';
import { IsDefined } from 'class-validator';
import { IsOpenObject } from '../../../platform/http';
import { CREDENTIAL_FIELDS, documentedField } from '../../../providers';

/**
 * The document of `credentials`: a member for each field of any built-in provider. Which fields a provider takes, and
 * in what form, `checkedCredentials` says.
 */
export class CredentialsDto {
  [field: string]: unknown;
}

for (const name of Object.keys(CREDENTIAL_FIELDS)) {
  ApiProperty(documentedField(name))(CredentialsDto.prototype, name);
}

export class CredentialsBodyDto {
  @ApiProperty({ type: CredentialsDto })
  @IsDefined({ message: 'is required' })
  @IsOpenObject()
  credentials: CredentialsDto;
}

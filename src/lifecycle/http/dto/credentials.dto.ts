import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { Allow, IsDefined, IsObject, ValidateNested } from 'class-validator';
import { CREDENTIAL_FIELDS, documentedField } from '../../../providers';

/**
 * A member for each field of any provider, documented and bounded by the catalogue. Which of them one provider takes,
 * and in what form, `checkedCredentials` says.
 */
export class CredentialsDto {
  [field: string]: unknown;
}

for (const name of Object.keys(CREDENTIAL_FIELDS)) {
  Allow()(CredentialsDto.prototype, name);
  ApiProperty(documentedField(name))(CredentialsDto.prototype, name);
}

export class CredentialsBodyDto {
  @ApiProperty({ type: CredentialsDto })
  @IsDefined({ message: 'is required' })
  @IsObject()
  @ValidateNested()
  @Type(() => CredentialsDto)
  credentials: CredentialsDto;
}

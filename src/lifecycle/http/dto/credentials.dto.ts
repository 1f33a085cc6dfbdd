import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsDefined,
  IsEmail,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';

export class CredentialsDto {
  @ApiProperty({
    description: 'The key that the provider issued.',
    minLength: 1,
    maxLength: 512,
    format: 'password',
    example: 'ph_8c1f…',
  })
  @IsString()
  @IsNotEmpty({ message: 'must not be empty' })
  @MaxLength(512)
  apiKey: string;

  @ApiProperty({
    description: 'Where the provider’s API answers. Normalised before use; https, and a public host of the provider.',
    minLength: 1,
    maxLength: 2048,
    example: 'https://yourclinic.practicehub.io',
  })
  @IsString()
  @IsNotEmpty({ message: 'must not be empty' })
  @MaxLength(2048)
  baseUrl: string;

  @ApiPropertyOptional({
    description: 'Application name that is shown to the provider.',
    default: 'RevKeen',
    maxLength: 100,
  })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  appName?: string;

  @ApiPropertyOptional({
    description: 'Contact address that is shown to the provider.',
    format: 'email',
    default: 'info@revkeen.com',
    maxLength: 254,
  })
  @IsOptional()
  @IsEmail({}, { message: 'must be an e-mail address' })
  @MaxLength(254)
  appEmail?: string;
}

export class CredentialsBodyDto {
  @ApiProperty({ type: CredentialsDto })
  @IsDefined({ message: 'is required' })
  @IsObject()
  @ValidateNested()
  @Type(() => CredentialsDto)
  credentials: CredentialsDto;
}

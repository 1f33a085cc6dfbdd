import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { ACCESS_TTL_SECONDS } from '../../session-rules';
import type { TokenPair } from '../../token-exchange.service';

const MAX_CREDENTIAL_LENGTH = 255;

export class AuthenticateDto {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CREDENTIAL_LENGTH)
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_CREDENTIAL_LENGTH,
    description: 'Or the header Api-Key.',
    example: 'apex_8kQ2mZ4vT7yB1nC6xW3pL9sD5fG0hJ2r9fK1cZ',
  })
  api_key?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_CREDENTIAL_LENGTH)
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_CREDENTIAL_LENGTH,
    description: 'Or the header Api-Secret.',
    example: 'sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd',
  })
  secret_key?: string | null;
}

export class RefreshDto {
  @IsString()
  @MaxLength(MAX_CREDENTIAL_LENGTH)
  @ApiProperty({
    maxLength: MAX_CREDENTIAL_LENGTH,
    description: 'Good once; the answer holds its successor.',
    example: 'rt-apex_7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ4vT3wY5uE7aN1tX6r4c8Lm',
  })
  refresh_token: string;
}

export class TokenPairDto {
  @ApiProperty({ description: 'A JWT: send it as Authorization: Bearer.' })
  access_token: string;

  @ApiProperty({ description: 'Good once, for seven days.' })
  refresh_token: string;

  @ApiProperty({ enum: ['Bearer'], example: 'Bearer' })
  token_type: 'Bearer';

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: ACCESS_TTL_SECONDS,
    example: ACCESS_TTL_SECONDS,
    description: 'Seconds. Less only when the integration, or the old secret of a rotation, ends sooner.',
  })
  expires_in: number;

  @ApiProperty({ format: 'date-time', example: '2099-05-01T10:30:00.000Z' })
  expires_at: string;
}

export function toTokenPairDto(pair: TokenPair): TokenPairDto {
  return {
    access_token: pair.accessToken,
    refresh_token: pair.refreshToken,
    token_type: 'Bearer',
    expires_in: pair.expiresInSeconds,
    expires_at: pair.expiresAt.toISOString(),
  };
}

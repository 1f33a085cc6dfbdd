import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IntegrationDto, PaginationDto } from './integration.dto';

export class SuccessDto {
  @ApiProperty({ enum: [true] })
  success: true;
}

export class MessageDto extends SuccessDto {
  @ApiProperty({ example: 'Sync resumed.' })
  message: string;
}

export class JobDto extends SuccessDto {
  @ApiProperty({ format: 'uuid', description: 'The run’s id.' })
  jobId: string;
}

export class ResumedDto extends MessageDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'The run’s id.' })
  jobId?: string;
}

export class ActivatedDto extends SuccessDto {
  @ApiProperty({ type: IntegrationDto })
  data: IntegrationDto;
}

export class IntegrationAnswerDto {
  @ApiProperty({ type: IntegrationDto, nullable: true, description: 'null: never configured.' })
  data: IntegrationDto | null;
}

export class IntegrationListDto {
  @ApiProperty({ type: [IntegrationDto] })
  data: IntegrationDto[];

  @ApiProperty({ type: PaginationDto })
  pagination: PaginationDto;
}

export class CredentialTestDto {
  @ApiProperty()
  valid: boolean;

  @ApiPropertyOptional({ description: 'The provider’s message, when not valid.' })
  error?: string;

  @ApiPropertyOptional({ description: 'The same message.' })
  reason?: string;
}

export class CredentialVersionDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  version: number;
}

export class ReplacedCredentialDto extends CredentialVersionDto {
  @ApiProperty({ type: String, format: 'date-time' })
  rollbackUntil: string;
}

export class CredentialsReplacedDto extends SuccessDto {
  @ApiProperty({ type: ReplacedCredentialDto })
  data: ReplacedCredentialDto;
}

export class CredentialsRolledBackDto extends SuccessDto {
  @ApiProperty({ type: CredentialVersionDto })
  data: CredentialVersionDto;
}

export class ExplainReasonDto {
  @ApiProperty({ example: 'scheduled' })
  code: string;

  @ApiProperty()
  message: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  since: string | null;

  @ApiProperty({
    enum: ['none', 'fix_request', 'fix_credentials', 'wait', 'reconnect', 'resume_sync', 'contact_support'],
  })
  nextAction: string;
}

export class ExplanationDto {
  @ApiProperty()
  willRun: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextExpectedStart: string | null;

  @ApiProperty({ type: [ExplainReasonDto], description: 'The true reason first.' })
  reasons: ExplainReasonDto[];
}

export class ExplainAnswerDto {
  @ApiProperty({ type: ExplanationDto })
  data: ExplanationDto;
}

import { IntersectionType } from '@nestjs/swagger';
import { CredentialsBodyDto } from './credentials.dto';
import { SettingsDto } from './settings.dto';

export class ActivateDto extends IntersectionType(CredentialsBodyDto, SettingsDto) {}

import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { AsUnset, AsWhole } from '../text-values';
import { OpenIdVariables } from './open-id';
import { leavesInClear, Risky } from './risks';

/** The variables of what a security team asks for: who watches, who may, and from where. */
export class SecurityVariables extends OpenIdVariables {
  @IsOptional()
  @Matches(/^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$/, {
    message: 'must be addresses or networks in CIDR form, such as 10.0.0.0/8,2001:db8::/32',
  })
  @AsUnset()
  ADMIN_ALLOWED_CIDRS?: string;

  @IsOptional()
  @Matches(/^(deletion_plan|bulk_retry|key_rotation|manifest)(,(deletion_plan|bulk_retry|key_rotation|manifest))*$/, {
    message: 'must be acts among deletion_plan, bulk_retry, key_rotation, manifest, with commas between',
  })
  @AsUnset()
  SECOND_APPROVER_ACTS?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000)
  @AsWhole()
  SECOND_APPROVER_BULK_RETRY_ABOVE?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(720)
  @AsWhole()
  SECOND_APPROVER_EXPIRES_HOURS?: number;

  @IsOptional()
  @Matches(/^tls:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/, {
    message: 'must be a receiver of syslog over TLS, such as tls://logs.example.com:6514',
  })
  @AsUnset()
  AUDIT_STREAM_SYSLOG_URL?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  AUDIT_STREAM_SYSLOG_CA_FILE?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  AUDIT_STREAM_SYSLOG_CERT_FILE?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  AUDIT_STREAM_SYSLOG_KEY_FILE?: string;

  @IsOptional()
  @Matches(/^https?:\/\/[^\s@?#]+$/, {
    message: 'must be an http(s) URL without credentials and query; the token is in AUDIT_STREAM_HTTP_TOKEN_FILE',
  })
  @AsUnset()
  @Risky(leavesInClear, 'the audit log and its token leave the machine in clear: use https')
  AUDIT_STREAM_HTTP_URL?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  AUDIT_STREAM_HTTP_TOKEN_FILE?: string;
}

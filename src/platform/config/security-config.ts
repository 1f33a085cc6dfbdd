import { ADDRESS_RANGE_RULE, isAddressRange } from '../http/address-list';
import type { AppConfig } from './app-config';
import { DEFAULTS } from './defaults';
import type { SecurityVariables } from './security-variables';

const SYSLOG_TLS_PORT = 6514;

/** Precondition: the variables are valid. */
export function securityConfig(
  known: SecurityVariables,
): Pick<AppConfig, 'auditStream' | 'adminAllowedCidrs' | 'secondApprover'> {
  const { AUDIT_STREAM_SYSLOG_URL: syslog, AUDIT_STREAM_HTTP_URL: http } = known;
  return {
    adminAllowedCidrs: known.ADMIN_ALLOWED_CIDRS?.split(',') ?? null,
    secondApprover: {
      acts: known.SECOND_APPROVER_ACTS?.split(',') ?? [],
      bulkRetryAbove: known.SECOND_APPROVER_BULK_RETRY_ABOVE ?? DEFAULTS.SECOND_APPROVER_BULK_RETRY_ABOVE,
      expiresMs: (known.SECOND_APPROVER_EXPIRES_HOURS ?? DEFAULTS.SECOND_APPROVER_EXPIRES_HOURS) * 3_600_000,
    },
    auditStream: {
      syslog: syslog === undefined ? null : syslogReceiver(new URL(syslog), known),
      http: http === undefined ? null : { url: http, tokenFile: known.AUDIT_STREAM_HTTP_TOKEN_FILE ?? null },
    },
  };
}

/** Variables that are each well formed, but not together. */
export function securityContradictions(known: SecurityVariables): string[] {
  const problems: string[] = [];
  const needs = (name: keyof SecurityVariables, other: keyof SecurityVariables): void => {
    if (known[name] !== undefined && known[other] === undefined)
      problems.push(`${name}: has no effect without ${other}`);
  };
  needs('AUDIT_STREAM_SYSLOG_CA_FILE', 'AUDIT_STREAM_SYSLOG_URL');
  needs('AUDIT_STREAM_SYSLOG_CERT_FILE', 'AUDIT_STREAM_SYSLOG_URL');
  needs('AUDIT_STREAM_SYSLOG_CERT_FILE', 'AUDIT_STREAM_SYSLOG_KEY_FILE');
  needs('AUDIT_STREAM_SYSLOG_KEY_FILE', 'AUDIT_STREAM_SYSLOG_CERT_FILE');
  needs('AUDIT_STREAM_HTTP_TOKEN_FILE', 'AUDIT_STREAM_HTTP_URL');
  for (const name of ['AUDIT_STREAM_SYSLOG_URL', 'AUDIT_STREAM_HTTP_URL'] as const) {
    const url = known[name];
    if (url !== undefined && !URL.canParse(url)) problems.push(`${name}: must be a URL that exists`);
  }
  if (known.ADMIN_ALLOWED_CIDRS?.split(',').every(isAddressRange) === false) {
    problems.push(`ADMIN_ALLOWED_CIDRS: ${ADDRESS_RANGE_RULE}`);
  }
  return problems;
}

function syslogReceiver(
  { hostname, port }: URL,
  known: SecurityVariables,
): NonNullable<AppConfig['auditStream']['syslog']> {
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? SYSLOG_TLS_PORT : Number(port),
    caFile: known.AUDIT_STREAM_SYSLOG_CA_FILE ?? null,
    certFile: known.AUDIT_STREAM_SYSLOG_CERT_FILE ?? null,
    keyFile: known.AUDIT_STREAM_SYSLOG_KEY_FILE ?? null,
  };
}

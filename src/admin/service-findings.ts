import { hostname } from 'node:os';
import { affecting, finding, some, subjectIn, type Finding } from './finding';
import {
  NOTICE_MS,
  type Affected,
  type AuditBacklog,
  type SeenFault,
  type ServiceFacts,
  type Stuck,
} from './finding-facts';
import type { FindingCode } from './finding-kinds';

/** Findings about the service itself. A risky setting is no fault: it never decides the headline. */
export function ofService(service: ServiceFacts): Finding[] {
  const { risks = [], rotationStoppedAt = null, clockSkew = null } = service;
  const seen = (
    code: FindingCode,
    fault: SeenFault | null | undefined,
    title: (reason: string) => string,
  ): Finding[] => (fault ? [finding(code, title(fault.reason), { since: fault.since.toISOString() })] : []);
  const stopped = rotationStoppedAt && { reason: '', since: rotationStoppedAt };
  return [
    ...seen('database_read_only', service.databaseReadOnly, (reason) => `The database ${reason}`),
    ...seen('database_away', service.databaseAway, (reason) => `The database ${reason}`),
    ...(service.queueAway
      ? seen('queue_stuck', service.queueAway, (reason) => `The queue ${reason}`)
      : ofStuck(service.stuck)),
    ...(service.slowStores ?? []).flatMap((slow) =>
      seen('store_slow', slow, (reason) => `The ${slow.store} ${reason}`),
    ),
    ...ofKeyManagement(service.keyManagementAway),
    ...ofKeyless(service.keyless),
    ...(service.auditBacklogs ?? []).map(ofAuditBacklog),
    ...seen('clock_skew', clockSkew, (reason) => `The clock of ${hostname()} ${reason}`),
    ...seen('rotation_stopped', stopped, () => 'A rotation of the vault is stopped').map((each) => ({
      ...each,
      filter: { list: 'vault' },
    })),
    ...affecting(
      'approvals_waiting',
      asAffected(service.approvals),
      `${some(service.approvals?.count ?? 0, 'act')} waiting for a second operator`,
      { list: 'approvals' },
    ),
    ...(service.refusedManifests ?? []).map(({ place, reason, since }) =>
      finding('manifest_refused', `${place} is not served: ${reason}`, { since: since.toISOString() }),
    ),
    ...ofExpiring(service),
    ...risks.map(({ variable, risk }) => finding('risky_setting', `${variable}: ${risk}`)),
  ];
}

function ofExpiring({ expiring, certificates = [] }: ServiceFacts): Finding[] {
  const ending = (
    code: FindingCode,
    affected: Affected | undefined,
    noun: string,
    filter: Finding['filter'],
  ): Finding[] => (affected ? affecting(code, affected, `${some(affected.count, noun)} about to expire`, filter) : []);
  return [
    ...ending('tokens_expiring', expiring?.tokens, 'token', { list: 'tokens' }),
    ...ending('node_keys_expiring', expiring?.nodeKeys, 'node key', null),
    ...certificates.map(({ variable, expiresAt }) =>
      finding(
        'certificates_expiring',
        `The certificate of ${variable} ends on ${expiresAt.toISOString().slice(0, 10)}`,
        {
          since: new Date(expiresAt.getTime() - NOTICE_MS).toISOString(),
        },
      ),
    ),
  ];
}

function asAffected(waiting: ServiceFacts['approvals']): Affected {
  return { count: waiting?.count ?? 0, since: waiting?.since?.toISOString() ?? null, merchants: [], merchantCount: 0 };
}

function ofAuditBacklog({ origin, links, since, lastError }: AuditBacklog): Finding {
  const reason = lastError === null ? '' : `: ${lastError}`;
  return finding('audit_stream_behind', `The audit stream to ${origin} is behind${reason}`, {
    since: since.toISOString(),
    count: links,
    filter: { list: 'audit' },
  });
}

/** It leads to the integrations that it has failed; where there are none yet it is told all the same. */
function ofKeyManagement(away: ServiceFacts['keyManagementAway']): Finding[] {
  if (!away) return [];
  const { count, merchants, merchantCount } = away.waiting;
  const title = `AWS KMS is not available: ${away.reason}`;
  const whom =
    count === 0
      ? {}
      : {
          ...{ count, merchants, merchantCount, filter: { finding: 'key_management_away' } },
          subject: subjectIn('integrations', away.waiting),
        };
  return [finding('key_management_away', title, { since: away.since.toISOString(), ...whom })];
}

function ofKeyless(keyless: ServiceFacts['keyless']): Finding[] {
  if (!keyless) return [];
  const { count, keptBy } = keyless;
  const title = `${some(count, 'secret')} ${count === 1 ? 'is' : 'are'} sealed by ${keptBy}, which this process is not set up for`;
  return affecting('key_management_missing', keyless, title, { list: 'vault' });
}

/** Led to are the runs, or the integrations where no run was made at all: the number is of what the list has. */
function ofStuck(stuck?: Stuck): Finding[] {
  if (!stuck) return [];
  const { runs, unmade } = stuck;
  const without =
    unmade.count === 0
      ? []
      : [`${some(unmade.count, 'sync')} due, and no run is made of ${unmade.count === 1 ? 'it' : 'them'}`];
  if (runs.count === 0) return affecting('queue_stuck', unmade, without[0] ?? '');
  const title = `No worker takes runs: ${some(runs.count, 'run')} due`;
  return affecting('queue_stuck', runs, title, { list: 'runs', overdue: 'true' }, { effects: without });
}

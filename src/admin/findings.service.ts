import { Injectable } from '@nestjs/common';
import { AuditStreams } from '../audit';
import { AppConfig } from '../platform/config';
import { ManifestWatch, ProviderRegistry } from '../providers';
import { KeyManagementHealth, VaultRotation } from '../vault';
import { expiringCertificates, type ExpiringCertificate } from './certificate-expiry';
import type { Finding } from './finding';
import { EVERYTHING, NOTICE_MS, type Incident, type ServiceFacts, type ViewScope } from './finding-facts';
import { findingsOf } from './findings';
import { ReadingsByScope } from './readings-by-scope';
import { ServiceFaults } from './service-faults';
import type { AdminIntegration } from './store/admin-integration.repository';
import { ApprovalRepository } from './store/approval.repository';
import { FindingRepository } from './store/finding.repository';
import { OverviewRepository } from './store/overview.repository';

const MAX_INCIDENTS = 20;
const MAX_NOVELTIES = 10;
const ROWS_OF_INTEGRATIONS = ['payment-reviews', 'quarantine', 'deletion-plans'];

type OneIntegration = Pick<AdminIntegration, 'id' | 'environment' | 'provider' | 'lastErrorCode'>;

export interface Findings {
  /** Worst first. */
  readonly findings: Finding[];
  /** Open ones first, then the latest. */
  readonly incidents: Incident[];
}

/** Of the service, what is told on the page of an integration. */
function concerns({ code, stopsRuns }: Finding, { lastErrorCode }: OneIntegration): boolean {
  // whether its own data key is in memory is known to the worker alone
  if (stopsRuns || code === 'key_management_away') return true;
  return code === 'key_management_missing' && lastErrorCode === 'unavailable';
}

/** Where its rows stand, of lists that know integrations; it is in no need of the list of itself. */
function listOf(filter: NonNullable<Finding['filter']>, integrationId: string): Finding['filter'] {
  const { list } = filter;
  if (list === undefined) return null;
  return ROWS_OF_INTEGRATIONS.includes(list) ? { ...filter, integrationId } : filter;
}

/** The findings, for the overview, the metrics and the alerts. */
@Injectable()
export class FindingsService {
  private readonly readings = new ReadingsByScope((scope) => this.load(scope));
  private readonly nameOf = (provider: string): string => this.providers.nameOf(provider);

  constructor(
    private readonly facts: FindingRepository,
    private readonly overview: OverviewRepository,
    private readonly rotation: VaultRotation,
    private readonly keyManagement: KeyManagementHealth,
    private readonly faults: ServiceFaults,
    private readonly auditStreams: AuditStreams,
    private readonly approvals: ApprovalRepository,
    private readonly config: AppConfig,
    private readonly providers: ProviderRegistry,
    private readonly manifests: ManifestWatch,
  ) {}

  read(scope: ViewScope = EVERYTHING): Promise<Findings> {
    return this.readings.read(scope);
  }

  /** Its own, an incident of its provider, and what keeps the runs of all from starting. */
  async ofIntegration(integration: OneIntegration): Promise<Finding[]> {
    const { id, environment, provider } = integration;
    const scope = { environment, provider };
    const facts = await this.facts.read({ ...scope, integrationId: id });
    const incidents = await this.overview.incidents(scope, MAX_INCIDENTS);
    return findingsOf(facts, incidents, [], await this.service(), this.nameOf)
      .filter((found) => found.environment !== null || concerns(found, integration))
      .map(({ filter, subject, ...found }) => ({
        ...found,
        filter: filter && listOf(filter, id),
        // it is on its own page already
        subject: subject?.id === id ? null : subject,
      }));
  }

  private async load(scope: ViewScope): Promise<Findings> {
    // one after the other: a scrape holds one connection and leaves the others for the work
    const facts = await this.facts.read(scope);
    const incidents = await this.overview.incidents(scope, MAX_INCIDENTS);
    const novelties = await this.facts.newAtProviders(scope, MAX_NOVELTIES);
    return { findings: findingsOf(facts, incidents, novelties, await this.service(), this.nameOf), incidents };
  }

  private async service(): Promise<ServiceFacts> {
    const rotation = await this.rotation.progress();
    return {
      risks: this.config.risks,
      rotationStoppedAt: rotation?.activity === 'stopped' ? rotation.updatedAt : null,
      keyManagementAway: await this.keyManagementAway(),
      expiring: await this.facts.expiring(),
      certificates: await this.certificates(),
      approvals: await this.approvals.waiting(),
      auditBacklogs: await this.auditStreams.behind(),
      stuck: await this.facts.stuck(),
      refusedManifests: this.manifests.refused(),
      ...(await this.faults.look()),
    };
  }

  /** What this process was answered, or what the runs of all have found and some still wait for. */
  private async keyManagementAway(): Promise<ServiceFacts['keyManagementAway']> {
    const { shutSince, waiting } = await this.facts.keyManagement();
    const own = this.keyManagement.away();
    const found = waiting.count > 0 ? shutSince : null;
    if (own === null) return found && { reason: 'runs cannot open their credentials', since: found, waiting };
    return { ...own, since: found !== null && found < own.since ? found : own.since, waiting };
  }

  private certificates(): Promise<ExpiringCertificate[]> {
    const { syslog } = this.config.auditStream;
    const files = { AUDIT_STREAM_SYSLOG_CA_FILE: syslog?.caFile, AUDIT_STREAM_SYSLOG_CERT_FILE: syslog?.certFile };
    return expiringCertificates(files, new Date(Date.now() + NOTICE_MS));
  }
}

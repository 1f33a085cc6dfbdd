import { Injectable } from '@nestjs/common';
import { AuditStreams } from '../audit';
import { AppConfig } from '../platform/config';
import { KeyManagementHealth, VaultRotation } from '../vault';
import { findingsOf, type Finding, type Incident } from './findings';
import { FindingRepository } from './store/finding.repository';
import { OverviewRepository } from './store/overview.repository';

const MAX_INCIDENTS = 20;
const MAX_NOVELTIES = 10;
/** One reading serves all open consoles and scrapers. */
const SHARED_FOR_MS = 1_000;

export interface Findings {
  /** Worst first. */
  readonly findings: Finding[];
  /** Open ones first, then the latest. */
  readonly incidents: Incident[];
}

/** The findings, for the overview, the metrics and the alerts. */
@Injectable()
export class FindingsService {
  private shared: { readonly until: number; readonly answer: Promise<Findings> } | null = null;

  constructor(
    private readonly facts: FindingRepository,
    private readonly overview: OverviewRepository,
    private readonly rotation: VaultRotation,
    private readonly keyManagement: KeyManagementHealth,
    private readonly auditStreams: AuditStreams,
    private readonly config: AppConfig,
  ) {}

  read(): Promise<Findings> {
    if (this.shared && performance.now() < this.shared.until) return this.shared.answer;
    const answer = this.load();
    this.shared = { until: performance.now() + SHARED_FOR_MS, answer };
    answer.catch(() => (this.shared = null));
    return answer;
  }

  private async load(): Promise<Findings> {
    // one after the other: a scrape holds one connection and leaves the others for the work
    const facts = await this.facts.read();
    const incidents = await this.overview.incidents(MAX_INCIDENTS);
    const novelties = await this.facts.newAtProviders(MAX_NOVELTIES);
    const rotation = await this.rotation.progress();
    const findings = findingsOf(facts, incidents, novelties, {
      risks: this.config.risks,
      rotationStoppedAt: rotation?.activity === 'stopped' ? rotation.updatedAt : null,
      keyManagementAway: this.keyManagement.away(),
      auditBacklogs: await this.auditStreams.behind(),
    });
    return { findings, incidents };
  }
}

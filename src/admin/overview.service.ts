import { Injectable } from '@nestjs/common';
import { headlineOf, type Finding, type Headline, type Incident } from './findings';
import { FindingsService } from './findings.service';
import { AdminIntegrationRepository, type AdminIntegration } from './store/admin-integration.repository';
import {
  OverviewRepository,
  type HourOfErrors,
  type HourOfRuns,
  type LatenessBucket,
  type OverviewCounts,
} from './store/overview.repository';

export interface Overview {
  readonly generatedAt: Date;
  readonly headline: Headline;
  readonly findings: Finding[];
  readonly counts: OverviewCounts;
  readonly lateness: LatenessBucket[];
  readonly runsByHour: HourOfRuns[];
  readonly errorsByHour: HourOfErrors[];
  readonly incidents: Incident[];
  readonly attention: AdminIntegration[];
}

const HOURS = 24;
const MAX_ATTENTION = 8;
/** One reading serves all open consoles. */
const SHARED_FOR_MS = 1_000;

/** What is wrong, since when, for whom, and what to do next. */
@Injectable()
export class OverviewService {
  private shared: { readonly until: number; readonly answer: Promise<Overview> } | null = null;

  constructor(
    private readonly overview: OverviewRepository,
    private readonly integrations: AdminIntegrationRepository,
    private readonly findings: FindingsService,
  ) {}

  read(): Promise<Overview> {
    if (this.shared && performance.now() < this.shared.until) return this.shared.answer;
    const answer = this.load();
    this.shared = { until: performance.now() + SHARED_FOR_MS, answer };
    answer.catch(() => (this.shared = null));
    return answer;
  }

  private async load(): Promise<Overview> {
    const [counts, lateness, runsByHour, errorsByHour, attention, { findings, incidents }] = await Promise.all([
      this.overview.counts(),
      this.overview.lateness(),
      this.overview.runsByHour(HOURS),
      this.overview.errorsByHour(HOURS),
      this.integrations.needingAttention(MAX_ATTENTION),
      this.findings.read(),
    ]);
    return {
      generatedAt: new Date(),
      headline: headlineOf(findings, counts.active),
      findings,
      counts,
      lateness,
      runsByHour,
      errorsByHour,
      incidents,
      attention,
    };
  }
}

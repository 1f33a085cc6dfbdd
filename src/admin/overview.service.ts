import { Injectable } from '@nestjs/common';
import type { Finding } from './finding';
import type { Incident, ViewScope } from './finding-facts';
import { FindingsService } from './findings.service';
import { headlineOf, type Headline } from './headline';
import { RANGES, type Range } from './ranges';
import { ReadingsByScope } from './readings-by-scope';
import { AdminIntegrationRepository, type AttentionIntegration } from './store/admin-integration.repository';
import {
  OverviewRepository,
  type BarOfErrors,
  type BarOfRuns,
  type LatenessBucket,
  type OverviewCounts,
} from './store/overview.repository';

export interface Overview {
  readonly generatedAt: Date;
  readonly headline: Headline;
  readonly findings: Finding[];
  readonly counts: OverviewCounts;
  readonly lateness: LatenessBucket[];
  /** How long a bar of the charts is. */
  readonly barHours: number;
  readonly runs: BarOfRuns[];
  readonly errors: BarOfErrors[];
  readonly incidents: Incident[];
  readonly attention: AttentionIntegration[];
}

type View = ViewScope & { readonly range: Range };

const MAX_ATTENTION = 8;

/** What is wrong, since when, for whom, and what to do next. */
@Injectable()
export class OverviewService {
  private readonly readings = new ReadingsByScope<Overview, View>((view) => this.load(view));

  constructor(
    private readonly overview: OverviewRepository,
    private readonly integrations: AdminIntegrationRepository,
    private readonly findings: FindingsService,
  ) {}

  read(view: View): Promise<Overview> {
    return this.readings.read(view);
  }

  private async load({ range, ...scope }: View): Promise<Overview> {
    const bars = RANGES[range];
    const [counts, lateness, runs, errors, attention, { findings, incidents }] = await Promise.all([
      this.overview.counts(scope),
      this.overview.lateness(scope),
      this.overview.runs(scope, bars),
      this.overview.errors(scope, bars),
      this.integrations.needingAttention(scope, MAX_ATTENTION),
      this.findings.read(scope),
    ]);
    return {
      generatedAt: new Date(),
      headline: headlineOf(findings, counts.active),
      findings,
      counts,
      lateness,
      barHours: bars.hours,
      runs,
      errors,
      incidents,
      attention,
    };
  }
}

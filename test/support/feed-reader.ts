/**
 * A reader of one change feed that keeps its cursor: what it saw, and whether it ever saw a version twice or out of
 * order.
 */
export class FeedReader {
  readonly versions = new Map<string, number>();
  readonly state = new Map<string, { operation: string; data: unknown }>();
  readonly faults: string[] = [];
  entries = 0;
  private cursor: string | null = null;
  /** Counts the times that it began anew, because its cursor had expired or the feed was another one. */
  starts = 0;

  constructor(
    private readonly url: () => string,
    private readonly key: string,
  ) {}

  /** Reads to the end of the feed; a call that fails is left for the next time. */
  async catchUp(): Promise<void> {
    for (;;) {
      const query = new URLSearchParams({ limit: '100', ...(this.cursor === null ? {} : { cursor: this.cursor }) });
      const answer = await fetch(`${this.url()}?${query}`, { headers: { 'x-api-key': this.key } });
      if (answer.status === 410) {
        this.startOver();
        continue;
      }
      if (!answer.ok) throw new Error(`feed: ${answer.status}`);
      const page = (await answer.json()) as {
        data: { externalId: string; version: number; operation: string; data: unknown }[];
        nextCursor: string;
        hasMore: boolean;
      };
      for (const entry of page.data) {
        const seen = this.versions.get(entry.externalId) ?? 0;
        if (entry.version <= seen) this.faults.push(`${entry.externalId}: version ${entry.version} after ${seen}`);
        this.versions.set(entry.externalId, entry.version);
        this.state.set(entry.externalId, { operation: entry.operation, data: entry.data });
        this.entries++;
      }
      this.cursor = page.nextCursor;
      if (!page.hasMore) return;
    }
  }

  /** What it had seen may never have been: it reads everything again. */
  startOver(): void {
    this.cursor = null;
    this.versions.clear();
    this.state.clear();
    this.starts++;
  }
}

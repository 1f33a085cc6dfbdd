import type { Committed, PageCommit, StreamPages } from './page-commit';
import type { FenceTarget } from './run-fence';

/** A commit covers at most so many rows, or so much time of reading. */
const MAX_ROWS = 1_000;
const MAX_DELAY_MS = 1_000;

/**
 * The commits of one attempt of a run. Streams that end with their first page wait for each other and are committed in
 * one transaction: in most runs that is all of them.
 */
export class CommitGroup {
  private waiting: StreamPages[] = [];
  private rows = 0;
  private since = 0;

  constructor(
    private readonly commits: Pick<PageCommit, 'commit'>,
    private readonly target: FenceTarget,
    /** Called after each commit of pages. */
    private readonly afterCommit: () => Promise<void>,
  ) {}

  /** Pages with which a stream ends, whatever they bring. They are committed with what follows them. */
  async end(pages: StreamPages): Promise<void> {
    if (this.waiting.length === 0) this.since = performance.now();
    this.waiting.push(pages);
    this.rows += pages.rows.length;
    if (this.rows >= MAX_ROWS || performance.now() - this.since >= MAX_DELAY_MS) await this.flush();
  }

  /** Commits the pages, and what waits with them. */
  async commit(pages: StreamPages): Promise<Committed> {
    // what is taken for new may have to be looked up after all, and then nothing may travel behind it
    if (pages.options.takenForNew) await this.flush();
    const [committed] = (await this.commitAll([...this.waiting, pages])).slice(-1);
    return committed!;
  }

  /** Before anything else is written of the run, and before it ends. */
  async flush(): Promise<void> {
    if (this.waiting.length > 0) await this.commitAll(this.waiting);
  }

  private async commitAll(streams: readonly StreamPages[]): Promise<Committed[]> {
    const committed = await this.commits.commit(this.target, streams);
    this.waiting = [];
    this.rows = 0;
    await this.afterCommit();
    return committed;
  }
}

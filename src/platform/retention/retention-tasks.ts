import { Injectable } from '@nestjs/common';

/** What a module keeps for a while. */
export interface RetentionTask {
  /** Of a closed list: it is a label of the metrics. */
  readonly name: string;
  /** Rows at once; 1,000 unless others hang on each. */
  readonly batch?: number;
  /**
   * Removes up to `limit` rows that are past keeping, in short transactions, and says how many: fewer than the limit
   * means that no more are left for now. Several workers call it at the same time.
   */
  trim(limit: number): Promise<number>;
}

/** What is kept for a while. Modules register theirs while they start. */
@Injectable()
export class RetentionTasks {
  private readonly tasks: RetentionTask[] = [];

  register(...tasks: RetentionTask[]): void {
    this.tasks.push(...tasks);
  }

  all(): readonly RetentionTask[] {
    return this.tasks;
  }
}

import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { Vault } from '../vault';

const BATCH = 500;

/** Removes the unreadable rows of secrets that were destroyed long ago, a batch at a time; any number of workers does it side by side. */
@Injectable()
export class SecretPurge extends Daemon {
  protected readonly name = 'purge of destroyed secrets';
  protected readonly intervalMs = 3_600_000;

  constructor(private readonly vault: Vault) {
    super();
  }

  async tick(): Promise<boolean> {
    return (await this.vault.purgeDestroyed(BATCH)) === BATCH;
  }
}

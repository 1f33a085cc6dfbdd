import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import { type RotationProgress, VaultRotation } from '../vault';

/** Works on a rotation in this process, past the request that began it. A process that ends leaves it open: start it again. */
@Injectable()
export class RotationRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger('rotation');
  private readonly stop = new AbortController();
  private working: Promise<unknown> | null = null;

  constructor(private readonly rotation: VaultRotation) {}

  async start(request: Parameters<VaultRotation['start']>[0]): Promise<RotationProgress> {
    const begun = await this.rotation.start(request);
    this.working ??= this.rotation
      .run(begun.id, { signal: this.stop.signal })
      .catch((error: unknown) => {
        // another process is at it: its progress is read from the same row
        if (error instanceof InterlockError && error.code === 'conflict') return;
        this.logger.error({ msg: 'the rotation stopped; start it again to go on', err: error });
      })
      .finally(() => (this.working = null));
    return begun;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.working;
  }
}

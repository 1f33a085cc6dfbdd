import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import type { Tx } from '../platform/database';

/** Removes what a module keeps about an integration. Runs in the erasing run's last transaction, under the row lock. */
export type DataEraser = (tx: Tx, integration: Integration) => Promise<void>;

/** What else goes when an integration's data is erased. Modules that depend on this one register theirs while they start. */
@Injectable()
export class DataErasers {
  private readonly erasers: DataEraser[] = [];

  register(eraser: DataEraser): void {
    this.erasers.push(eraser);
  }

  async eraseAll(tx: Tx, integration: Integration): Promise<void> {
    for (const eraser of this.erasers) await eraser(tx, integration);
  }
}

import { Injectable } from '@nestjs/common';
import { IntegrationRepository } from '../integrations';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { countedPart, offsetOf, type ListPart, type ListRequest } from '../platform/http';
import {
  WatermarkRepository,
  type Watermark,
  type WatermarkChange,
  type WatermarkOwner,
} from './store/watermark.repository';

/** The cursors of outside workers. Those of the engine can be read here, and not written. */
@Injectable()
export class Watermarks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly watermarks: WatermarkRepository,
  ) {}

  async list(owner: WatermarkOwner, request: ListRequest): Promise<ListPart<Watermark>> {
    const part = { limit: request.limit, offset: offsetOf(request) };
    return countedPart(request, await this.watermarks.list(owner, part));
  }

  async put(
    owner: WatermarkOwner,
    resourceType: string,
    change: WatermarkChange,
  ): Promise<{ watermark: Watermark; created: boolean }> {
    const provider = owner.source;
    return this.unitOfWork.run(async (tx) => {
      // an activation that is under way seeds its cursors under this lock: they are seen, or come after
      const integration = await this.integrations.lockByKey(tx, { ...owner, provider });
      if (integration && (await this.watermarks.isOwnedByEngine(tx, owner, resourceType))) {
        throw new InterlockError('conflict', {
          message: `The sync engine owns the cursor of ${resourceType} at ${provider}; it can only be read.`,
        });
      }
      return this.watermarks.put(tx, owner, resourceType, change);
    });
  }
}

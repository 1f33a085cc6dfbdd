import { Injectable, Optional } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { AuditLog, type AuditEvent } from '../audit';
import { Clock } from '../platform/clock';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { networkOf } from '../platform/http';
import { Metrics } from '../platform/metrics';

const HOUR_MS = 3_600_000;
const MAX_NOTED = 10_000;

export type AddressSurface = 'admin' | 'api_key';

/**
 * Refuses calls from addresses that are not allowed. Each is counted; the audit log has one entry an hour for each key,
 * and one for the admin surface, with the network of the first call: a flood writes nothing more.
 */
@Injectable()
export class AddressRefusals {
  private readonly refused: Counter | undefined;
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    @Optional() metrics?: Metrics,
  ) {
    this.refused = metrics?.counter('address_refusals_total', 'Calls from addresses that are not allowed.', [
      'surface',
    ]);
    for (const surface of ['admin', 'api_key']) this.refused?.inc({ surface }, 0);
  }

  async refuse(
    surface: AddressSurface,
    subject: Pick<AuditEvent, 'subject' | 'merchantId' | 'environment'>,
    address: string,
  ): Promise<never> {
    this.refused?.inc({ surface });
    await this.note(surface, subject, address);
    throw new InterlockError('permission_denied', { message: 'Calls from this address are not allowed.' });
  }

  private async note(
    surface: AddressSurface,
    about: Pick<AuditEvent, 'subject' | 'merchantId' | 'environment'>,
    address: string,
  ): Promise<void> {
    const hour = Math.floor(this.clock.now().getTime() / HOUR_MS);
    if (this.noted.get(about.subject.id) === hour) return;
    await this.unitOfWork.run((tx) =>
      this.audit.record(tx, {
        ...about,
        action: `${surface}.address_refused`,
        details: { network: networkOf(address) },
        once: String(hour),
      }),
    );
    if (this.noted.size >= MAX_NOTED) this.noted.clear();
    this.noted.set(about.subject.id, hour);
  }
}

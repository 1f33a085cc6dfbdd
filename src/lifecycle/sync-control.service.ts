import { Injectable } from '@nestjs/common';
import { aboutIntegration, EventLog } from '../events';
import { IdempotentEffects } from '../idempotency';
import {
  IntegrationChanges,
  IntegrationRepository,
  type Integration,
  type IntegrationConfiguration,
  type IntegrationKey,
} from '../integrations';
import { PaymentMappings, refuseRepeatedMethods, type PaymentMapping } from '../mappings';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { ProviderRegistry } from '../providers';
import { SyncLifecycle } from '../sync';
import { changedSettings, checkInterval, type ActivationSettings } from './configuration';

type LifecycleEvent = Parameters<IntegrationChanges['make']>[1];

/** Another value of these, or one that is switched on, brings rows that were read otherwise or not at all. */
const READS_ROWS_ANEW = [
  'currency',
  'timezone',
  'syncPatients',
  'syncProducts',
  'syncPackages',
  'syncInvoices',
] as const satisfies readonly (keyof IntegrationConfiguration)[];

/** Everything a merchant does to an integration that exists. Calls on one integration queue on its row lock. */
@Injectable()
export class SyncControlService {
  constructor(
    private readonly changes: IntegrationChanges,
    private readonly integrations: IntegrationRepository,
    private readonly providers: ProviderRegistry,
    private readonly sync: SyncLifecycle,
    private readonly mappings: PaymentMappings,
    private readonly events: EventLog,
    private readonly effects: IdempotentEffects,
  ) {}

  /** The run that will do it: a new one, or the live one. */
  async syncNow(key: IntegrationKey, fullResync: boolean): Promise<string> {
    return this.locked(key, 'sync', async (tx, integration) => {
      if (await this.sync.isPaused(tx, integration.id)) throw new InterlockError('sync_paused');
      const { runId } = await this.sync.requestRun(tx, {
        integrationId: integration.id,
        kind: 'sync',
        trigger: 'manual',
        fullResync,
      });
      return runId;
    });
  }

  /** The one atomic way to close the breaker and run now. */
  async resume(key: IntegrationKey): Promise<string> {
    return this.locked(key, 'resume', async (tx, integration) => {
      await this.sync.closeBreaker(tx, integration.id);
      await this.changes.record(tx, integration, 'integration.resumed');
      this.events.append(tx, key, 'integration.resumed', aboutIntegration(integration));
      const { runId } = await this.sync.requestRun(tx, {
        integrationId: integration.id,
        kind: 'sync',
        trigger: 'manual',
      });
      return runId;
    });
  }

  async toggle(key: IntegrationKey, enabled: boolean): Promise<void> {
    await this.locked(key, 'configure', async (tx, integration) => {
      await this.setEnabled(tx, integration, enabled);
      await this.changes.record(tx, integration, 'integration.sync_toggled', { details: { enabled } });
    });
  }

  private async setEnabled(tx: Tx, integration: Integration, enabled: boolean): Promise<void> {
    await this.integrations.setSyncEnabled(tx, integration.id, enabled);
    await this.sync.setEnabled(tx, integration.id, enabled);
    if (enabled === integration.syncEnabled) return;
    const about = aboutIntegration(integration);
    if (enabled) this.events.append(tx, integration, 'integration.resumed', about);
    else this.events.append(tx, integration, 'integration.paused', { ...about, cause: 'merchant' });
  }

  async setInterval(key: IntegrationKey, minutes: number): Promise<void> {
    await this.locked(key, 'configure', async (tx, integration) => {
      checkInterval(minutes, this.providers.get(key.provider).entry);
      if (integration.configuration.syncIntervalMinutes === minutes) return;
      await this.integrations.configure(tx, integration.id, { syncIntervalMinutes: minutes });
      await this.sync.setInterval(tx, integration.id, minutes * 60_000);
      await this.changes.record(tx, integration, 'integration.configured', {
        details: { syncIntervalMinutes: minutes },
      });
    });
  }

  /** Any of the settings, without disconnecting. Null says nothing of a setting, but that the time zone is unknown. */
  async change(
    key: IntegrationKey,
    { syncEnabled, ...settings }: ActivationSettings,
    paymentMappings?: readonly PaymentMapping[] | null,
  ): Promise<void> {
    if (paymentMappings) refuseRepeatedMethods(paymentMappings, 'paymentMappings');
    await this.locked(key, 'configure', async (tx, integration) => {
      const changed = changedSettings(integration.configuration, settings);
      if (changed.syncIntervalMinutes !== undefined) {
        checkInterval(changed.syncIntervalMinutes, this.providers.get(key.provider).entry);
        await this.sync.setInterval(tx, integration.id, changed.syncIntervalMinutes * 60_000);
      }
      const toggles = typeof syncEnabled === 'boolean' && syncEnabled !== integration.syncEnabled;
      if (Object.keys(changed).length > 0) await this.integrations.configure(tx, integration.id, changed);
      if (toggles) await this.setEnabled(tx, integration, syncEnabled);
      if (paymentMappings) await this.mappings.replaceAllIn(tx, key, paymentMappings);
      const details = {
        ...changed,
        ...(toggles && { syncEnabled }),
        ...(paymentMappings && { paymentMappings: true }),
      };
      if (Object.keys(details).length > 0)
        await this.changes.record(tx, integration, 'integration.configured', { details });
      if (READS_ROWS_ANEW.some((name) => changed[name] !== undefined && changed[name] !== false)) {
        await this.scanAnew(tx, integration, syncEnabled ?? integration.syncEnabled);
      }
    });
  }

  /**
   * At once, unless nothing runs at the moment; the next run reads everything anew by itself where rows are read
   * otherwise.
   */
  private async scanAnew(tx: Tx, { id }: Integration, enabled: boolean): Promise<void> {
    if (!enabled || (await this.sync.isPaused(tx, id))) return;
    await this.sync.requestRun(tx, { integrationId: id, kind: 'sync', trigger: 'scheduled', fullResync: true });
  }

  async configure(
    key: IntegrationKey,
    change: Partial<Pick<IntegrationConfiguration, 'invoiceLookbackDays' | 'autoSendInvoices'>>,
  ): Promise<void> {
    await this.locked(key, 'configure', async (tx, integration) => {
      await this.integrations.configure(tx, integration.id, change);
      await this.changes.record(tx, integration, 'integration.configured', { details: change });
    });
  }

  /** An outside worker's result counts like one of our own. */
  async reportStatus(
    key: IntegrationKey,
    report: { status: 'connected' | 'error' | 'syncing' | 'idle'; lastSyncError: string | null },
  ): Promise<void> {
    await this.locked(key, report.status === 'idle' ? 'report_idle' : 'report_result', async (tx, integration) => {
      if (report.status === 'connected') await this.sync.outsideSucceeded(tx, integration);
      if (report.status === 'syncing') await this.sync.outsideSyncing(tx, integration.id);
      if (report.status === 'error') await this.sync.outsideFailed(tx, integration, report.lastSyncError);
    });
  }

  private async locked<T>(
    key: IntegrationKey,
    event: LifecycleEvent,
    work: (tx: Tx, integration: Integration) => Promise<T>,
  ): Promise<T> {
    return this.effects.once((keep) =>
      this.changes.make(key, event, async (tx, integration) => keep(tx, await work(tx, integration))),
    );
  }
}

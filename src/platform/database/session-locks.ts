import { Injectable } from '@nestjs/common';
import { within } from '../clock';
import { AppConfig } from '../config/app-config';
import { newClient } from './connection';
import { SESSION_OPTIONS } from './limits';

const CONNECTION_MS = 5_000;

/** Locks between processes, each with a connection of its own: the lock of a process that was killed ends with it. */
@Injectable()
export class SessionLocks {
  constructor(private readonly config: AppConfig) {}

  /** Does the work while nobody else has the lock of that name; `lost`: it is gone. false: somebody else has it. */
  async whileHeld(name: string, work: (lost: AbortSignal) => Promise<void>): Promise<boolean> {
    const lost = new AbortController();
    const client = newClient(this.config.database.directUrl, {
      keepAlive: true,
      options: SESSION_OPTIONS,
      application_name: 'interlock-lock',
      connectionTimeoutMillis: CONNECTION_MS,
      query_timeout: CONNECTION_MS,
    });
    client.on('error', () => lost.abort());
    try {
      await client.connect();
      const { rows } = await client.query<{ held: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
        [name],
      );
      if (rows[0]!.held) await work(lost.signal);
      return rows[0]!.held;
    } finally {
      await within(CONNECTION_MS, client.end());
    }
  }
}

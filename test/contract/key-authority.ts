import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { Authenticated, CurrentMerchant, type CurrentMerchantScope } from '../../src/auth';
import { eventually } from '../support/eventually';
import type { TcpGate } from '../support/tcp-gate';

@Controller('v2/things')
export class ThingsController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  whose(@CurrentMerchant() scope: CurrentMerchantScope): CurrentMerchantScope {
    return scope;
  }

  @Post()
  @Authenticated({ scope: 'integrations:write' })
  write(): object {
    return { success: true };
  }

  @Post('internal')
  @Authenticated({ scope: 'integrations:internal', internal: true })
  internal(): object {
    return { success: true };
  }
}

export interface KeyOrder {
  readonly environment: 'sandbox' | 'live';
  readonly scopes: readonly string[];
  readonly expiresAt?: Date;
}

export interface KeyAuthoritySubject {
  /** Two processes of one installation, with the ThingsController and no rate limit. */
  readonly apps: readonly [NestExpressApplication, NestExpressApplication];
  readonly merchantId: string;
  issue(order: KeyOrder): Promise<string>;
  revoke(key: string): Promise<void>;
  /** Well formed, and nobody's. */
  readonly neverIssued: string;
  /** In front of whom the authority asks. */
  readonly gate: TcpGate;
  /** What both processes logged. */
  readonly logs: readonly string[];
  /** Beside the keys: what may not be in the logs either. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

const TEXT = 'A valid API key or token is required.';

/** What holds for every key authority, seen from outside. */
export function keyAuthorityContract(name: string, open: () => Promise<KeyAuthoritySubject>): void {
  describe(`key authority: ${name}`, () => {
    let subject: KeyAuthoritySubject;
    const issued: string[] = [];
    beforeAll(async () => {
      subject = await open();
    }, 60_000);
    afterAll(() => subject?.stop());

    const issue = async (order: Partial<KeyOrder> = {}): Promise<string> => {
      const key = await subject.issue({ environment: 'sandbox', scopes: ['integrations:*'], ...order });
      issued.push(key);
      return key;
    };
    const call = (key: string, { app = 0, method = 'get', path = '/v2/things' } = {}) =>
      request(subject.apps[app]!.getHttpServer())
        [method as 'get' | 'post'](path)
        .set('x-api-key', key)
        .set('connection', 'close');

    it.each(['sandbox', 'live'] as const)(
      'lets a %s key in as its merchant, in its environment, on every process',
      async (environment) => {
        const key = await issue({ environment });
        for (const app of [0, 1]) {
          const answer = await call(key, { app });
          expect([answer.status, answer.body]).toEqual([200, { merchantId: subject.merchantId, environment }]);
        }
      },
    );

    it('gives what the key was given, and not more', async () => {
      const statuses = async (scopes: string[]): Promise<number[]> => {
        const key = await issue({ scopes });
        const write = await call(key, { method: 'post' });
        const internal = await call(key, { method: 'post', path: '/v2/things/internal' });
        return [(await call(key)).status, write.status, internal.status];
      };
      expect(await statuses(['integrations:read'])).toEqual([200, 403, 403]);
      expect(await statuses(['integrations:*'])).toEqual([200, 201, 403]);
      expect(await statuses(['integrations:internal'])).toEqual([403, 403, 201]);
      expect(await statuses(['sync:*'])).toEqual([403, 403, 403]);
    });

    it('a key that may do nothing is known, and refused with 403', async () => {
      const answer = await call(await issue({ scopes: [] }));
      expect([answer.status, answer.body.code]).toEqual([403, 'permission_denied']);
    });

    it('says the same to every key that is not good', async () => {
      const good = await issue({ environment: 'sandbox' });
      const revoked = await issue();
      await subject.revoke(revoked);
      const soon = await issue({ expiresAt: new Date(Date.now() + 300) });
      await sleep(400);
      const bad = [
        'nonsense',
        'rk_live_x',
        `${good}é`,
        good.toLowerCase(),
        good.slice(0, -1),
        good.replace('rk_sandbox_', 'rk_live_'),
        subject.neverIssued,
        revoked,
        soon,
      ];
      for (const key of bad) {
        const answer = await call(encodeURI(key));
        expect([answer.status, answer.body.code, answer.body.error]).toEqual([401, 'unauthenticated', TEXT]);
      }
      await call(good).expect(200);
    });

    it('a key that was just let in is refused from the moment it expires', async () => {
      const expiresAt = new Date(Date.now() + 700);
      const key = await issue({ expiresAt });
      await call(key).expect(200);
      await sleep(expiresAt.getTime() - Date.now() + 1);
      await call(key).expect(401);
    });

    it('a revoked key is refused on every process within one second', async () => {
      const key = await issue();
      for (const app of [0, 1]) await call(key, { app }).expect(200);
      await subject.revoke(key);
      await sleep(1_000);
      for (const app of [0, 1]) await call(key, { app }).expect(401);
    });

    it('lets nobody in while the authority cannot be asked: 503; and recovers by itself', async () => {
      const known = await issue();
      const fresh = await issue();
      await call(known).expect(200);
      subject.gate.shut();
      try {
        // what it has just been told may be believed for a second, not longer
        await sleep(1_500);
        for (const key of [known, fresh]) {
          const answer = await call(key);
          expect([answer.status, answer.body.code, answer.body.nextAction]).toEqual([503, 'unavailable', 'wait']);
        }
        // what can be told without asking still is
        await call('nonsense').expect(401);
      } finally {
        subject.gate.open();
      }
      await eventually(() => call(fresh).expect(200));
      await eventually(() => call(known).expect(200));
    });

    it('writes neither a key nor a secret of its own into the log', () => {
      expect(subject.logs.join('')).toContain('request failed');
      for (const secret of [...issued, ...subject.secrets]) {
        for (const line of subject.logs) expect(line).not.toContain(secret);
      }
    });
  });
}

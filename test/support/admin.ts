import request from 'supertest';
import { AccessTokens, SIGN_IN_SUBJECT, TokenService } from '../../src/auth';
import type { Environment, SignIn } from '../../src/platform/http';
import type { TestApp } from './app';

export type AdminRole = 'admin' | 'operator' | 'viewer';

export interface TokenBounds {
  readonly nodeIds?: readonly string[];
  readonly merchantId?: string;
  readonly environment?: Environment;
  readonly ttlSeconds?: number;
  readonly subject?: string;
  readonly signIn?: SignIn;
}

const signedInNow = (): SignIn => {
  const now = Math.floor(Date.now() / 1000);
  return { sessionId: null, identifiedAt: now, authenticatedAt: now, acr: null };
};

/** A subject of the OpenID provider's comes with the sign-in that such a token is of. */
export async function adminToken(running: TestApp, role: AdminRole, bounds: TokenBounds = {}): Promise<string> {
  const { token } = await running.app.get(TokenService, { strict: false }).issue({
    subject: `${role}@example.test`,
    roles: [role],
    permissions: [],
    nodeIds: [],
    ttlSeconds: 3_600,
    now: new Date(),
    ...(bounds.subject?.startsWith(SIGN_IN_SUBJECT) && { signIn: signedInNow() }),
    ...bounds,
  });
  return token;
}

/** A session of the console as an earlier sign-in at the OpenID provider left it. */
export async function sessionToken(running: TestApp, subject: string, signIn: SignIn): Promise<string> {
  const { token } = await running.app.get(AccessTokens, { strict: false }).issue({
    subject,
    roles: ['admin'],
    permissions: [],
    nodeIds: [],
    signIn,
    ttlSeconds: 3_600,
    now: new Date(),
  });
  return token;
}

/** Calls of the admin API with a token of that role. */
export async function adminOf(running: TestApp, role: AdminRole, bounds: TokenBounds = {}) {
  const token = await adminToken(running, role, bounds);
  return (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object): request.Test => {
    const test = request(running.url)[method](`/admin/api${path}`).set('authorization', `Bearer ${token}`);
    return body === undefined ? test : test.send(body);
  };
}

import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { TokenService } from '../../src/auth';
import { startTestApp } from './app';

/** A token as an operator's own issuer would sign it. */
export interface TokenWish {
  readonly roles?: readonly ('admin' | 'operator' | 'viewer')[];
  readonly permissions?: readonly string[];
  readonly nodeIds?: readonly string[];
  readonly subject?: string;
}

/** Calls of /api/v1 against a running application. */
export function nodesClient(app: NestExpressApplication, url: string) {
  const token = async (wish: TokenWish = {}): Promise<string> => {
    const { token: signed } = await app.get(TokenService).issue({
      subject: wish.subject ?? 'test',
      roles: wish.roles ?? [],
      permissions: wish.permissions ?? [],
      nodeIds: wish.nodeIds ?? [],
      ttlSeconds: 3_600,
      now: new Date(),
    });
    return signed;
  };
  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, bearer: string) =>
    request(url)[method](`/api/v1${path}`).set('Authorization', `Bearer ${bearer}`);
  const authenticate = (apiKey: string, secret: string) =>
    request(url).post('/api/v1/auth/authenticate').send({ api_key: apiKey, secret_key: secret });
  const refresh = (refreshToken: string) =>
    request(url).post('/api/v1/auth/refresh').send({ refresh_token: refreshToken });
  const node = async (bearer: string, body: Record<string, unknown> = {}): Promise<Record<string, any>> => {
    const answer = await call('post', '/nodes', bearer).send({ name: 'a node', type: 'account', ...body });
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Record<string, any>;
  };
  const integration = async (bearer: string, nodeId: string, body: Record<string, unknown> = {}) => {
    const answer = await call('post', '/integrations', bearer).send({ node_id: nodeId, name: 'a key', ...body });
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as { id: string; api_key: string; secret: string; permissions: string[]; name: string };
  };
  return { token, call, authenticate, refresh, node, integration };
}

export type NodesClient = ReturnType<typeof nodesClient>;

/** The application with a root and two nodes below it, as an admin made them. */
export async function startWithNodes() {
  const running = await startTestApp();
  const api = nodesClient(running.app, running.url);
  const admin = await api.token({ roles: ['admin'], subject: 'the-admin' });
  const root = await api.node(admin, { name: 'root', type: 'organization' });
  const left = await api.node(admin, { name: 'left', parent_id: root['id'] });
  const right = await api.node(admin, { name: 'right', parent_id: root['id'], type: 'sub_account' });
  return { running, api, admin, root, left, right };
}

import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { AccessTokens, ApiKeyService, effectiveScopes, KeyAuthority, TokenVerifier } from './auth';
import { MerchantService } from './merchants';
import { ADMINISTRATOR, NodeService } from './nodes';
import { Clock } from './platform/clock';
import type { AppConfig } from './platform/config';
import { isUuid, type Environment } from './platform/http';

const FILE_NAME = 'dev-credentials.json';
const MERCHANT_NAME = 'Development';
const TOKEN_TTL_SECONDS = 30 * 86_400;
/** A token that has less left than this is issued anew: who starts on Monday should not be stopped on Tuesday. */
const MIN_TOKEN_LIFE_MS = 7 * 86_400_000;

const ALL_SCOPES = ['integrations:*', 'sync:*', 'events:read', 'webhooks:*'];
const NODE_PERMISSIONS = [
  'integrations.read',
  'integrations.write',
  'sync.read',
  'sync.write',
  'events.read',
  'webhooks.read',
  'webhooks.write',
  'nodes.read',
  'nodes.write',
];

/** Where the simulators listen, the paths and keys of each, and what their control endpoints ask for. */
export interface KnownSandbox {
  readonly origin: string;
  /** null: another process serves them, and has its own. */
  readonly controlToken: string | null;
  readonly providers: Readonly<Record<string, { readonly apiKey: string; readonly path: string }>>;
}

export interface DevCredentials {
  readonly baseUrl: string;
  readonly merchantId: string;
  readonly sandboxApiKey: string;
  readonly liveApiKey: string;
  /** Sandbox, with `integrations:internal` as well. */
  readonly internalApiKey: string;
  readonly adminToken: string;
  readonly nodeId: string;
  readonly nodeToken: string;
  readonly sandboxProviders: Readonly<Record<string, { readonly apiKey: string; readonly baseUrl: string }>>;
  /** Bearer of the simulators' `_control`; left out where this process serves none. */
  readonly sandboxControlToken?: string;
}

/**
 * Writes `dev-credentials.json`, which only this user may read. Each entry of the last start is tried first, and issued
 * anew when it is dead: revoked, expired or soon to, or from a database that is not this one.
 */
export async function ensureDevCredentials(
  app: INestApplicationContext,
  config: AppConfig,
  baseUrl: string,
  sandbox: KnownSandbox | null,
): Promise<DevCredentials> {
  const file = path.join(config.dataDir, FILE_NAME);
  const last = await read(file);
  const merchantId = await ensureMerchant(app, last.merchantId);
  const nodeId = await ensureNode(app, merchantId, last.nodeId);
  const credentials: DevCredentials = {
    baseUrl,
    merchantId,
    sandboxApiKey: await ensureKey(app, merchantId, 'sandbox', ALL_SCOPES, last.sandboxApiKey),
    liveApiKey: await ensureKey(app, merchantId, 'live', ALL_SCOPES, last.liveApiKey),
    internalApiKey: await ensureKey(
      app,
      merchantId,
      'sandbox',
      [...ALL_SCOPES, 'integrations:internal'],
      last.internalApiKey,
    ),
    adminToken: await ensureToken(app, { subject: 'development-admin', roles: ['admin'] }, last.adminToken),
    nodeId,
    nodeToken: await ensureToken(
      app,
      { subject: `development-node:${nodeId}`, merchantId, nodeIds: [nodeId], permissions: NODE_PERMISSIONS },
      last.nodeToken,
    ),
    sandboxProviders: Object.fromEntries(
      Object.entries(sandbox?.providers ?? {}).map(([name, { apiKey, path: below }]) => [
        name,
        { apiKey, baseUrl: `${sandbox?.origin}${below}` },
      ]),
    ),
    ...(sandbox?.controlToken && { sandboxControlToken: sandbox.controlToken }),
  };
  await write(file, credentials);
  return credentials;
}

/** Where this folder's simulators listened at the last start, and the token that clients still hold; null: at none. */
export async function lastSandbox(dataDir: string): Promise<{ port: number; controlToken: string } | null> {
  const { sandboxProviders, sandboxControlToken } = await parsed(path.join(dataDir, FILE_NAME));
  const [first] = Object.values(sandboxProviders ?? {}) as { baseUrl?: unknown }[];
  const [address, controlToken] = [String(first?.baseUrl), String(sandboxControlToken)];
  if (!URL.canParse(address) || !/^sandbox_control_[0-9a-f]{48}$/.test(controlToken)) return null;
  return { port: Number(new URL(address).port), controlToken };
}

async function ensureMerchant(app: INestApplicationContext, last: string | undefined): Promise<string> {
  const merchants = app.get(MerchantService, { strict: false });
  if (last !== undefined && isUuid(last) && (await merchants.find(last))) return last;
  const found = await merchants.findByName(MERCHANT_NAME);
  return (found ?? (await merchants.create({ name: MERCHANT_NAME, defaultCurrency: 'GBP' }))).id;
}

async function ensureNode(app: INestApplicationContext, merchantId: string, last: string | undefined): Promise<string> {
  const nodes = app.get(NodeService, { strict: false });
  if (last !== undefined && isUuid(last)) {
    const found = await nodes.get(ADMINISTRATOR, last).catch(() => null);
    if (found?.merchantId === merchantId && found.environment === 'sandbox') return last;
  }
  const node = await nodes.create(ADMINISTRATOR, {
    parentId: null,
    name: MERCHANT_NAME,
    type: 'account',
    merchantId,
    environment: 'sandbox',
  });
  return node.id;
}

async function ensureKey(
  app: INestApplicationContext,
  merchantId: string,
  environment: Environment,
  scopes: readonly string[],
  last: string | undefined,
): Promise<string> {
  const verified = last === undefined ? null : await app.get(KeyAuthority, { strict: false }).verify(last);
  // a key that ends some day was not made here, and one that holds less was made by an earlier version
  const isOurs =
    verified?.merchantId === merchantId && verified.environment === environment && verified.expiresAt === null;
  if (isOurs && [...effectiveScopes(scopes)].every((scope) => verified.scopes.has(scope))) {
    return last!;
  }
  const issued = await app
    .get(ApiKeyService, { strict: false })
    .create({ merchantId, environment, name: 'Development', scopes });
  return issued.key.reveal();
}

async function ensureToken(
  app: INestApplicationContext,
  wanted: {
    subject: string;
    roles?: readonly 'admin'[];
    permissions?: readonly string[];
    nodeIds?: readonly string[];
    merchantId?: string;
  },
  last: string | undefined,
): Promise<string> {
  const now = app.get(Clock, { strict: false }).now();
  const tokens = app.get(AccessTokens, { strict: false });
  if (last !== undefined) {
    const known = await app.get(TokenVerifier, { strict: false }).identify(last);
    if (
      known?.caller.id === wanted.subject &&
      known.caller.merchantId === (wanted.merchantId ?? null) &&
      known.expiresAt.getTime() - now.getTime() > MIN_TOKEN_LIFE_MS &&
      // one that is on no record could be neither listed nor revoked
      (await tokens.find(known.origin.jti))
    ) {
      return last;
    }
  }
  const issued = await tokens.issue({
    subject: wanted.subject,
    roles: wanted.roles ?? [],
    permissions: wanted.permissions ?? [],
    nodeIds: wanted.nodeIds ?? [],
    ...(wanted.merchantId === undefined ? {} : { merchantId: wanted.merchantId, environment: 'sandbox' }),
    ttlSeconds: TOKEN_TTL_SECONDS,
    now,
  });
  return issued.token;
}

async function read(file: string): Promise<Partial<Record<keyof DevCredentials, string>>> {
  return Object.fromEntries(Object.entries(await parsed(file)).filter(([, value]) => typeof value === 'string'));
}

/** What is not there, not ours or torn counts as nothing. */
async function parsed(file: string): Promise<Partial<Record<keyof DevCredentials, unknown>>> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return content !== null && typeof content === 'object' ? content : {};
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
async function write(file: string, credentials: DevCredentials): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    // the umask can only take rights away; this also gives the owner's back
    await chmod(draft, 0o600);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

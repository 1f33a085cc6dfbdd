import { hostIsUnder } from '../../platform/outbound';
import { asksForKey, templatesOf, type ManifestPath } from './auth-templates';
import type { Manifest } from './manifest';
import { pemFieldOf, type ManifestAuth, type ManifestTokenPlace } from './manifest-auth';
import { placesIn } from './template';

export interface ManifestRuleFault {
  readonly path: ManifestPath;
  readonly rule: string;
}

/** What every provider has, and nobody describes. */
const OWN_FIELDS = ['apiKey', 'baseUrl'];
/** Stored with the credentials of a grant, and sent by no merchant. */
const TOKEN_FIELDS = ['accessToken', 'renewAccessTokenAt'];
/** Written by the client or by HTTP itself. */
const RESERVED_HEADERS = new Set([
  ...['host', 'authorization', 'cookie', 'content-length', 'transfer-encoding', 'connection', 'accept'],
  ...['accept-encoding', 'te', 'upgrade', 'proxy-authorization', 'expect', 'trailer'],
]);

/** What no schema says of `auth`, `headers` and `credentials`. */
export function authFaults(manifest: Manifest): ManifestRuleFault[] {
  return [
    ...fieldFaults(manifest),
    ...templateFaults(manifest),
    ...headerFaults(manifest),
    ...placeFaults(manifest),
    ...kindFaults(manifest),
  ];
}

function fieldFaults(manifest: Manifest): ManifestRuleFault[] {
  const { credentials = {} } = manifest;
  const names = Object.keys(credentials);
  const own = names
    .filter((name) => [...OWN_FIELDS, ...TOKEN_FIELDS].includes(name))
    .map((name) => ({ path: ['credentials', name], rule: 'is there already, wherever it is sent' }));
  const [first, ...more] = names.filter((name) => credentials[name]!.identifies);
  const repeated = more.map((name) => ({
    path: ['credentials', name, 'identifies'],
    rule: `stands at ${first} already: one field tells credentials apart`,
  }));
  if (first !== undefined || asksForKey(manifest)) return [...own, ...repeated];
  const rule = 'must say of one field that it `identifies` the credentials, as no apiKey is sent';
  return [...own, { path: ['credentials'], rule }];
}

function templateFaults(manifest: Manifest): ManifestRuleFault[] {
  const known = new Set([...OWN_FIELDS, ...Object.keys(manifest.credentials ?? {})]);
  const pem = pemFieldOf(manifest.auth);
  return templatesOf(manifest).flatMap(([path, text]) =>
    placesIn(text).flatMap((name) => {
      if (name === pem) return [{ path, rule: `names {${name}}, which is a private key: it signs, and is never sent` }];
      return known.has(name) ? [] : [{ path, rule: `names {${name}}, which is not a field of the credentials` }];
    }),
  );
}

function headerFaults({ auth, headers = {} }: Manifest): ManifestRuleFault[] {
  const names: [ManifestPath, string][] = Object.keys(headers).map((name) => [['headers', name], name]);
  if (auth.kind === 'api_key' && auth.in === 'header') names.push([['auth', 'name'], auth.name]);
  if (auth.kind === 'two_step') {
    for (const name of Object.keys(auth.login.headers ?? {})) names.push([['auth', 'login', 'headers', name], name]);
    const { header } = auth.send ?? {};
    // a token is what that header is for
    if (header !== undefined && header.toLowerCase() !== 'authorization') {
      names.push([['auth', 'send', 'header'], header]);
    }
  }
  return names.flatMap(([path, name]) => [
    ...(RESERVED_HEADERS.has(name.toLowerCase()) ? [{ path, rule: 'is a header that is set otherwise' }] : []),
    ...(/^[A-Za-z0-9-]+$/.test(name) ? [] : [{ path, rule: 'is not the name of a header' }]),
  ]);
}

/** Where tokens are asked for: secrets go there. */
function placeFaults({ auth, hosts }: Manifest): ManifestRuleFault[] {
  const places: [string, ManifestTokenPlace][] = [];
  if (auth.kind === 'two_step') places.push(['login', auth.login]);
  if (auth.kind === 'oauth2_client_credentials' || auth.kind === 'oauth2_authorization_code') {
    places.push(['tokenEndpoint', auth.tokenEndpoint]);
  }
  if (auth.kind === 'signed_jwt' && auth.exchange) places.push(['exchange', auth.exchange]);
  return places.flatMap(([member, { path, url }]): ManifestRuleFault[] => {
    const own = ['auth', member];
    if ((path === undefined) === (url === undefined)) return [{ path: own, rule: 'must have `path` or `url`' }];
    if (path !== undefined) {
      return placesIn(path).length === 0 ? [] : [{ path: [...own, 'path'], rule: 'has no place for a value' }];
    }
    const { hostname, username, search, hash } = new URL(url!);
    const isOurs = hosts.some((suffix) => hostIsUnder(hostname, suffix));
    return [
      ...(isOurs ? [] : [{ path: [...own, 'url'], rule: 'leads to a host that `hosts` does not name' }]),
      ...(username + search + hash === ''
        ? []
        : [{ path: [...own, 'url'], rule: 'must be an address without user, query and fragment' }]),
    ];
  });
}

function kindFaults({ auth, credentials = {} }: Manifest): ManifestRuleFault[] {
  const faults: ManifestRuleFault[] = [];
  const say = (member: readonly string[], rule: string): void => void faults.push({ path: ['auth', ...member], rule });
  if (auth.kind === 'two_step') {
    const { method = 'POST', json, form } = auth.login;
    const bodies = [json, form].filter((body) => body !== undefined).length;
    if (bodies > 1) say(['login', 'form'], 'cannot stand beside `json`');
    if (method === 'GET' && bodies > 0) say(['login', 'method'], 'sends no body: GET has none');
    if (auth.expiresIn === undefined && auth.seconds === undefined)
      say([], 'must say a life: `expiresIn` or `seconds`');
  }
  if (auth.kind === 'oauth2_authorization_code') faults.push(...grantFaults(credentials));
  const sent = provingTexts(auth);
  if (sent !== null && !sent.texts.flatMap(placesIn).some((name) => name === 'apiKey' || isSecret(credentials, name)))
    say(sent.member, 'must name a field of `credentials` that is secret');
  if (auth.kind === 'signed_jwt') {
    const isKey = auth.algorithm === 'HS256' && auth.key === 'apiKey';
    if (!isKey && !isSecret(credentials, auth.key)) say(['key'], 'must be a field of `credentials` that is secret');
  }
  return faults;
}

function grantFaults(credentials: NonNullable<Manifest['credentials']>): ManifestRuleFault[] {
  const { refreshToken } = credentials;
  const path = ['credentials', 'refreshToken'];
  if (!isSecret(credentials, 'refreshToken')) return [{ path, rule: 'must be there, and secret: it is the grant' }];
  return refreshToken!.identifies ? [{ path, rule: 'tells no credentials apart: it changes with each refresh' }] : [];
}

/** By what the caller proves who it is, where texts of the manifest say it: one of them names a secret. */
function provingTexts(auth: ManifestAuth): { readonly member: readonly string[]; readonly texts: string[] } | null {
  if (auth.kind === 'basic') return { member: ['password'], texts: [auth.username, auth.password] };
  if (auth.kind === 'oauth2_client_credentials') return { member: ['clientSecret'], texts: [auth.clientSecret] };
  if (auth.kind === 'oauth2_authorization_code' && auth.clientSecret !== undefined) {
    return { member: ['clientSecret'], texts: [auth.clientSecret] };
  }
  if (auth.kind !== 'two_step') return null;
  return { member: ['login'], texts: templatesOf({ auth }).map(([, text]) => text) };
}

function isSecret(credentials: Manifest['credentials'] = {}, name: string): boolean {
  return Object.hasOwn(credentials, name) && credentials[name]!.secret === true;
}

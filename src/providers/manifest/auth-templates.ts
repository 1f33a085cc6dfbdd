import type { Manifest } from './manifest';
import type { ManifestAuth, ManifestLoginBody } from './manifest-auth';
import { placesIn } from './template';

export type ManifestPath = readonly (string | number)[];
type Template = readonly [path: ManifestPath, text: string];

/** Every text of `auth` and of the headers that has places for fields of the credentials. */
export function templatesOf({ auth, headers = {} }: Pick<Manifest, 'auth' | 'headers'>): Template[] {
  return [...under(['headers'], headers), ...ofAuth(auth)];
}

function ofAuth(auth: ManifestAuth): Template[] {
  if (auth.kind === 'two_step') {
    const { json = {}, form = {}, headers = {} } = auth.login;
    return [...under(['auth', 'login', 'json'], json), ...under(['auth', 'login', 'form'], form)].concat(
      under(['auth', 'login', 'headers'], headers),
    );
  }
  const { username, password, clientId, clientSecret, scope, audience, keyId, issuer, subject } = auth as Partial<
    Record<string, string>
  >;
  const texts = { username, password, clientId, clientSecret, scope, audience, keyId, issuer, subject };
  const given = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  const exchange = auth.kind === 'signed_jwt' ? (auth.exchange?.scope ?? '') : '';
  return [...under(['auth'], Object.fromEntries(given)), [['auth', 'exchange', 'scope'], exchange]];
}

function under(path: ManifestPath, members: ManifestLoginBody): Template[] {
  return Object.entries(members).flatMap(([name, member]): Template[] => {
    const own = [...path, name];
    if (typeof member === 'string') return [[own, member]];
    return typeof member === 'object' ? under(own, member) : [];
  });
}

/** Whether merchants are asked for an API key: where it is what is sent, or a part of it. */
export function asksForKey(manifest: Pick<Manifest, 'auth' | 'headers'>): boolean {
  const { auth } = manifest;
  if (auth.kind === 'api_key' || auth.kind === 'bearer') return true;
  if (auth.kind === 'signed_jwt' && auth.key === 'apiKey') return true;
  return templatesOf(manifest).some(([, text]) => placesIn(text).includes('apiKey'));
}

import { hash } from 'node:crypto';
import { ProviderFailure, type OutboundRequest, type OutboundResponse } from '../../platform/outbound';
import { elementsOf, namedOrBare, noSuchList, notUnderstood, rowOf } from '../list-rows';
import type { ProviderCall } from '../provider';
import { addressOf } from './below-base';
import type { Manifest, StreamManifest } from './manifest';
import { isTokenAuth, type ManifestKeyAuth, type ManifestTokenAuth } from './manifest-auth';
import { classifierOf } from './manifest-errors';
import { isEmptyList } from './optional-rows';
import { pathIn } from './row-path';
import { fieldsOf, filledTexts, secretsOf } from './sent-fields';
import { filled } from './template';
import type { TokenSource } from './token-store';

type GetOptions = Pick<OutboundRequest, 'list' | 'maxBytes'>;
interface SendOptions extends GetOptions {
  readonly header?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** An answer of a list: its rows, and what else it says. */
export interface ListAnswer {
  readonly rows: readonly unknown[];
  readonly body: unknown;
  readonly providerTime: Date | null;
  /** What was sent and may be kept nowhere. */
  readonly secrets: readonly string[];
}

interface Answer extends OutboundResponse {
  readonly secrets: readonly string[];
}

/** The HTTP API that a manifest describes: its credentials, lists and errors. */
export class ManifestClient {
  constructor(
    private readonly manifest: Manifest,
    private readonly call: ProviderCall,
    private readonly tokens: TokenSource,
  ) {}

  /** One page of a list. `place`: a path with its query, below the base URL. */
  async list(place: string, list: StreamManifest, maxBytes?: number): Promise<ListAnswer> {
    const { rows: member, rowsOptional } = list;
    const answer = await this.get(place, { list: member, maxBytes });
    if (answer.gone) throw noSuchList(answer.status);
    const { body, providerTime, secrets } = answer;
    const isEmpty = rowsOptional === true && isEmptyList(body, list);
    return { rows: isEmpty ? [] : rowsIn(answer, member), body, providerTime, secrets };
  }

  /** One row by its id, bare or at a path; null: it does not exist. */
  async one(place: string, member: string | undefined): Promise<unknown> {
    const answer = await this.get(place);
    if (answer.gone) return null;
    const row = namedOrBare(answer, member === undefined ? undefined : pathIn(answer.body, member));
    if (row === null) throw notUnderstood('has no row');
    return row;
  }

  /** A token that the provider does not take any more is replaced once; a second refusal is the credentials'. */
  async get(place: string, more: GetOptions = {}): Promise<Answer> {
    const { auth } = this.manifest;
    if (!isTokenAuth(auth)) return this.send(place, { ...more, ...this.keyAuth(auth) });
    const token = await this.tokens.tokenFor(this.call);
    try {
      return await this.send(place, { ...more, ...tokenHeader(auth, token) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    const next = await this.tokens.tokenFor(this.call, token);
    try {
      return await this.send(place, { ...more, ...tokenHeader(auth, next) });
    } catch (error) {
      if (isRefusal(error)) this.tokens.forget(this.call, next);
      throw error;
    }
  }

  private async send(place: string, { header = {}, query = {}, token, ...more }: SendOptions): Promise<Answer> {
    const { credentials, http } = this.call;
    const { headers, errors } = this.manifest;
    const url = addressOf(credentials.baseUrl, place);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const secrets = [...secretsOf(this.call, this.manifest), ...(token === undefined ? [] : [token])];
    const answer = await http.request({
      method: 'GET',
      url: url.href,
      headers: { ...filledTexts(headers, fieldsOf(this.call)), ...header },
      secrets,
      classify: classifierOf(errors),
      ...more,
    });
    return { ...answer, secrets };
  }

  private keyAuth(auth: ManifestKeyAuth): Pick<SendOptions, 'header' | 'query'> {
    const fields = fieldsOf(this.call);
    const apiKey = fields['apiKey']!;
    if (auth.kind === 'bearer') return { header: { authorization: `Bearer ${apiKey}` } };
    if (auth.kind === 'basic') {
      const pair = `${filled(auth.username, fields)}:${filled(auth.password, fields)}`;
      return { header: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
    }
    if (auth.in === 'query') return { query: { [auth.name]: apiKey } };
    return { header: { [auth.name.toLowerCase()]: (auth.prefix ?? '') + apiKey } };
  }
}

function tokenHeader(auth: ManifestTokenAuth, token: string): Pick<SendOptions, 'header' | 'token'> {
  const send = auth.kind === 'two_step' ? auth.send : undefined;
  const header = send
    ? { [send.header.toLowerCase()]: (send.prefix ?? '') + token }
    : { authorization: `Bearer ${token}` };
  return { header, token };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProviderFailure && error.verdict === 'auth';
}

function rowsIn(answer: OutboundResponse, member: string): unknown[] {
  const list = member === '$' ? answer.body : pathIn(answer.body, member);
  if (!Array.isArray(list)) throw notUnderstood('has no list of rows');
  return elementsOf(list, answer).map(rowOf);
}

/** Whose account it is, as the answer of the test says it. */
export function accountIn(body: unknown, path: string): string {
  const account = pathIn(body, path);
  if (typeof account !== 'string' && typeof account !== 'number')
    throw notUnderstood('does not say whose account it is');
  const text = String(account).trim();
  if (text === '') throw new ProviderFailure('contract', 'The provider’s answer does not say whose account it is.');
  return text.length <= 200 ? text : hash('sha256', text, 'hex');
}

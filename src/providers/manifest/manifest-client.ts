import { hash } from 'node:crypto';
import {
  MAX_LIST_ELEMENTS,
  ProviderFailure,
  type OutboundRequest,
  type OutboundResponse,
} from '../../platform/outbound';
import { classifyStatus } from '../classify-status';
import { listIn, noSuchList, notUnderstood, rowOf, singleIn } from '../list-rows';
import type { ProviderCall } from '../provider';
import { isRow } from '../row';
import type { Manifest, ManifestErrorRule, ManifestErrors, StreamManifest } from './manifest';
import { pathIn } from './row-path';
import { filled } from './template';

/** An answer of a list: its rows, and what else it says. */
export interface ListAnswer {
  readonly rows: readonly unknown[];
  readonly body: unknown;
  readonly providerTime: Date | null;
}

/** The HTTP API that a manifest describes: its credentials, lists and errors. */
export class ManifestClient {
  constructor(
    private readonly manifest: Manifest,
    private readonly call: ProviderCall,
  ) {}

  /** One page of a list. `place`: a path with its query, below the base URL. */
  async list(place: string, { rows: member, rowsOptional }: StreamManifest, maxBytes?: number): Promise<ListAnswer> {
    const isTop = member !== '$' && !member.includes('.');
    const answer = await this.get(place, { ...(isTop ? { list: member } : {}), maxBytes });
    if (answer.gone) throw noSuchList(answer.status);
    if (rowsOptional && isRow(answer.body) && pathIn(answer.body, member) === undefined) {
      return { rows: [], body: answer.body, providerTime: answer.providerTime };
    }
    return { rows: rowsIn(answer, member, isTop), body: answer.body, providerTime: answer.providerTime };
  }

  /** One row by its id; null: it does not exist. */
  async one(place: string, member: string | undefined): Promise<unknown> {
    const answer = await this.get(place);
    if (answer.gone) return null;
    const row = singleIn(answer, member ?? '');
    if (row === null) throw notUnderstood('has no row');
    return row;
  }

  async get(place: string, more: Pick<OutboundRequest, 'list' | 'maxBytes'> = {}): Promise<OutboundResponse> {
    const { credentials, http } = this.call;
    const { auth, headers = {}, errors = {} } = this.manifest;
    const fields = credentials as unknown as Readonly<Record<string, string>>;
    const url = new URL(credentials.baseUrl + place);
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value, fields)]));
    if (auth.kind === 'bearer') sent['authorization'] = `Bearer ${credentials.apiKey}`;
    else if (auth.kind === 'basic') {
      const pair = `${filled(auth.username, fields)}:${filled(auth.password, fields)}`;
      sent['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else if (auth.in === 'header') sent[auth.name.toLowerCase()] = (auth.prefix ?? '') + credentials.apiKey;
    else url.searchParams.set(auth.name, credentials.apiKey);
    return http.request({ method: 'GET', url: url.href, headers: sent, classify: classifier(errors), ...more });
  }
}

/** By the manifest's own rules first. None of them makes a failure of HTTP a good answer. */
function classifier({ messages = ['message', 'error'], rules = [] }: ManifestErrors): OutboundRequest['classify'] {
  return ({ status, headers, body }) => {
    const said = messages.map((path) => pathIn(body, path)).find((value) => typeof value === 'string' && value !== '');
    const providerMessage = typeof said === 'string' ? said : null;
    const rule = rules.find((each) => fits(each, { status, headers, body }));
    return rule ? { verdict: rule.verdict, providerMessage } : classifyStatus(status, providerMessage);
  };
}

function fits(
  { status, header, path, equals }: ManifestErrorRule,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown },
): boolean {
  if (status !== undefined && status !== answer.status) return false;
  const place = header !== undefined ? answer.headers[header.toLowerCase()] : path && pathIn(answer.body, path);
  if (header === undefined && path === undefined) return true;
  return equals === undefined ? place !== undefined && place !== null : place === equals;
}

function rowsIn(answer: OutboundResponse, member: string, isTop: boolean): unknown[] {
  if (isTop) {
    const rows = listIn(answer, member);
    if (!isRow(answer.body) || rows === null) throw notUnderstood('has no list of rows');
    return rows.map(rowOf);
  }
  const list = member === '$' ? answer.body : pathIn(answer.body, member);
  if (!Array.isArray(list)) throw notUnderstood('has no list of rows');
  if (answer.tooDeep) throw notUnderstood('is nested too deeply');
  if (list.length > MAX_LIST_ELEMENTS) throw notUnderstood(`holds more than ${MAX_LIST_ELEMENTS} rows`);
  return list;
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

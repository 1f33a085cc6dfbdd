import {
  parseJsonBody,
  showsSent,
  type OutboundHttp,
  type OutboundRequest,
  type OutboundResponse,
} from '../../../platform/outbound';
import type { Manifest, StreamManifest } from '../manifest';
import type { RecordedExchange, Recording } from '../simulator/recording';
import { valueAt } from '../simulator/row-meaning';
import type { RowShape, ValueKind } from '../simulator/row-shape';
import { putAt } from '../simulator/simulated-rows';
import { shapeOfRows } from '../simulator/simulated-shape';

/** What stands where a secret stood. */
const MASK = 'masked';
/** Read as a person’s data, or as nothing that is known. */
const PERSONAL = new Set<ValueKind>(['text', 'phone']);

/**
 * Records the good answers to reads, without what is anybody's: secrets go, and in rows the letters and digits of every
 * text but of ids, times, words and what expressions compare. Logins are not recorded.
 */
export class ExchangeRecorder {
  private readonly entries: RecordedExchange[] = [];

  constructor(
    private readonly manifest: Manifest,
    /** Of the credentials. */
    private readonly secrets: readonly string[],
  ) {}

  recording(): Recording {
    return { log: { version: '1.2', entries: this.entries } };
  }

  /** A client that is listened to. */
  around(http: OutboundHttp): OutboundHttp {
    return {
      request: async (request) => {
        const answer = await http.request(request);
        const url = new URL(request.url);
        const { auth } = this.manifest;
        const keyParameter = auth.kind === 'api_key' && auth.in === 'query' ? auth.name : null;
        const masking = new Masking([...this.secrets, ...(request.secrets ?? [])], keyParameter);
        const body = this.maskedBody(request, answer, url.pathname, masking);
        // of a login, or of nothing that the manifest reads
        if (body !== undefined) this.add(masking.address(url), answer, body);
        return answer;
      },
    };
  }

  private add(url: string, { status, headers: { date } }: OutboundResponse, body: unknown): void {
    this.entries.push({
      request: { method: 'GET', url },
      response: {
        status,
        headers: date === undefined ? [] : [{ name: 'date', value: date }],
        content: { mimeType: 'application/json', text: JSON.stringify(body) },
      },
    });
  }

  private maskedBody({ list }: OutboundRequest, answer: OutboundResponse, path: string, masking: Masking): unknown {
    const { streams, test } = this.manifest;
    if (list !== undefined) {
      const stream = streams.find((each) => path.endsWith(each.path) && each.rows === list);
      return stream && listed(answer, stream, masking);
    }
    if (path.endsWith(test.path)) {
      return masking.body(answer.body, typeof test.expires === 'string' ? [test.expires] : []);
    }
    const stream = streams.find(({ one }) => one && path.includes(one.path.split('{id}')[0]!));
    if (!stream) return undefined;
    const { row: member } = stream.one!;
    const shape = shapeOfRows(stream);
    if (member === undefined) return masking.row(answer.body, shape);
    const body = masking.body(answer.body, []) as object;
    putAt(body, member, masking.row(valueAt(answer.body, member), shape));
    return body;
  }
}

function listed({ body, elements }: OutboundResponse, stream: StreamManifest, masking: Masking): unknown {
  const shape = shapeOfRows(stream);
  const whole = stream.rows === '$' ? body : valueAt(body, stream.rows);
  const list = elements?.map(({ bytes, tooDeep }) => (tooDeep ? null : parsed(bytes))) ?? whole;
  const rows = Array.isArray(list) ? list.map((row) => masking.row(row, shape)) : masking.row(list, undefined);
  if (stream.rows === '$') return rows;
  const told = masking.body(body, keptOf(stream)) as object;
  if (rows !== undefined) putAt(told, stream.rows, rows);
  return told;
}

/** What says whether a list goes on. */
function keptOf({ paging }: StreamManifest): string[] {
  if (paging.by === 'none') return [];
  return [paging.more, paging.next, paging.total].filter((path) => path !== undefined);
}

function parsed(bytes: Buffer): unknown {
  try {
    return parseJsonBody(bytes);
  } catch {
    return null;
  }
}

class Masking {
  constructor(
    private readonly secrets: readonly string[],
    /** The parameter that the key is sent as; null: it is sent otherwise. */
    private readonly keyParameter: string | null,
  ) {}

  address(url: URL): string {
    if (this.keyParameter !== null) url.searchParams.delete(this.keyParameter);
    for (const [name, value] of url.searchParams) if (showsSent(value, this.secrets)) url.searchParams.set(name, MASK);
    return url.href;
  }

  /** As it was, but for a secret. A link may repeat the key, and is one without it. */
  kept(value: unknown): unknown {
    if (typeof value === 'object') return this.within(value, (member) => this.kept(member));
    if (typeof value !== 'string' || !showsSent(value, this.secrets)) return value;
    return URL.canParse(value) ? this.address(new URL(value)) : MASK;
  }

  body(value: unknown, kept: readonly string[], path = ''): unknown {
    if (kept.includes(path)) return this.kept(value);
    return this.within(value, (member, name) => this.body(member, kept, path === '' ? name : `${path}.${name}`));
  }

  row(value: unknown, shape: RowShape | undefined | null): unknown {
    if (shape && shape.members.size === 0 && shape.entry === null && isKept(shape)) return this.kept(value);
    return this.within(value, (member, name) =>
      this.row(member, /^\d+$/.test(name) ? shape?.entry : shape?.members.get(name)),
    );
  }

  private within(value: unknown, each: (member: unknown, name: string) => unknown): unknown {
    if (Array.isArray(value)) return value.map((member, at) => each(member, String(at)));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, each(member, name)]));
    }
    if (typeof value === 'number') return 0;
    return typeof value === 'string' ? value.replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '0') : value;
  }
}

function isKept({ kinds, literals }: RowShape): boolean {
  return literals.length > 0 || (kinds.size > 0 && [...kinds].some((kind) => !PERSONAL.has(kind)));
}

import Ajv from 'ajv';

/** One exchange of a recording, as the HTTP Archive format (HAR 1.2) has it; other members are not looked at. */
export interface RecordedExchange {
  readonly request: { readonly method: string; readonly url: string };
  readonly response: {
    readonly status: number;
    readonly headers: readonly { readonly name: string; readonly value: string }[];
    readonly content: { readonly mimeType?: string; readonly text?: string; readonly encoding?: 'base64' };
  };
}

export interface Recording {
  readonly log: { readonly version: string; readonly entries: readonly RecordedExchange[] };
}

export const MAX_RECORDING_BYTES = 32 * 1024 * 1024;

const text = { type: 'string' } as const;
const isRecording = new Ajv().compile<Recording>({
  type: 'object',
  required: ['log'],
  properties: {
    log: {
      type: 'object',
      required: ['entries'],
      properties: {
        entries: {
          type: 'array',
          maxItems: 10_000,
          items: {
            type: 'object',
            required: ['request', 'response'],
            properties: {
              request: {
                type: 'object',
                required: ['method', 'url'],
                properties: { method: text, url: { type: 'string', pattern: '^https?://' } },
              },
              response: {
                type: 'object',
                required: ['status', 'headers', 'content'],
                properties: {
                  status: { type: 'integer', minimum: 0, maximum: 599 },
                  headers: {
                    type: 'array',
                    items: { type: 'object', required: ['name', 'value'], properties: { name: text, value: text } },
                  },
                  content: { type: 'object', properties: { text, encoding: { const: 'base64' } } },
                },
              },
            },
          },
        },
      },
    },
  },
});

/** A recording from its JSON; a text: what is wrong with it. */
export function readRecording(json: string): Recording | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'is not JSON';
  }
  if (isRecording(value)) return value;
  const [error] = isRecording.errors ?? [];
  return `is no HTTP archive: ${error?.instancePath ?? ''} ${error?.message ?? ''}`;
}

export function bodyTextOf({ response: { content } }: RecordedExchange): string {
  const { text: said = '', encoding } = content;
  return encoding === 'base64' ? Buffer.from(said, 'base64').toString() : said;
}

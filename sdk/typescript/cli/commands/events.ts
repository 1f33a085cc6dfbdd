import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemOf } from '../../src/types';
import { numberOption, textOption, type Command, type CommandContext } from '../command';
import { UsageError } from '../exit-code';
import { printable } from '../terminal';

type Event = ItemOf<'listEvents'>;

const FORWARD_TIMEOUT_MS = 20_000;

export const eventsCommand: Command = {
  name: 'events',
  usage: 'listen',
  summary: 'print events as they happen, and forward them to a URL of yours',
  options: {
    'forward-to': { type: 'string', help: 'POST each event to this URL, signed as the service signs webhooks' },
    cursor: { type: 'string', help: 'go on after this cursor; without it, from now on' },
    'poll-seconds': { type: 'string', help: 'between two looks for events; 1 unless told' },
  },
  async run(context) {
    const { terminal, options, signal, client } = context;
    if (context.positionals[0] !== 'listen') throw new UsageError('Say what: interlock events listen.');
    const forward = forwarder(context);
    const pollMs = (numberOption(options, 'poll-seconds') ?? 1) * 1000;
    const { events } = await client();
    // what no event is about leads to the end of the log at once
    const atEnd = { integrationId: randomUUID() };
    let cursor = textOption(options, 'cursor') ?? (await events.page(atEnd, { signal })).nextCursor;
    terminal.note('Listening; stop with Ctrl-C.');
    try {
      for (;;) {
        const page = await events.page({ cursor, limit: 200 }, { signal });
        for (const event of page.data) await forward(event);
        await terminal.flushed();
        cursor = page.nextCursor;
        if (!page.hasMore) await sleep(pollMs, undefined, { signal });
      }
    } finally {
      terminal.note(`cursor: ${cursor}`);
    }
  },
};

/** Prints each event, after it was forwarded where that is asked for. */
function forwarder({ terminal, options, signal }: CommandContext): (event: Event) => Promise<void> {
  const print = (event: Event, outcome: string | null): void => {
    const { id, type, timestamp } = event;
    const line = [timestamp, type, id, ...(outcome === null ? [] : [`-> ${outcome}`])].join(' ');
    terminal.result(event, printable(line));
  };
  const url = textOption(options, 'forward-to');
  if (url === undefined) return async (event) => print(event, null);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError('--forward-to must be an http URL.');
  const key = randomBytes(32);
  terminal.note(`Signed with whsec_${key.toString('base64')}, of this session alone.`);
  return async (event) => {
    const { id, type, timestamp, data } = event;
    const body = JSON.stringify({ type, timestamp, data });
    const seconds = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    const outcome = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${signature}`,
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(FORWARD_TIMEOUT_MS)]),
    }).then(
      async (answer) => {
        await answer.body?.cancel();
        return String(answer.status);
      },
      () => {
        signal.throwIfAborted();
        return 'no answer';
      },
    );
    print(event, outcome);
  };
}

import { readFile, rename, writeFile } from 'node:fs/promises';
import type { ResourceType } from '../../src';
import { RECORD_FIELDS } from '../../src/generated/record-fields';
import { numberOption, providerOf, textOption, type Command } from '../command';
import { csvHead, csvLine } from '../csv';
import { UsageError } from '../exit-code';

const FORMATS = ['jsonl', 'csv'] as const;

export const recordsCommand: Command = {
  name: 'records',
  usage: '<provider> <resource>',
  summary: 'print the change feed of customers, products, invoices, payments or devices',
  options: {
    format: { type: 'string', help: 'jsonl (the default) or csv' },
    follow: { type: 'boolean', help: 'at the end wait for what changes next, until Ctrl-C' },
    cursor: { type: 'string', help: 'go on after this cursor; the one to go on after is told at the end' },
    'cursor-file': { type: 'string', help: 'read the cursor from this file, and keep it there' },
    'without-deleted': { type: 'boolean', help: 'leave deleted records out' },
    'poll-seconds': { type: 'string', help: 'between two looks for changes; 5 unless told' },
  },
  async run(context) {
    const { terminal, options, signal, client } = context;
    const provider = providerOf(context);
    const types = Object.keys(RECORD_FIELDS) as ResourceType[];
    const resourceType = types.find((each) => each === context.positionals[1]);
    if (!resourceType) throw new UsageError(`Name a resource: ${types.join(', ')}.`);
    const format = FORMATS.find((each) => each === (options['format'] ?? 'jsonl'));
    if (!format) throw new UsageError('--format must be jsonl or csv.');
    const file = textOption(options, 'cursor-file');
    const interlock = await client();
    const cursor = textOption(options, 'cursor') ?? (file === undefined ? undefined : await storedCursor(file));
    const feed = interlock.records.feed(provider, resourceType, {
      cursor,
      signal,
      limit: 500,
      follow: options['follow'] === true,
      includeDeleted: options['without-deleted'] !== true,
      pollMs: (numberOption(options, 'poll-seconds') ?? 5) * 1000,
    });
    if (format === 'csv') terminal.write(csvHead(resourceType));
    let last = cursor;
    try {
      for await (const batch of feed.batches()) {
        for (const record of batch.records) terminal.write(format === 'csv' ? csvLine(record) : JSON.stringify(record));
        await terminal.flushed();
        last = batch.cursor;
        if (file !== undefined) await storeCursor(file, last);
      }
      last = feed.cursor;
      if (file !== undefined && last !== undefined) await storeCursor(file, last);
    } finally {
      if (file === undefined && last !== undefined) terminal.note(`cursor: ${last}`);
    }
  },
};

async function storedCursor(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all. */
async function storeCursor(file: string, cursor: string): Promise<void> {
  await writeFile(`${file}.new`, `${cursor}\n`);
  await rename(`${file}.new`, file);
}

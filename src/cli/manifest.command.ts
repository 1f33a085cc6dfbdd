import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { loadConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { GuardedHttpClient, NameResolver } from '../platform/outbound';
import {
  checkedCredentials,
  dryRun,
  ExchangeRecorder,
  MANIFEST_SCHEMA,
  servedManifest,
  UnstoredGrant,
  type CredentialFields,
  type DryRunOfStream,
  type Manifest,
  type ProviderCall,
} from '../providers';
import { paced } from './call-pace';
import { explained } from './explained-failure';
import { manifestIn } from './manifest-file';
import { manifestTestCommand } from './manifest-test.command';
import { createOutput, type Output } from './output';
import { readSecret } from './secret-input';

interface DryRunOptions {
  readonly baseUrl?: string;
  readonly keyFile?: string;
  readonly field: readonly string[];
  readonly fieldFile: readonly string[];
  readonly stream?: string;
  readonly pages: number;
  readonly currency: string;
  readonly timezone?: string;
  readonly record?: string;
}

/** `provider schema`, `lint`, `test` and `dry-run`: for whoever writes a manifest. */
export function manifestCommands(group: Command): void {
  group
    .command('schema')
    .description('print the JSON Schema of a manifest, for an editor')
    .action(() => void process.stdout.write(`${JSON.stringify(MANIFEST_SCHEMA, null, 2)}\n`));
  group
    .command('lint')
    .description('check a manifest: every fault with its line and column')
    .argument('<file>', 'a manifest, YAML or JSON')
    .action(async (file: string, _options, command: Command) => {
      const output = outputOf(command);
      const { id, streams } = (await manifestIn(file)).manifest;
      output.record({ provider: id, streams: streams.map(({ key }) => key) });
    });
  manifestTestCommand(group);
  group
    .command('dry-run')
    .description('read an account by a manifest and show what would be stored; nothing is stored')
    .argument('<file>', 'a manifest, YAML or JSON')
    .option('--base-url <url>', 'base URL of the account, where it is not the manifest’s own')
    .option('--key-file <file>', 'a file that holds the API key, - for standard input')
    .option('--field <name=value>', 'a field of the credentials that is not secret', collected, [])
    .option('--field-file <name=file>', 'a field, secret or not, from a file, - for standard input', collected, [])
    .option('--stream <key>', 'this stream alone')
    .option('--pages <count>', 'so many pages of each stream at most', pageCount, 2)
    .option('--currency <code>', 'of money that names none, ISO 4217', 'USD')
    .option('--timezone <zone>', 'IANA time zone of times that name none')
    .option('--record <file>', 'write what was answered, masked, for provider test --recording')
    .action(async (file: string, options: DryRunOptions, command: Command) => {
      const json = command.optsWithGlobals().json === true;
      const found = await read((await manifestIn(file)).manifest, options, createOutput(json));
      if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else for (const each of found) show(each, createOutput(false));
    });
}

function outputOf(command: Command): Output {
  return createOutput(command.optsWithGlobals().json === true);
}

async function read(manifest: Manifest, options: DryRunOptions, output: Output): Promise<DryRunOfStream[]> {
  const config = loadConfig(process.env);
  const environment = config.outboundAllowPrivate ? 'sandbox' : 'live';
  const { entry, adapter } = servedManifest(manifest, 'folder', undefined);
  const streams = adapter.streams.filter(({ key }) => options.stream === undefined || key === options.stream);
  if (streams.length === 0) {
    throw new InterlockError('invalid_request', { message: `The manifest has no stream ${options.stream}.` });
  }
  const client = new GuardedHttpClient({
    allowPrivate: config.outboundAllowPrivate,
    resolver: new NameResolver({ servers: config.outboundDnsServers }).resolve,
  });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new InterlockError('conflict', { message: 'Stopped.' }));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const told = await credentialsToldBy(options, entry.credentials);
    const credentials = adapter.normaliseCredentials(
      checkedCredentials(entry, told, (name) => name),
      environment,
    );
    const http = client.bind({
      allowedHostSuffixes: environment === 'live' ? adapter.liveHostSuffixes : null,
      exemptPrefix: null,
      signal: stop.signal,
      budget: paced(manifest.rate.perSecond),
    });
    const settings = { currency: options.currency, timezone: options.timezone ?? null };
    const recorder = new ExchangeRecorder(manifest, secretsIn(credentials, entry.credentials));
    const { signal } = stop;
    const plain: ProviderCall = { credentials, environment, settings, http: recorder.around(http), signal };
    const call = adapter.grants ? new UnstoredGrant(adapter.grants, credentials).callOf(plain) : plain;
    if (adapter.grants)
      output.note('A refresh token that rotates is used up by this, and activates nothing afterwards.');
    const { accountId, expiresAt } = await adapter.testCredentials(call);
    output.note(`The account is ${accountId}.`);
    if (expiresAt) output.note(`The credentials end at ${expiresAt.toISOString()}.`);
    else if (manifest.test.expires !== undefined) output.note('The answer says no time to come as their end.');
    const found: DryRunOfStream[] = [];
    for (const stream of streams) found.push(await dryRun(stream, call, options.pages));
    if (options.record !== undefined) await writeRecording(options.record, recorder, output);
    return found;
  } catch (error) {
    throw explained(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await client.close();
  }
}

async function writeRecording(file: string, recorder: ExchangeRecorder, output: Output): Promise<void> {
  await writeFile(file, `${JSON.stringify(recorder.recording(), null, 1)}\n`, { mode: 0o600 });
  output.note(`The recording is in ${file}: without secrets, and with the texts of people masked.`);
}

function secretsIn(credentials: object, fields: CredentialFields): string[] {
  return Object.entries(credentials).flatMap(([name, value]) =>
    Object.hasOwn(fields, name) && fields[name]!.secret ? [String(value)] : [],
  );
}

/** Secrets come from files: a command line is read by others. */
async function credentialsToldBy(options: DryRunOptions, fields: CredentialFields): Promise<Record<string, unknown>> {
  const plain = options.field.map((pair) => splitPair(pair));
  const shown = plain.find(([name]) => Object.hasOwn(fields, name) && fields[name]!.secret);
  if (shown) {
    throw new InterlockError('invalid_request', { message: `${shown[0]} is secret: name its file with --field-file.` });
  }
  const read: [string, string][] = [];
  for (const [name, file] of options.fieldFile.map((pair) => splitPair(pair))) {
    read.push([name, await readSecret(file, name)]);
  }
  const told = Object.fromEntries([...plain, ...read]);
  const { baseUrl } = options;
  const apiKey =
    'apiKey' in fields && !('apiKey' in told) ? { apiKey: await readSecret(options.keyFile, 'API key') } : {};
  return { ...told, ...apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) };
}

/** The counts, and a few of the records. */
function show({ records, quarantined, ...counts }: DryRunOfStream, output: Output): void {
  output.record({
    ...counts,
    records: records.length,
    quarantined: Object.values(quarantined).reduce((a, b) => a + b, 0),
  });
  for (const [fault, count] of Object.entries(quarantined)) process.stdout.write(`  quarantined ${count}: ${fault}\n`);
  for (const record of records.slice(0, 3)) process.stdout.write(`  ${JSON.stringify(record)}\n`);
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function collected(pair: string, before: readonly string[]): string[] {
  if (!/^[a-z]\w*=/i.test(pair)) throw new InvalidArgumentError('It must be name=value.');
  return [...before, pair];
}

function pageCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

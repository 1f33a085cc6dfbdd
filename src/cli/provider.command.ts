import { access, constants, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import { loadConfig } from '../platform/config';
import { InterlockError } from '../platform/errors';
import { CURRENCY_RULE, isCurrency } from '../platform/http';
import { GuardedHttpClient, NameResolver } from '../platform/outbound';
import {
  BUILT_IN_CATALOGUE,
  BUILT_IN_IDS,
  checkAccount,
  checkedCredentials,
  createAdapter,
  ManifestFolder,
  PROVIDER_FACTS,
  type BuiltInId,
} from '../providers';
import type { CommandDefinition } from './application';
import { paced } from './call-pace';
import { checkTable } from './check-table';
import { explained } from './explained-failure';
import { manifestCommands } from './manifest.command';
import { createOutput, type Output } from './output';
import { replayReport } from './report-replay';
import { readSecret } from './secret-input';

interface CheckOptions {
  baseUrl?: string;
  keyFile?: string;
  timezone?: string;
  currency?: string;
  out?: string;
  replay?: string;
}

export const providerCommand: CommandDefinition = (program) => {
  const group = program.command('provider').description('facts about the providers’ APIs, and providers as data');
  manifestCommands(group);
  group
    .command('check')
    .description(
      'check the facts against an account of yours, with a few read-only calls; a report holds nothing personal',
    )
    .argument('<provider>', BUILT_IN_IDS.join(', '))
    .option('--base-url <url>', 'base URL of the account')
    .option(
      '--key-file <file>',
      'a file that holds the API key, - for standard input; without it the command prompts for the key',
    )
    .option('--timezone <zone>', 'IANA time zone of the account', timezone)
    .option('--currency <code>', 'the currency of the account, ISO 4217', currency)
    .option('--out <file>', 'write a report that can be attached to an issue')
    .option('--replay <report>', 'start a simulator that behaves as the report says, instead of reading an account')
    .action(async (name: string, options: CheckOptions, command) => {
      const json = command.optsWithGlobals().json === true;
      const output = createOutput(json);
      const id = await checkable(name);
      if (options.replay !== undefined) return replayReport(id, options.replay, output);
      await check(id, options, output, json);
    });
};

async function check(id: BuiltInId, options: CheckOptions, output: Output, json: boolean): Promise<void> {
  const page = PROVIDER_FACTS[id];
  if (page === undefined)
    throw new InterlockError('invalid_request', { message: 'There are no facts about this provider to check.' });
  if (options.baseUrl === undefined) throw new InterlockError('invalid_request', { message: '--base-url is missing.' });
  const config = loadConfig(process.env);
  const adapter = createAdapter(id, config.providers);
  // where private addresses are allowed, so are stand-ins and simulators: no live host is asked for
  const environment = config.outboundAllowPrivate ? 'sandbox' : 'live';
  const resolver = new NameResolver({ servers: config.outboundDnsServers }).resolve;
  const client = new GuardedHttpClient({ allowPrivate: config.outboundAllowPrivate, resolver });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new InterlockError('conflict', { message: 'Stopped.' }));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const hosts = { allowedHostSuffixes: environment === 'live' ? adapter.liveHostSuffixes : null, exemptPrefix: null };
    const baseUrlOf = (apiKey: string) =>
      adapter.normaliseCredentials(
        checkedCredentials(BUILT_IN_CATALOGUE[id], { apiKey, baseUrl: options.baseUrl }, (field) => field),
        environment,
      );
    // a wrong address is told before a key is asked for, and a report that has no place too
    if (options.out !== undefined) await refuseUnwritable(options.out);
    client.checkDestination(baseUrlOf('none').baseUrl, hosts);
    const credentials = baseUrlOf(await readSecret(options.keyFile, 'API key'));
    output.note(
      `Asking ${BUILT_IN_CATALOGUE[id].name} with GET requests only, within its rate limit. This takes a few seconds.`,
    );
    const budget = paced(BUILT_IN_CATALOGUE[id].rate.perSecond);
    const found = await checkAccount({
      adapter,
      page,
      credentials,
      environment,
      http: client.bind({ ...hosts, signal: stop.signal, budget }),
      signal: stop.signal,
      asked: {
        paths: config.providers.paths[id] ?? {},
        timezone: options.timezone ?? null,
        currency: options.currency ?? null,
        now: new Date(),
      },
    });
    if (json) output.record({ ...found.report, facts: found.facts });
    else process.stdout.write(checkTable(found));
    if (options.out !== undefined) {
      await writeFile(options.out, `${JSON.stringify(found.report, null, 2)}\n`);
      output.note(
        `The report is in ${options.out}: names of fields, formats, words and counts, and no value of a row.`,
      );
    }
  } catch (error) {
    throw explained(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await client.close();
  }
}

async function refuseUnwritable(file: string): Promise<void> {
  try {
    await access(path.dirname(path.resolve(file)), constants.W_OK);
    const existing = await stat(file).catch(() => null);
    if (existing === null) return;
    await access(file, constants.W_OK);
    if (existing.isFile()) return;
  } catch {
    // told below
  }
  throw new InterlockError('invalid_request', { message: `--out: no file can be written at ${file}.` });
}

/** A provider that a manifest tells has no facts: a dry run shows what its account holds. */
async function checkable(name: string): Promise<BuiltInId> {
  const known = BUILT_IN_IDS.find((id) => id === name);
  if (known !== undefined) return known;
  const { folder } = loadConfig(process.env).providers;
  const manifests = folder === null ? null : new ManifestFolder(folder);
  await manifests?.look();
  const isTold = manifests?.manifests().some(({ id }) => id === name) === true;
  throw new InterlockError('invalid_request', {
    message: isTold
      ? `There are no facts about ${name} to check: try its manifest with provider dry-run.`
      : `The provider must be one of ${BUILT_IN_IDS.join(', ')}.`,
  });
}

function timezone(value: string): string {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value });
    return value;
  } catch {
    throw new InvalidArgumentError('It must be an IANA zone, such as Europe/London.');
  }
}

function currency(value: string): string {
  if (!isCurrency(value)) throw new InvalidArgumentError(`It ${CURRENCY_RULE}.`);
  return value;
}

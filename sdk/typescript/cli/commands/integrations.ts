import { numberOption, providerOf, textOption, type Command } from '../command';
import { UsageError } from '../exit-code';
import { printable } from '../terminal';
import { follow } from './sync';

export const integrationsCommand: Command = {
  name: 'integrations',
  usage: '',
  summary: 'list the integrations, active and inactive',
  options: {},
  async run({ terminal, signal, client }) {
    const integrations = await (await client()).integrations.list({ limit: 100 }, { signal }).all();
    if (terminal.json) return terminal.rows(integrations);
    terminal.rows(
      integrations.map(({ provider, status, syncHealth, lastSyncAt, syncInterval, lastSyncError }) => ({
        provider,
        status,
        health: syncHealth,
        'last sync': lastSyncAt,
        'next sync': syncInterval.nextRun,
        error: lastSyncError,
      })),
    );
  },
};

export const activateCommand: Command = {
  name: 'activate',
  usage: '<provider>',
  summary: 'connect a provider; its key is typed unseen, or piped in',
  options: {
    'base-url': { type: 'string', help: "the provider's API (required)" },
    timezone: { type: 'string', help: "the account's time zone, such as Europe/London" },
    currency: { type: 'string', help: 'ISO 4217; the merchant’s default unless told' },
    'interval-minutes': { type: 'string', help: 'between two syncs; the provider’s default unless told' },
    'lookback-days': { type: 'string', help: 'how far back invoices are read; 90 unless told' },
    follow: { type: 'boolean', help: 'wait for the first sync and show its progress' },
  },
  async run(context) {
    const { terminal, options, signal, client } = context;
    const provider = providerOf(context);
    const baseUrl = textOption(options, 'base-url');
    if (baseUrl === undefined) throw new UsageError('Give --base-url with the address of the provider’s API.');
    const interlock = await client();
    const settings = {
      timezone: textOption(options, 'timezone'),
      currency: textOption(options, 'currency'),
      syncIntervalMinutes: numberOption(options, 'interval-minutes'),
      invoiceLookbackDays: numberOption(options, 'lookback-days'),
    };
    const apiKey = await terminal.secret(`API key of ${provider}`);
    const integration = await interlock.integrations.activate(
      provider,
      { credentials: { apiKey, baseUrl }, ...settings },
      { signal },
    );
    if (!options['follow'])
      return terminal.result(integration, `${provider} is connected; its first sync has been asked for.`);
    terminal.note(`${provider} is connected.`);
    await follow(interlock, context, { provider });
  },
};

export const explainCommand: Command = {
  name: 'explain',
  usage: '<provider>',
  summary: 'why the next sync will or will not run, and what to do',
  options: {},
  async run(context) {
    const { terminal, signal, client } = context;
    const explanation = await (await client()).integrations.explain(providerOf(context), { signal });
    const { willRun, nextExpectedStart, reasons } = explanation;
    const head = willRun
      ? terminal.paint('green', `The next sync runs${nextExpectedStart === null ? '' : ` at ${nextExpectedStart}`}.`)
      : terminal.paint('red', 'The next sync does not run.');
    const lines = reasons.map(
      ({ code, message, since, nextAction }) =>
        `- ${printable(message)} (${code}${since === null ? '' : `, since ${since}`}; next action: ${nextAction})`,
    );
    terminal.result(explanation, [head, ...lines].join('\n'));
  },
};

/** Of the built-in providers by id, put here by scripts/console.cjs. */
declare const PROVIDER_NAMES: Readonly<Record<string, string>>;

let providerNames = PROVIDER_NAMES;

/** Those that the service serves now; they come before anything is shown. */
export function learnProviders(providers: readonly { readonly id: string; readonly name: string }[]): void {
  providerNames = Object.fromEntries(providers.map(({ id, name }) => [id, name]));
}

export const providerName = (id: string): string => providerNames[id] ?? id;

export const providerChoices = (): [id: string, name: string][] => Object.entries(providerNames);

/** `provider_credentials_rejected` as words. */
export const words = (code: string): string => {
  const text = code.replace(/[_.]/g, ' ').replace(/\bapi\b/g, 'API');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const environmentName = (environment: string): string => (environment === 'live' ? 'Live' : 'Sandbox');

export const number = (value: number): string => new Intl.NumberFormat('en').format(value);

/** An amount in the currency's smallest unit. */
export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function duration(ms: number): string {
  if (ms > 0 && ms < 950) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 6) / 10;
  if (hours < 48) return `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

export function ago(iso: string, now = Date.now()): string {
  const ms = now - Date.parse(iso);
  if (Math.abs(ms) < 5_000) return 'just now';
  return ms >= 0 ? `${duration(ms)} ago` : `in ${duration(-ms)}`;
}

export const clock = (iso: string): string =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    new Date(iso),
  );

/** With seconds and the zone that it is told in, for whoever compares it with a log. */
export const exactly = (iso: string): string =>
  `${new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(iso))} (${new Date(iso).toISOString().slice(0, 19)}Z)`;

export function queryOf(values: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value) query.set(key, value);
  const text = query.toString();
  return text ? `?${text}` : '';
}

import { prettyFactory } from 'pino-pretty';

const LINES = 40;
const pretty = prettyFactory({
  colorize: false,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname',
  singleLine: true,
});

/**
 * The last lines that a service wrote, its JSON made readable. Requests that went well are left out: they explain
 * nothing.
 */
export function logTail(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '' && !isServedRequest(line))
    .slice(-LINES)
    .map((line) => (line.startsWith('{') ? pretty(line).trimEnd() : line));
}

function isServedRequest(line: string): boolean {
  try {
    const { msg, status } = JSON.parse(line) as { msg?: unknown; status?: unknown };
    return msg === 'request' && Number(status) < 400;
  } catch {
    return false;
  }
}

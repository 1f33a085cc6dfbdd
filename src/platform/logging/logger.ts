import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import { RequestContext } from '../http';
import { redact } from './redaction';

/** Nest tells every module and route at start: of use when the wiring is in doubt, and noise otherwise. */
const FRAMEWORK_CHATTER = new Set([
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RouterExplorer',
  'RoutesResolver',
]);
/** What a start fails by is thrown as well: whoever starts says it, in words where there are some. */
const SAID_BY_THE_START = 'ExceptionHandler';

/** Nest's logger over pino: JSON lines; every line carries the request id and passes redaction. */
export class AppLogger implements LoggerService {
  readonly pino: Pino;

  /** To standard output unless told. */
  constructor(options: { level: string; destination?: DestinationStream }) {
    const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
    this.pino = pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: {
          level: (label) => ({ level: label }),
          log: (fields) => redact(fields) as Record<string, unknown>,
        },
        // `log` above has already turned errors into safe objects
        serializers: { err: (value: unknown) => value },
        mixin: () => {
          const requestId = RequestContext.requestId();
          return requestId ? { requestId } : {};
        },
      },
      destination,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK_CHATTER.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write(rest.at(-1) === SAID_BY_THE_START ? 'debug' : 'error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    if (!this.pino.isLevelEnabled(level)) return;
    // Nest appends the logger's context as the last argument
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    if (message instanceof Error) {
      this.pino[level]({ context, err: message });
    } else if (message !== null && typeof message === 'object') {
      this.pino[level]({ context, ...message });
    } else {
      this.pino[level]({ context }, redact(String(message)) as string);
    }
  }
}

/** For people at a terminal. Loaded only for them. */
export async function prettyOutput(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
}

import { parseArgs } from 'node:util';
import { InterlockError } from '../../sdk/typescript/src';
import { DemoFailure } from './failure';
import { Screen } from './screen';
import { ServiceProcess } from './service-process';
import { serveUntilStopped, tellStory, type Service } from './story';

const USAGE = `npm run demo [-- options]

Starts Interlock on a PostgreSQL of its own, connects its PracticeHub simulator, syncs it twice, and cleans up.

  --serve          stay up afterwards, until Ctrl-C
  --fault <json>   a fault for the simulator before anything is synced (see src/sandbox/README.md), such as
                   '{"kind":"status","status":500,"match":{"path":"/invoices"}}'; may be repeated
  --help           this text
`;

interface Options {
  readonly serve: boolean;
  readonly faults: readonly unknown[];
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const screen = new Screen(process.stdout);
  const stop = new AbortController();
  const service = new ServiceProcess();
  // whatever ends this process, nothing that it made may outlive it
  process.on('exit', () => service.destroy());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(1) : stop.abort()));
  }
  try {
    const context = { screen, service, signal: stop.signal, faults: options.faults };
    const client: Service = await tellStory(context);
    if (options.serve) await serveUntilStopped(context, client);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return options.serve ? 0 : 130;
    const isTold = error instanceof DemoFailure || error instanceof InterlockError;
    screen.failure(isTold ? error.message : String(error instanceof Error ? error.stack : error));
    screen.serviceLog(service.logTail());
    return 1;
  } finally {
    const forced = await service.stop();
    screen.say(`\n${forced ?? 'The service has stopped'}; its folder and database are gone.`);
  }
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        serve: { type: 'boolean', default: false },
        fault: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    return { serve: values.serve, faults: values.fault.map((text) => JSON.parse(text) as unknown) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 1;
  }
}

void main().then((code) => process.exit(code));

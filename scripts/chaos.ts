import 'reflect-metadata';
import { ACTIONS, chaosRun, startWorld } from '../test/chaos/engine/chaos-run';
import type { World } from '../test/chaos/engine/world';
import { grantChaos } from '../test/chaos/grants/grant-chaos';
import { vaultChaos } from '../test/chaos/vault/vault-chaos';
import { startWebhookWorld, webhookChaos } from '../test/chaos/webhooks/webhook-chaos';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';
import { commandLine, CommandLineError, runCommand, wholeNumber } from './command-line';

const USAGE = `npm run chaos -- [engine|vault|webhooks|grants]   engine where none is named
  --runs N           20
  --seed N           of the first run; the others follow it
  --seconds N        of each run of the engine, of webhooks or of grants: 15
  --queue NAME       postgres or redis; by turns where none is named
  --actions A,B      of ${ACTIONS.join(', ')}
  --together N       so many runs share their servers and processes, or processes a grant: 5`;

interface Wishes {
  readonly runs: number;
  readonly seed: number;
  readonly seconds: number;
  readonly queue?: 'postgres' | 'redis';
  readonly actions?: readonly string[];
  /** Runs, one after the other, that share their servers and processes. */
  readonly together: number;
}

const KINDS: Readonly<Record<string, (wishes: Wishes) => Promise<readonly string[]>>> = {
  async vault({ runs, seed }) {
    const { faults, ...report } = await vaultChaos({ runs, seed, log: (line) => console.log(line) });
    console.log(JSON.stringify(report));
    return faults;
  },
  async engine({ actions, ...wishes }) {
    return inWorlds(
      wishes,
      (seed, queue) => startWorld(seed, queue),
      async (world, { seed, seconds }) => {
        const { log, ...report } = await chaosRun(world, { seed, seconds, actions });
        if (report.faults.length > 0) console.error(log.join('\n'));
        return report;
      },
    );
  },
  async grants({ runs, seed, seconds, together }) {
    const faults: string[] = [];
    for (let index = 0; index < runs; index++) {
      const report = await grantChaos({ seed: seed + index, seconds, processes: together });
      console.log(JSON.stringify(report));
      faults.push(...report.faults.map((fault) => `seed ${report.seed}: ${fault}`));
    }
    return faults;
  },
  async webhooks(wishes) {
    return inWorlds(wishes, (_seed, queue) => startWebhookWorld(queue), webhookChaos);
  },
};

/** Runs one after the other, several in one world. Returns what was wrong. */
async function inWorlds<R extends { readonly seed: number; readonly faults: readonly string[] }>(
  { runs, seed, seconds, queue, together }: Wishes,
  start: (seed: number, queue: 'postgres' | 'redis') => Promise<World>,
  run: (world: World, options: { readonly seed: number; readonly seconds: number }) => Promise<R>,
): Promise<string[]> {
  const faults: string[] = [];
  let world: World | null = null;
  try {
    for (let index = 0; index < runs; index++) {
      if (index % together === 0) {
        await world?.stop();
        world = await start(seed + index, queue ?? (index % (2 * together) ? 'redis' : 'postgres'));
      }
      const report = await run(world!, { seed: seed + index, seconds });
      console.log(JSON.stringify(report));
      faults.push(...report.faults.map((fault) => `seed ${report.seed}: ${fault}`));
    }
  } finally {
    await world?.stop();
  }
  return faults;
}

async function main(): Promise<number> {
  const { values, positionals } = commandLine(USAGE, {
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string' },
      seconds: { type: 'string', default: '15' },
      queue: { type: 'string' },
      actions: { type: 'string' },
      together: { type: 'string', default: '5' },
    },
  });
  const [kind = 'engine', ...others] = positionals;
  const work = Object.hasOwn(KINDS, kind) && others.length === 0 ? KINDS[kind] : undefined;
  if (!work) throw new CommandLineError(`There is no ${positionals.join(' ')}.\n\n${USAGE}`);
  const wishes: Wishes = {
    runs: wholeNumber('runs', values.runs, 1),
    seed: wholeNumber('seed', values.seed ?? String(1 + (Date.now() % 1_000_000)), 1),
    seconds: wholeNumber('seconds', values.seconds, 1),
    queue: queueOf(values.queue),
    actions: actionsOf(values.actions),
    together: wholeNumber('together', values.together, 1),
  };
  console.log(`${kind}: ${wishes.runs} runs from seed ${wishes.seed}`);
  const server = process.env[POSTGRES_URL_VARIABLE] ? null : await startTestPostgres();
  if (server) process.env[POSTGRES_URL_VARIABLE] = server.url;
  try {
    const begun = performance.now();
    const faults = await work(wishes);
    for (const fault of faults) console.error(fault);
    console.log(`${faults.length} faults, ${Math.round((performance.now() - begun) / 1000)} s`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await server?.stop();
  }
}

function queueOf(name: string | undefined): Wishes['queue'] {
  if (name === undefined || name === 'postgres' || name === 'redis') return name;
  throw new CommandLineError('--queue is postgres or redis.');
}

function actionsOf(text: string | undefined): readonly string[] | undefined {
  const names = text?.split(',');
  const unknown = names?.find((name) => !ACTIONS.includes(name));
  if (unknown !== undefined) throw new CommandLineError(`${unknown} is none of ${ACTIONS.join(', ')}`);
  return names;
}

runCommand(main);

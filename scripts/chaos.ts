import 'reflect-metadata';
import { ACTIONS, chaosRun, startWorld } from '../test/chaos/engine/chaos-run';
import type { World } from '../test/chaos/engine/world';
import { vaultChaos } from '../test/chaos/vault/vault-chaos';
import { build } from '../test/support/build';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';

/**
 * npm run chaos -- vault --runs 200 --seed 1
 * npm run chaos -- engine --runs 20 --seed 1 --queue redis --seconds 30 --actions breach,killWorker --together 5
 */
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
  async engine({ runs, seed, seconds, queue, actions, together }) {
    build();
    const faults: string[] = [];
    let world: World | null = null;
    try {
      for (let run = 0; run < runs; run++) {
        if (run % together === 0) {
          await world?.stop();
          world = await startWorld(seed + run, queue ?? (run % (2 * together) ? 'redis' : 'postgres'), true);
        }
        const { log, ...report } = await chaosRun(world!, { seed: seed + run, seconds, actions });
        console.log(JSON.stringify(report));
        if (report.faults.length > 0) console.error(log.join('\n'));
        faults.push(...report.faults.map((fault) => `seed ${report.seed}: ${fault}`));
      }
    } finally {
      await world?.stop();
    }
    return faults;
  },
};

async function main(): Promise<number> {
  const [first = '', ...others] = process.argv.slice(2);
  const [kind, rest] = first.startsWith('--') ? ['engine', [first, ...others]] : [first, others];
  const work = KINDS[kind];
  if (!work) {
    console.error(`Say what: ${Object.keys(KINDS).join(' or ')}, with [--runs N] [--seed S] [--actions A,B]`);
    return 2;
  }
  const wishes: Wishes = {
    runs: numberAfter(rest, '--runs') ?? 20,
    seed: numberAfter(rest, '--seed') ?? 1 + (Date.now() % 1_000_000),
    seconds: numberAfter(rest, '--seconds') ?? 15,
    queue: after(rest, '--queue') as Wishes['queue'],
    actions: actionsOf(after(rest, '--actions')),
    together: numberAfter(rest, '--together') ?? 5,
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

function after(args: readonly string[], name: string): string | undefined {
  const index = args.indexOf(name);
  return index === -1 ? undefined : args[index + 1];
}

function actionsOf(text: string | undefined): readonly string[] | undefined {
  const names = text?.split(',');
  const unknown = names?.find((name) => !ACTIONS.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${ACTIONS.join(', ')}`);
  return names;
}

function numberAfter(args: readonly string[], name: string): number | undefined {
  const text = after(args, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} needs a whole number above zero`);
  return value;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

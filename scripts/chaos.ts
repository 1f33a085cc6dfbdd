import 'reflect-metadata';
import { chaosRun } from '../test/chaos/engine/chaos-run';
import { vaultChaos } from '../test/chaos/vault/vault-chaos';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { startTestPostgres } from '../test/support/postgres';

/** npm run chaos -- vault --runs 200 --seed 1; npm run chaos -- engine --runs 20 --seed 1 --queue redis --seconds 30 */
interface Wishes {
  readonly runs: number;
  readonly seed: number;
  readonly seconds: number;
  readonly queue?: 'postgres' | 'redis';
}

const KINDS: Readonly<Record<string, (wishes: Wishes) => Promise<readonly string[]>>> = {
  async vault({ runs, seed }) {
    const { faults, ...report } = await vaultChaos({ runs, seed, log: (line) => console.log(line) });
    console.log(JSON.stringify(report));
    return faults;
  },
  async engine({ runs, seed, seconds, queue }) {
    const faults: string[] = [];
    for (let run = 0; run < runs; run++) {
      const report = await chaosRun({ seed: seed + run, seconds, queue: queue ?? (run % 2 ? 'redis' : 'postgres') });
      console.log(JSON.stringify(report));
      faults.push(...report.faults.map((fault) => `seed ${report.seed}: ${fault}`));
    }
    return faults;
  },
};

async function main(): Promise<number> {
  const [kind = '', ...rest] = process.argv.slice(2);
  const work = KINDS[kind];
  if (!work) {
    console.error(`Say what: ${Object.keys(KINDS).join(' or ')}, with [--runs N] [--seed S]`);
    return 2;
  }
  const wishes: Wishes = {
    runs: numberAfter(rest, '--runs') ?? 20,
    seed: numberAfter(rest, '--seed') ?? 1 + (Date.now() % 1_000_000),
    seconds: numberAfter(rest, '--seconds') ?? 15,
    queue: after(rest, '--queue') as Wishes['queue'],
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

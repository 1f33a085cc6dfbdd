import { Random } from '../fuzz/random';

/** Another one for each file and run; `TEST_SEED` plays one again. */
export const SEED = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);

/** So many of them by the seed, in their own order. */
export function sample<T>(all: readonly T[], count: number, random = new Random(SEED)): T[] {
  const left = all.map((_, at) => at);
  while (left.length > count) left.splice(random.int(left.length), 1);
  return left.map((at) => all[at]!);
}

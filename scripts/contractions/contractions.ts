import type { Fact, FactKind } from './schema';

/** What a process relies on. */
const RELIED_ON: readonly FactKind[] = ['relation', 'column', 'default', 'null', 'unique', 'function'];
/** What it may run against where it does not know of it. */
const DEMANDED: readonly FactKind[] = ['required', 'unique', 'check', 'reference'];

/**
 * What the schema no longer gives a process of the release, and what it newly asks of one. Such processes still run
 * when the schema is migrated, and to go back to them must be possible. Names: what the release uses.
 */
export function contractions(released: readonly Fact[], now: readonly Fact[], names: readonly string[]): string[] {
  const used = new Set(names);
  const columns = new Set(released.filter(({ kind }) => kind === 'column').map(columnsOf));
  const lost = released.filter(
    (fact) => RELIED_ON.includes(fact.kind) && [fact.of, ...fact.columns].every((name) => used.has(name)),
  );
  const demanded = now.filter(
    (fact) =>
      DEMANDED.includes(fact.kind) &&
      used.has(fact.of) &&
      released.some(({ kind, of }) => kind === 'relation' && of === fact.of) &&
      (fact.kind === 'required' || fact.columns.some((column) => columns.has(`${fact.of} (${column})`))) &&
      !released.some((other) => isWider(fact, other)),
  );
  return [
    ...missingFrom(now, lost).map((fact) => `lost: ${sentenceOf(fact)}`),
    ...missingFrom(released, demanded).map((fact) => `demanded: ${sentenceOf(fact)}`),
  ];
}

function missingFrom(schema: readonly Fact[], facts: readonly Fact[]): Fact[] {
  const there = new Set(schema.map(sentenceOf));
  return facts.filter((fact) => !there.has(sentenceOf(fact)));
}

const columnsOf = ({ of, columns }: Fact): string => `${of} (${columns.join(', ')})`;

const sentenceOf = (fact: Fact): string => `${fact.kind} ${columnsOf(fact)} ${fact.text}`.trimEnd();

const ONE_OF = /^CHECK \(\(\w+ = ANY \(ARRAY\[(.*)\]\)\)\)$/;

/** Whether both are a list of what a column may hold, and this one allows all that the other does. */
function isWider(fact: Fact, other: Fact): boolean {
  if (fact.kind !== 'check' || other.kind !== 'check' || columnsOf(fact) !== columnsOf(other)) return false;
  const [list, shorter] = [fact, other].map(({ text }) => ONE_OF.exec(text)?.[1]?.split(', '));
  return list !== undefined && shorter !== undefined && shorter.every((value) => list.includes(value));
}

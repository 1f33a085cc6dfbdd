import type { AccountCheck, CheckedFact } from '../providers';

const WIDTH = 110;
const ORDER = ['differs', 'cannot tell', 'holds'] as const;

/** What a check found, for people: what differs first. */
export function checkTable({ facts, calls }: AccountCheck): string {
  const width = Math.max(...facts.map(({ id }) => id.length));
  const ordered = ORDER.flatMap((verdict) => facts.filter((fact) => fact.verdict === verdict));
  const counts = ORDER.map((verdict) => `${facts.filter((fact) => fact.verdict === verdict).length} ${verdict}`);
  return [
    ...ordered.map((fact) => entry(fact, width)),
    `${facts.length} facts, ${calls} calls: ${counts.join(', ')}.\n`,
  ].join('\n');
}

function entry(fact: CheckedFact, width: number): string {
  const verdict = fact.verdict === 'cannot tell' ? fact.verdict : `${fact.verdict}: ${fact.value}`;
  const lines: [label: string, text: string][] = [
    ['fact', fact.words],
    ['account', fact.shows],
    ['adapter', fact.adapter],
  ];
  if (fact.verdict === 'differs') lines.push(['if wrong', fact.ifWrong]);
  return [
    `${fact.id.padEnd(width)}  ${fact.certainty.padEnd(8)}  ${verdict}\n`,
    ...lines.flatMap(([label, text]) =>
      wrapped(text, WIDTH - 12).map((line, at) => `  ${(at === 0 ? label : '').padEnd(8)}  ${line}\n`),
    ),
  ].join('');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

import { ERROR_CATALOGUE, ERROR_CODES } from '../platform/errors';
import type { Document } from './tools';

const MAX_RESULTS = 5;

export interface DocsPassage {
  readonly title: string;
  readonly text: string;
}

/** What the service says of itself: each operation of the document, and each error code. */
export function passagesOf(document: Document): DocsPassage[] {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, { summary: string; description: string }>).map(
      ([method, { summary, description }]) => ({
        title: `${method.toUpperCase()} ${path}: ${summary}`,
        text: description,
      }),
    ),
  );
  const errors = ERROR_CODES.map((code) => {
    const { status, meaning, nextAction } = ERROR_CATALOGUE[code];
    return { title: `Error ${code} (${status})`, text: `${meaning} nextAction: ${nextAction}.` };
  });
  return [...operations, ...errors];
}

/** The passages that hold most of the words, the best first; a word of the title counts threefold. */
export function searchPassages(passages: readonly DocsPassage[], query: string): DocsPassage[] {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [])].filter((word) => word.length > 2);
  const scoreOf = ({ title, text }: DocsPassage): number =>
    words.reduce(
      (score, word) =>
        score + (title.toLowerCase().includes(word) ? 3 : 0) + (text.toLowerCase().includes(word) ? 1 : 0),
      0,
    );
  return passages
    .map((passage) => ({ passage, score: scoreOf(passage) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, MAX_RESULTS)
    .map(({ passage }) => passage);
}

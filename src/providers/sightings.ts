import type { JsonElement } from '../platform/outbound';
import type { ProviderId } from './catalogue';
import type { ProviderFactPage } from './fact';
import { rowOf, UnreadRow } from './list-rows';
import { PROVIDER_FACTS } from './provider-facts';
import { isRow, type Row } from './row';
import { surveyOf } from './told-names';

/** Of a provider that a manifest tells there are none. */
const FACTS_OF_ANY: Readonly<Partial<Record<ProviderId, ProviderFactPage>>> = PROVIDER_FACTS;
const MAX_SAMPLE = 100;
export const MAX_SIGHTING_LENGTH = 120;
/** Nothing is no form of its own: any field may be empty. */
const EMPTY = new Set(['null', 'empty text', 'empty list']);

export type SightingKind = 'field' | 'form' | 'word';

/** Something that a list's rows show of the provider's API. Nothing of a person: `told-names.ts` decides. */
export interface Sighting {
  /** The list, as the facts name it. */
  readonly stream: string;
  readonly kind: SightingKind;
  /** `field`, `field: form` or `field: word`. */
  readonly name: string;
  /** A field or word that the facts list. Forms are in no list. */
  readonly known: boolean;
  /** Of the sample. */
  readonly rows: number;
}

/** What the rows of one answer show; none where the facts know no list at this address. */
export function sightingsIn(provider: ProviderId, url: string, elements: readonly JsonElement[]): Sighting[] {
  const place = new URL(url).pathname.replace(/\/search$/, '');
  const lists = Object.entries(FACTS_OF_ANY[provider]?.lists ?? {});
  const [stream, known] = lists.find(([, { path }]) => place.endsWith(path)) ?? [];
  if (stream === undefined || known === undefined) return [];
  const survey = surveyOf(elements.slice(0, MAX_SAMPLE).flatMap(readable), known);
  const found: Sighting[] = [];
  for (const [path, forms] of Object.entries(survey.forms)) {
    const rows = Math.max(...Object.values(forms));
    found.push({ stream, kind: 'field', name: path, known: known.fields.includes(path), rows });
    // what people write freely has every form there is
    if (Object.hasOwn(forms, 'text')) continue;
    for (const form of new Set(
      Object.keys(forms)
        .filter((form) => !EMPTY.has(form))
        .map(coarse),
    )) {
      found.push({ stream, kind: 'form', name: `${path}: ${form}`, known: false, rows });
    }
  }
  for (const [path, words] of Object.entries(survey.words)) {
    const vocabulary = known.words[path] ?? [];
    for (const word of words) {
      found.push({ stream, kind: 'word', name: `${path}: ${word}`, known: vocabulary.includes(word), rows: 1 });
    }
  }
  return found.filter(({ name }) => name.length <= MAX_SIGHTING_LENGTH);
}

/** A number with places and one without are the same form. */
function coarse(form: string): string {
  return form === 'whole number' || form.startsWith('number,') ? 'number' : form;
}

function readable(element: JsonElement): Row[] {
  try {
    const row = rowOf(element);
    return isRow(row) && !(row instanceof UnreadRow) ? [row] : [];
  } catch {
    return [];
  }
}

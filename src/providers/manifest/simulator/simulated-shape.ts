import type { ManifestFields, ManifestLines, ManifestRule, ManifestSource, StreamManifest } from '../manifest';
import { RECORD_TARGETS, type Target, type Targets } from '../record-targets';
import { readByExpression } from './expression-shape';
import { RowShape, type ValueKind } from './row-shape';

type Source = ManifestSource | ManifestFields | ManifestLines;

/** All that a manifest reads of the rows of a stream. */
export function shapeOfRows(stream: StreamManifest): RowShape {
  const shape = new RowShape();
  shape.at(stream.id).readAs('id');
  for (const path of [stream.updatedAt, stream.createdAt]) if (path !== undefined) shape.at(path).readAs('time');
  addFields(shape, stream.fields, RECORD_TARGETS[stream.resource]);
  if (stream.where !== undefined) readByExpression(shape, stream.where, { kind: 'flag' });
  return shape;
}

function addFields(shape: RowShape, fields: ManifestFields, targets: Targets): void {
  for (const [name, source] of Object.entries(fields)) addSource(shape, name, source, targets[name]!);
}

function addSource(shape: RowShape, name: string, source: Source, target: Target): void {
  if (target.kind === 'part') return addFields(shape, source as ManifestFields, target.fields);
  if (target.kind === 'list') {
    const { each, fields } = source as ManifestLines;
    return addFields(shape.at(each).entries(), fields, target.fields);
  }
  const rule = ruleOf(source as ManifestSource);
  const kind = kindOf(target, rule);
  const literals = Object.keys(rule.words ?? {}).map(writtenWord);
  if (target.kind === 'word' && !rule.words) literals.push(...target.words);
  if (rule.cel !== undefined) return readByExpression(shape, rule.cel, { kind, literals });
  if (rule.value !== undefined) return;
  for (const path of pathsOfRule(rule, name)) shape.at(path).readAs(kind).mayBe(literals);
}

function kindOf(target: Target, rule: ManifestRule): ValueKind {
  if (rule.words) return 'word';
  if (target.kind === 'money') return rule.unit === 'minor' ? 'minor' : 'major';
  return target.kind as ValueKind;
}

/** `true` and `false` among words are no texts at most providers; `*` stands for any other. */
function writtenWord(word: string): unknown {
  if (word === 'true' || word === 'false') return word === 'true';
  return word === '*' ? 'Any other' : word;
}

export function ruleOf(source: ManifestSource): ManifestRule {
  return typeof source === 'string' ? { from: source } : source;
}

export function pathsOfRule({ from }: ManifestRule, name: string): readonly string[] {
  return [from ?? name].flat();
}

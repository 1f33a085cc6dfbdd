import { hostIsUnder } from '../../platform/outbound';
import { scalarText } from '../scalar';
import { authFaults, type ManifestRuleFault } from './auth-rules';
import type { ManifestPath } from './auth-templates';
import { Expression, ExpressionProblem } from './expression';
import type { Manifest, ManifestFields, ManifestLines, ManifestRule, StreamManifest } from './manifest';
import { RECORD_TARGETS, type Target, type Targets } from './record-targets';
import { placesIn } from './template';

/** What no schema says: members that must fit one another. */
export function faultsOf(manifest: Manifest): ManifestRuleFault[] {
  const streams = manifest.streams.flatMap((stream, index) => streamFaults(stream, ['streams', index], manifest));
  return [
    ...addressFaults(manifest),
    ...authFaults(manifest),
    ...addressedFieldFaults(manifest),
    ...endFaults(manifest),
    ...intervalFaults(manifest),
    ...repeatedKeys(manifest),
    ...streams,
  ];
}

function addressFaults({ baseUrl, hosts }: Manifest): ManifestRuleFault[] {
  if (baseUrl.default === undefined) return [];
  const { hostname, username, search } = new URL(baseUrl.default);
  const isOurs = hosts.some((suffix) => hostIsUnder(hostname, suffix));
  const path = ['baseUrl', 'default'];
  return [
    ...(isOurs ? [] : [{ path, rule: 'leads to a host that `hosts` does not name' }]),
    ...(username === '' && search === '' ? [] : [{ path, rule: 'must be an address without user and query' }]),
  ];
}

function addressedFieldFaults({ credentials = {}, test, streams }: Manifest): ManifestRuleFault[] {
  const faults: ManifestRuleFault[] = [];
  const places: [ManifestPath, string][] = [[['test', 'path'], test.path]];
  streams.forEach((stream, index) => {
    places.push([['streams', index, 'path'], stream.path]);
    for (const [parameter, value] of Object.entries(stream.query ?? {})) {
      for (const name of placesIn(value)) {
        const path = ['streams', index, 'query', parameter];
        const field = Object.hasOwn(credentials, name) ? credentials[name] : undefined;
        if (!field) faults.push({ path, rule: `names {${name}}, which is not a field of \`credentials\`` });
        else if (field.secret) faults.push({ path, rule: `names {${name}}, which is secret: addresses are logged` });
      }
    }
  });
  for (const [path, place] of places) {
    if (placesIn(place).length > 0)
      faults.push({ path, rule: 'has no place for a value: only `one.path` has, for {id}' });
  }
  return faults;
}

function endFaults({ test: { expires } }: Manifest): ManifestRuleFault[] {
  if (typeof expires !== 'object') return [];
  const path = ['test', 'expires'];
  if (Object.keys(expires).length !== 1) return [{ path, rule: 'must say `header` or `cel`' }];
  return 'cel' in expires ? expressionFaults(expires.cel, [...path, 'cel']) : [];
}

function intervalFaults({ interval }: Manifest): ManifestRuleFault[] {
  if (interval.minimumMinutes <= interval.defaultMinutes) return [];
  return [{ path: ['interval', 'defaultMinutes'], rule: 'is below the minimum' }];
}

function repeatedKeys({ streams }: Manifest): ManifestRuleFault[] {
  return streams.flatMap(({ key }, index) =>
    streams.findIndex((other) => other.key === key) === index
      ? []
      : [{ path: ['streams', index, 'key'], rule: 'is the key of another stream' }],
  );
}

function streamFaults(stream: StreamManifest, path: ManifestPath, { streams }: Manifest): ManifestRuleFault[] {
  const faults: ManifestRuleFault[] = [];
  const say = (member: ManifestPath, rule: string): void => void faults.push({ path: [...path, ...member], rule });
  const { changedSince, newestFirst, createdAt, updatedAt, one, where, resource, idPrefix } = stream;
  if (changedSince && newestFirst) say(['newestFirst'], 'cannot stand beside changedSince');
  if (newestFirst && createdAt === undefined) say(['newestFirst'], 'needs createdAt, by which the rows are ordered');
  if (newestFirst && stream.complete) say(['complete'], 'must be false for a list that is not read to its end');
  if (changedSince && updatedAt === undefined) say(['changedSince'], 'needs updatedAt, by which the filter is proven');
  if (one && placesIn(one.path).join() !== 'id') say(['one', 'path'], 'must have a place for {id}, and no other');
  if (where !== undefined) faults.push(...expressionFaults(where, [...path, 'where']));
  const siblings = streams.filter((other) => other.resource === resource);
  if (siblings.length > 1 && siblings.some((other) => other !== stream && other.idPrefix === idPrefix)) {
    say(['idPrefix'], `must tell the ids of two streams of ${resource} apart`);
  }
  faults.push(...fieldFaults(stream.fields, RECORD_TARGETS[resource], [...path, 'fields']));
  return faults;
}

function fieldFaults(fields: ManifestFields, targets: Targets, path: ManifestPath): ManifestRuleFault[] {
  const missing = Object.entries(targets)
    .filter(([name, target]) => 'required' in target && !(name in fields))
    .map(([name]) => ({ path, rule: `lacks ${name}` }));
  const faults = Object.entries(fields).flatMap(([name, source]): ManifestRuleFault[] => {
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
    const own = [...path, name];
    if (target === undefined) {
      return [{ path: own, rule: `is not a field here; there are ${Object.keys(targets).join(', ')}` }];
    }
    if (target.kind === 'list') {
      if (typeof source === 'string' || !('each' in source))
        return [{ path: own, rule: 'must say `each` and `fields`' }];
      const { fields: inner } = source as ManifestLines;
      return fieldFaults(inner, target.fields, [...own, 'fields']);
    }
    if (target.kind === 'part') {
      return typeof source === 'string'
        ? [{ path: own, rule: 'must say its fields' }]
        : fieldFaults(source as ManifestFields, target.fields, own);
    }
    return typeof source === 'string' ? [] : ruleFaults(source as ManifestRule, target, own);
  });
  return [...missing, ...faults];
}

const RULE_MEMBERS = ['from', 'cel', 'value', 'words', 'otherwise', 'unit', 'prefix'];

function ruleFaults(rule: ManifestRule, target: Target, path: ManifestPath): ManifestRuleFault[] {
  const faults: ManifestRuleFault[] = Object.keys(rule)
    .filter((member) => !RULE_MEMBERS.includes(member))
    .map((member) => ({ path: [...path, member], rule: `is not a member here; there are ${RULE_MEMBERS.join(', ')}` }));
  if (faults.length > 0) return faults;
  const sources = ['from', 'cel', 'value'].filter((member) => member in rule);
  if (sources.length > 1) faults.push({ path, rule: `has ${sources.join(' and ')}: one of them says it` });
  if (rule.cel !== undefined) faults.push(...expressionFaults(rule.cel, [...path, 'cel']));
  if (rule.unit !== undefined && target.kind !== 'money')
    faults.push({ path: [...path, 'unit'], rule: 'is of money only' });
  if (rule.prefix !== undefined && target.kind !== 'id')
    faults.push({ path: [...path, 'prefix'], rule: 'is of ids only' });
  if (target.kind !== 'word') return faults;
  const given: [ManifestPath, unknown][] = Object.entries(rule.words ?? {}).map(([word, stands]) => [
    [...path, 'words', word],
    stands,
  ]);
  if (rule.value !== undefined) given.push([[...path, 'value'], rule.value]);
  // what is left out stands for itself behind the words
  if (rule.otherwise !== undefined && !rule.words) given.push([[...path, 'otherwise'], rule.otherwise]);
  for (const [place, word] of given) {
    if (!target.words.includes(scalarText(word) ?? ''))
      faults.push({ path: place, rule: `must be one of ${target.words.join(', ')}` });
  }
  return faults;
}

function expressionFaults(text: string, path: ManifestPath): ManifestRuleFault[] {
  try {
    void new Expression(text);
    return [];
  } catch (error) {
    if (error instanceof ExpressionProblem) return [{ path, rule: error.message }];
    throw error;
  }
}

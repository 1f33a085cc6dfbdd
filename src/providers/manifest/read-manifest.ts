import Ajv, { type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { isUri } from '../../platform/outbound';
import { BUILT_IN_IDS } from '../catalogue';
import { scalarText } from '../scalar';
import type { Manifest } from './manifest';
import { faultsOf } from './manifest-rules';
import { MANIFEST_SCHEMA } from './manifest-schema';
import { isDeepYaml } from './yaml-depth';

/** What is wrong with a manifest, and where. */
export interface ManifestFault {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** `streams.0.fields.email`. */
  readonly path: string;
  readonly rule: string;
}

export type ReadManifest =
  | { readonly manifest: Manifest; readonly faults: readonly [] }
  | { readonly manifest: null; readonly faults: readonly ManifestFault[] };

/** `12:5 streams.0.fields.email: must be …`: the line, the column, and what is wrong. */
export function toldFault({ line, column, path, rule }: ManifestFault): string {
  return `${line}:${column} ${path}${path && ': '}${rule}`;
}

export const MAX_MANIFEST_BYTES = 64 * 1024;
export const TOO_LARGE: ReadManifest = {
  manifest: null,
  faults: [{ line: 1, column: 1, path: '', rule: 'is larger than 64 KiB' }],
};
const TOO_DEEP: ReadManifest = {
  manifest: null,
  faults: [{ line: 1, column: 1, path: '', rule: 'is deeper than 16 levels' }],
};

const ajv = addFormats(new Ajv({ allErrors: true, discriminator: true, strict: false }));
// what is called must be an address for `URL` too, which knows ports and numbers of hosts
ajv.addFormat('uri', isUri);
const isForm = ajv.compile(MANIFEST_SCHEMA);

/**
 * A manifest from YAML or JSON, proven by its schema and by what no schema says. `id`: the one that it must have.
 */
export function readManifest(text: string, id?: string): ReadManifest {
  const lines = new LineCounter();
  const at = (path: readonly (string | number)[], rule: string): ManifestFault => ({
    ...placeIn(document, lines, path),
    path: path.join('.'),
    rule,
  });
  if (Buffer.byteLength(text) > MAX_MANIFEST_BYTES) return TOO_LARGE;
  if (isDeepYaml(text)) return TOO_DEEP;
  // an alias may stand for any number of values
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return { line, column: col, path: '', rule: message.split('\n')[0]!.replace(/ at line .*/, '') };
    });
    return { manifest: null, faults };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return { manifest: null, faults: [at([], 'has an alias: every value is written where it stands')] };
  }
  if (!isForm(value))
    return { manifest: null, faults: formFaults(isForm.errors ?? []).map(([path, rule]) => at(path, rule)) };
  const manifest = value as unknown as Manifest;
  const faults = [...idFaults(manifest, id), ...faultsOf(manifest)].map(({ path, rule }) => at(path, rule));
  return faults.length > 0 ? { manifest: null, faults } : { manifest, faults: [] };
}

function idFaults({ id }: Manifest, expected: string = id): { path: string[]; rule: string }[] {
  if (id !== expected) return [{ path: ['id'], rule: `must be ${expected}, as its address says` }];
  const isTaken = (BUILT_IN_IDS as readonly string[]).includes(id);
  return isTaken ? [{ path: ['id'], rule: 'is the id of a provider that is part of the service' }] : [];
}

/** The first of each place. That none of several forms fits is told only where nothing else is. */
function formFaults(errors: readonly ErrorObject[]): [path: (string | number)[], rule: string][] {
  const deepest = errors.filter(({ keyword }) => !['oneOf', 'anyOf', 'if', 'discriminator'].includes(keyword));
  const told = new Map<string, [(string | number)[], string]>();
  for (const error of deepest.length > 0 ? deepest : errors) {
    const path = error.instancePath.split('/').slice(1).map(unescaped);
    const extra = error.params['additionalProperty'] as string | undefined;
    const place = extra === undefined ? path : [...path, extra];
    const key = place.join('.');
    if (!told.has(key)) told.set(key, [place, ruleOf(error)]);
  }
  return [...told.values()];
}

function ruleOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'additionalProperties') return 'is not a member of a manifest here';
  if (keyword === 'enum') return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
  if (keyword === 'const') return `must be ${scalarText(params['allowedValue'])}`;
  if (keyword === 'required') return `lacks ${scalarText(params['missingProperty'])}`;
  return message ?? 'has another form';
}

function unescaped(part: string): string | number {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(name) ? Number(name) : name;
}

/** Where a member of a manifest that has no fault stands, or the nearest one around it that is there; both from 1. */
export function placeOfMember(text: string, path: readonly (string | number)[]): { line: number; column: number } {
  const lines = new LineCounter();
  return placeIn(parseDocument(text, { lineCounter: lines }), lines, path);
}

/** Where the member stands, or the nearest one around it that is there. */
function placeIn(
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): { line: number; column: number } {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (!node?.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

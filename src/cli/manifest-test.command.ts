import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { InterlockError } from '../platform/errors';
import {
  conformanceOf,
  MAX_RECORDING_BYTES,
  placeOfMember,
  readRecording,
  recordingConformanceOf,
  type ConformanceResult,
  type Manifest,
  type Recording,
} from '../providers';
import { manifestIn } from './manifest-file';
import { createOutput } from './output';

interface TestOptions {
  readonly against?: string;
  readonly recording?: string;
  readonly currency: string;
  readonly timezone?: string;
}

/** `provider test`: whether a manifest does what every provider must. */
export function manifestTestCommand(group: Command): void {
  group
    .command('test')
    .description(
      'run the conformance suite over a manifest, against a simulator that is made of it; no account is needed',
    )
    .argument('<file>', 'a manifest, YAML or JSON')
    .option('--against <file>', 'make the simulator of this manifest instead, for example of the one in service')
    .option('--recording <file>', 'read this recording (HAR 1.2, as dry-run --record writes it) instead of a simulator')
    .option('--currency <code>', 'of recorded money that names none, ISO 4217', 'USD')
    .option('--timezone <zone>', 'IANA time zone of recorded times that name none')
    .action(async (file: string, options: TestOptions, command: Command) => {
      const json = command.optsWithGlobals().json === true;
      const { text, manifest } = await manifestIn(file);
      tell(await resultsOf(manifest, options), { file, text, json });
    });
}

async function resultsOf(manifest: Manifest, options: TestOptions): Promise<ConformanceResult[]> {
  const { recording: file, against, currency, timezone = null } = options;
  if (file === undefined) {
    return conformanceOf(manifest, against === undefined ? manifest : (await manifestIn(against)).manifest);
  }
  if (against !== undefined) {
    throw new InterlockError('invalid_request', {
      message: '--against and --recording name two providers: leave one out.',
    });
  }
  return recordingConformanceOf(manifest, await recordingIn(file), { currency, timezone });
}

async function recordingIn(file: string): Promise<Recording> {
  const { size } = await stat(file).catch(() => ({ size: -1 }));
  if (size < 0 || size > MAX_RECORDING_BYTES) {
    throw new InterlockError('invalid_request', { message: `${file} cannot be read, or is larger than 32 MiB.` });
  }
  const recording = readRecording(await readFile(file, 'utf8'));
  if (typeof recording !== 'string') return recording;
  throw new InterlockError('invalid_request', { message: `${file} ${recording}.` });
}

interface Tested {
  readonly file: string;
  readonly text: string;
  readonly json: boolean;
}

/** Every check, and then each failure with its place. Throws where there is one. */
function tell(results: readonly ConformanceResult[], { file, text, json }: Tested): void {
  const output = createOutput(json);
  const rows = results.map(({ check, words, stream, outcome: { result, note, ...outcome } }) => {
    const place = 'path' in outcome ? { ...placeOfMember(text, outcome.path), path: outcome.path.join('.') } : null;
    return { check, stream: stream ?? '-', result, note, words, place };
  });
  output.rows(json ? rows : rows.map(({ check, stream, result, note }) => ({ check, stream, result, note })));
  const failures = rows.flatMap((row) => (row.place ? [{ ...row, place: row.place }] : []));
  const count = (wanted: string): number => rows.filter(({ result }) => result === wanted).length;
  output.note(`${count('passed')} passed, ${failures.length} failed, ${count('not applicable')} not applicable.`);
  if (failures.length === 0) return;
  const lines = failures.map(
    ({ check, stream, words, note, place: { line, column, path } }) =>
      `${file}:${line}:${column} ${path}: ${check} ${stream} (${words}): ${note}`,
  );
  throw new InterlockError('invalid_request', { message: `The manifest fails.\n${lines.join('\n')}` });
}

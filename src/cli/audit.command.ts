import { once } from 'node:events';
import type { Command } from 'commander';
import { AuditVerifier, readAnchor, verifyCopy, writeAnchor, type Anchor, type VerifyProgress } from '../audit';
import { InterlockError } from '../platform/errors';
import { withApplication, type CommandDefinition } from './application';
import { createOutput, type Output, type OutputRow } from './output';
import { createProgressLine } from './progress-line';

interface VerifyCommandOptions {
  readonly anchor?: string;
  readonly sinceAnchor?: boolean;
  readonly fromStream?: readonly string[];
}

/** What is read again at most, when a verification is broken off. */
const KEEP_ANCHOR_EVERY_MS = 10_000;

export const auditCommand: CommandDefinition = (program) => {
  const audit = program.command('audit').description('the audit log');

  audit
    .command('verify')
    .description('verify the whole chain and name every entry that was altered, removed, inserted or moved')
    .option(
      '--anchor <file>',
      'file with the last verified end of the chain; it is checked, and updated when the chain is intact',
    )
    .option(
      '--since-anchor',
      'read only the part of the chain behind the anchor, or continue an interrupted verification',
    )
    .option('--from-stream <files...>', 'verify what an audit stream has sent, from these files and without a database')
    .action((options: VerifyCommandOptions, command) => {
      if (options.sinceAnchor && options.anchor === undefined) {
        throw new InterlockError('invalid_request', { message: '--since-anchor needs --anchor FILE.' });
      }
      if (options.fromStream) return verifyStream(options, command);
      return withApplication(command, async ({ app, output }) => {
        const anchor = options.anchor === undefined ? null : await readAnchor(options.anchor);
        const line = createProgressLine(process.stderr, command.optsWithGlobals().json === true);
        const keep = anchorKeeper(options.anchor, anchor);
        const onProgress = async (progress: VerifyProgress): Promise<void> => {
          const { step, done, total } = progress;
          line.show(progress, `${step} ${done} of ${total}`, total === 0 ? 1 : done / total);
          await keep(progress.sound);
        };
        const { faults, end, ...verdict } = await app
          .get(AuditVerifier)
          .verify(anchor, { sinceAnchor: options.sinceAnchor, onProgress })
          .finally(() => line.end());
        tell(output, anchor, { ...verdict, lastSequence: end.sequence, lastHash: end.hash, faults });
        if (verdict.intact) await moveAnchor(output, options.anchor, anchor, end);
        else throw changed(faults.length + verdict.moreFaults);
      });
    });

  audit
    .command('export')
    .description(
      'print every entry as a line of JSON, in the order of the chain; entries that are not chained yet come last',
    )
    .action((_options, command) =>
      withApplication(command, async ({ app }) => {
        for await (const entry of app.get(AuditVerifier).export()) {
          if (!process.stdout.write(`${JSON.stringify(entry)}\n`)) await once(process.stdout, 'drain');
        }
      }),
    );
};

/** Of the copy alone: what the database holds by now plays no part. */
async function verifyStream(options: VerifyCommandOptions, command: Command): Promise<void> {
  const output = createOutput(command.optsWithGlobals<{ json?: boolean }>().json === true);
  const anchor = options.anchor === undefined ? null : await readAnchor(options.anchor);
  const sinceAnchor = options.sinceAnchor === true && anchor !== null;
  const { end, faults, ...verdict } = await verifyCopy(options.fromStream!, anchor, { sinceAnchor });
  tell(output, anchor, { ...verdict, lastSequence: end.sequence, lastHash: end.hash, faults });
  if (verdict.intact) await moveAnchor(output, options.anchor, anchor, end);
  else throw changed(faults.length + verdict.moreFaults);
}

function tell(output: Output, anchor: Anchor | null, verdict: OutputRow): void {
  const { faults, ...others } = verdict;
  output.record({ ...others, anchor: anchor?.sequence ?? null, faults });
}

async function moveAnchor(output: Output, file: string | undefined, from: Anchor | null, to: Anchor): Promise<void> {
  if (file === undefined) {
    output.note('Without --anchor FILE, entries removed from the end cannot be detected.');
    return;
  }
  await writeAnchor(file, to);
  output.note(`${from ? 'Anchor moved' : 'First anchor set'} to ${to.sequence}. Keep it out of the database's reach.`);
}

function changed(faults: number): InterlockError {
  return new InterlockError('conflict', { message: `The audit log was changed: ${faults} faults.` });
}

/** Moves the anchor on while a long chain is read, as far as all is well: what is broken off need not begin anew. */
function anchorKeeper(file: string | undefined, from: Anchor | null): (sound: Anchor | null) => Promise<void> {
  let keptAt = performance.now();
  return async (sound) => {
    if (file === undefined || sound === null || sound.sequence <= (from?.sequence ?? 0)) return;
    if (performance.now() - keptAt < KEEP_ANCHOR_EVERY_MS) return;
    await writeAnchor(file, sound);
    keptAt = performance.now();
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { InterlockError } from '../platform/errors';
import { VaultError, VaultRotation, type RotationProgress } from '../vault';
import { withApplication, type CommandContext, type CommandDefinition } from './application';
import { operator } from './operator';
import { createProgressLine } from './progress-line';

const FOLLOW_INTERVAL_MS = 500;

interface RotateOptions {
  reencrypt?: boolean;
  to?: string;
}

export const vaultCommand: CommandDefinition = (program) => {
  const vault = program.command('vault').description('the keys that secrets are sealed under');

  vault
    .command('status')
    .description('show how many secrets each key wraps, and the progress of the latest rotation')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        const rotation = app.get(VaultRotation);
        const current = await explained(rotation.currentKey());
        const keys = await rotation.keysInUse();
        const isCurrent = (key: typeof current) => key.keyId === current.keyId && key.keyVersion === current.keyVersion;
        const latest = await rotation.progress();
        output.record({
          currentKey: nameOf(current),
          secrets: keys.reduce((sum, key) => sum + key.count, 0),
          onOtherKeys: keys.filter((key) => !isCurrent(key)).reduce((sum, key) => sum + key.count, 0),
          keys: keys.map((key) => ({ key: nameOf(key), secrets: key.count })),
          latestRotation: latest && summaryOf(latest),
        });
      }),
    );

  vault
    .command('rotate')
    .description('move every secret to the current key while the service runs; run again to continue an open rotation')
    .option('--reencrypt', 'give each secret a new data key and ciphertext, instead of only rewrapping its data key')
    .option('--to <key>', 'target key (a KMS ARN or alias, or the word local); default: the current one')
    .action((options: RotateOptions, command) => {
      const json = command.optsWithGlobals().json === true;
      return withApplication(command, (context) => rotate(context, options, json));
    });

  vault
    .command('keyring')
    .description('the local keyring')
    .command('rotate')
    .description('add a key version and make it current; secrets move to it with `vault rotate`')
    .action((_options, command) =>
      withApplication(command, async ({ app, output }) => {
        const version = await explained(app.get(VaultRotation).rotateKeyring(operator().id));
        output.record({ ...version });
        output.note('Back up the keyring now: without it every secret is lost. Then run `vault rotate`.');
      }),
    );
};

async function rotate({ app, output }: CommandContext, options: RotateOptions, json: boolean): Promise<void> {
  const rotation = app.get(VaultRotation);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const line = createProgressLine(process.stderr, json);
  try {
    const begun = await explained(
      rotation.start({
        mode: options.reencrypt ? 'reencrypt' : 'rewrap',
        toKeyId: options.to,
        requestedBy: operator().id,
      }),
    );
    const onProgress = (progress: RotationProgress): void =>
      line.show(summaryOf(progress), textOf(progress), shareOf(progress), progress.finishedAt !== null);
    const ended = await explained(runOrFollow(rotation, begun.id, { signal: stop.signal, onProgress }));
    line.end();
    output.record({ ...summaryOf(ended), failures: ended.failures });
    const current = await explained(rotation.currentKey());
    if (current.keyId !== ended.targetKeyId) {
      output.note(
        `New secrets are still sealed under ${nameOf(current)}: set KMS_KEY_ID to the new key, then run this again.`,
      );
    }
    if (ended.finishedAt === null) {
      throw new InterlockError('conflict', {
        message: 'Stopped. The rotation is not finished: run the same command to continue it.',
      });
    }
    if (ended.state === 'failed') {
      throw new InterlockError('conflict', {
        message: `Not everything was moved: ${ended.remaining} secrets are left, ${ended.failures.length} failed.`,
      });
    }
  } finally {
    line.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** While another process is at it its progress is shown; when that process is gone the work goes on here. */
async function runOrFollow(
  rotation: VaultRotation,
  id: string,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: RotationProgress) => void },
): Promise<RotationProgress> {
  for (;;) {
    try {
      return await rotation.run(id, options);
    } catch (error) {
      if (!(error instanceof InterlockError) || error.code !== 'conflict') throw error;
    }
    const progress = (await rotation.progress(id))!;
    options.onProgress(progress);
    if (progress.finishedAt || options.signal.aborted) return progress;
    await sleep(FOLLOW_INTERVAL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** What the operator must know and the API's callers must not: which defect it was. */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new InterlockError(error.code, { message: `The vault says: ${error.detail}.`, cause: error });
  }
}

function nameOf(key: { keyId: string; keyVersion: number }): string {
  return `${key.keyId}#${key.keyVersion}`;
}

function summaryOf(progress: RotationProgress) {
  const { id, mode, state, activity, resumes, total, moved, verified, remaining, startedAt, finishedAt } = progress;
  const target = nameOf({ keyId: progress.targetKeyId, keyVersion: progress.targetKeyVersion });
  return {
    id,
    mode,
    state,
    activity,
    resumes,
    target,
    total,
    moved,
    verified,
    failed: progress.failures.length,
    remaining,
    startedAt,
    finishedAt,
  };
}

function textOf({ state, total, moved, verified }: RotationProgress): string {
  return state === 'moving' ? `moved ${moved} of ${total}` : `moved ${moved}, opened ${verified} of ${total}`;
}

/** Moving is the first half, opening the second. */
function shareOf({ state, total, moved, verified }: RotationProgress): number {
  if (total === 0) return 1;
  return state === 'moving' ? moved / total / 2 : 0.5 + Math.min(1, verified / total) / 2;
}

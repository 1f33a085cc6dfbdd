import { readFile, stat } from 'node:fs/promises';
import { InterlockError } from '../platform/errors';
import type { BuiltInId } from '../providers';
import { startSandboxServer, type AccountReport } from '../sandbox';
import type { Output } from './output';

const MAX_BYTES = 1024 * 1024;

/** Serves an account that behaves as a report says, until the process is told to stop. */
export async function replayReport(id: BuiltInId, file: string, output: Output): Promise<void> {
  const report = await reportIn(file);
  if (report.provider !== id) {
    throw new InterlockError('invalid_request', {
      message: 'The report belongs to another provider, or this command did not write it.',
    });
  }
  const server = await startSandboxServer();
  try {
    const simulator = server.sandbox[id];
    const notReplayed = simulator.replay(report);
    const { apiKey, path } = server.sandbox.credentials[id];
    output.record({ baseUrl: `${server.url}${path}`, apiKey, notReplayed });
    output.note('The simulator behaves as the report says. Stop it with Ctrl-C.');
    await stopped();
  } finally {
    await server.close();
  }
}

async function reportIn(file: string): Promise<AccountReport & { provider?: unknown }> {
  try {
    const { size } = await stat(file);
    const report: unknown = size > MAX_BYTES ? null : JSON.parse(await readFile(file, 'utf8'));
    if (typeof report === 'object' && report !== null) return report;
  } catch {
    // told below, without what the file holds
  }
  throw new InterlockError('invalid_request', {
    message: 'The report cannot be read: it is not JSON, or it is too large.',
  });
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve();
    };
    process.on('SIGINT', end).on('SIGTERM', end);
  });
}

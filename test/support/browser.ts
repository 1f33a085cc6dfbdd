import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { findProgram } from './optional-programs';

/** Chromium on the PATH, or what CHROMIUM_PATH names; null where there is none. */
export function chromiumPath(): string | null {
  return process.env['CHROMIUM_PATH'] || findProgram('chromium');
}

/** With a temporary folder and a home of its own, which it leaves things in. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-chromium-'));
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, HOME: folder, TMPDIR: folder },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return browser;
}

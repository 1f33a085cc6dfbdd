import { type Browser, chromium } from 'playwright-core';
import { findProgram } from './optional-programs';

/** Chromium on the PATH, or what CHROMIUM_PATH names; null where there is none. */
export function chromiumPath(): string | null {
  return process.env['CHROMIUM_PATH'] || findProgram('chromium');
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
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
}

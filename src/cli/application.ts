import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Command } from 'commander';
import { loadConfig, type AppConfig } from '../platform/config';
import { RequestContext } from '../platform/http';
import { AppLogger } from '../platform/logging';
import { CliModule } from './cli.module';
import { openDatabase } from './open-database';
import { operator } from './operator';
import { createOutput, type Output } from './output';

/** What a command's work is given. */
export interface CommandContext {
  readonly app: INestApplicationContext;
  readonly config: AppConfig;
  readonly output: Output;
}

/** One file per command exports one of these, and `commands.ts` lists it. */
export type CommandDefinition = (program: Command) => void;

/** Runs work with the services up, and brings everything down again, whatever the outcome. */
export async function withApplication(
  command: Command,
  work: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const output = createOutput(command.optsWithGlobals<{ json?: boolean }>().json === true);
  // results alone go to standard output
  const logger = new AppLogger({ level: 'warn', destination: process.stderr });
  const database = await openDatabase(loadConfig(process.env), (line) => output.note(line));
  try {
    const app = await NestFactory.createApplicationContext(CliModule.forRoot(database.config), {
      logger,
      abortOnError: false,
    });
    try {
      // every audit entry of the command carries its operator
      const state = { requestId: randomUUID(), caller: null, operator: operator() };
      await RequestContext.run(state, () => work({ app, config: database.config, output }));
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}

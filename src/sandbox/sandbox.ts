import express, { type Router } from 'express';
import type { ProviderBehaviour } from './exchange';
import { practiceHubBehaviour, practiceHubDefinition } from './practicehub/practicehub-behaviour';
import { Simulator, type SimulatorDefinition, type SimulatorOptions } from './simulator';
import { simulatorRouter } from './simulator-router';
import { terminalBehaviour, terminalDefinition } from './terminal/terminal-behaviour';
import { wodifyBehaviour, wodifyDefinition } from './wodify/wodify-behaviour';

/** What may differ for one provider of a sandbox. */
export type SimulatorChoice = Pick<SimulatorOptions, 'apiKey' | 'seed' | 'sizes' | 'settings'>;

export interface SandboxOptions {
  /** The instant that the times of all rows are relative to: when the sandbox is made, unless told. */
  reference?: Date | number;
  /** Clock of the simulators, in milliseconds. */
  now?: () => number;
  /** Whether the control endpoints are served; `true` unless told. */
  control?: boolean;
  practicehub?: SimulatorChoice;
  wodify?: SimulatorChoice;
  terminal?: SimulatorChoice;
}

/** Where a simulator is, below the address that the router is served from, and the key it takes. */
export interface SandboxCredentials {
  apiKey: string;
  path: string;
}

export interface Sandbox {
  /** To be mounted at `/sandbox`, before anything that reads request bodies. */
  router: Router;
  credentials: { practicehub: SandboxCredentials; wodify: SandboxCredentials; terminal: SandboxCredentials };
  practicehub: Simulator;
  wodify: Simulator;
  terminal: Simulator;
}

/** All provider simulators of one sandbox. Equal options give equal rows. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const nowMs = options.now ?? (() => Date.now());
  const referenceMs = Number(options.reference ?? nowMs());
  const router = express.Router();
  const open = (definition: SimulatorDefinition, behaviour: ProviderBehaviour, choice?: SimulatorChoice): Simulator => {
    const simulator = new Simulator(definition, { ...choice, referenceMs, nowMs });
    router.use(`/${definition.name}`, simulatorRouter(simulator, behaviour, options.control ?? true));
    return simulator;
  };
  const practicehub = open(practiceHubDefinition, practiceHubBehaviour, options.practicehub);
  const wodify = open(wodifyDefinition, wodifyBehaviour, options.wodify);
  const terminal = open(terminalDefinition, terminalBehaviour, options.terminal);
  const credentials = {
    practicehub: credentialsOf(practicehub),
    wodify: credentialsOf(wodify),
    terminal: credentialsOf(terminal),
  };
  return { router, credentials, practicehub, wodify, terminal };
}

function credentialsOf({ apiKey, definition }: Simulator): SandboxCredentials {
  return { apiKey, path: `/sandbox/${definition.name}` };
}

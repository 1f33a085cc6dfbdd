import express, { type Router } from 'express';
import { Simulator, type SimulatorOptions } from './simulator';
import { simulatorRouter } from './simulator-router';
import { SIMULATOR_NAMES, SIMULATORS, type SimulatorName } from './simulators';

/** What may differ for one provider of a sandbox. */
export type SimulatorChoice = Pick<SimulatorOptions, 'apiKey' | 'seed' | 'sizes' | 'settings'>;

export interface SandboxOptions extends Partial<Record<SimulatorName, SimulatorChoice>> {
  /** The instant that the times of all rows are relative to: when the sandbox is made, unless told. */
  reference?: Date | number;
  /** Clock of the simulators, in milliseconds. */
  now?: () => number;
  /** What the control endpoints ask for, as a bearer token; without it they let nobody in. */
  controlToken?: string;
}

/** Where a simulator is, below the address that the router is served from, and the key it takes. */
export interface SandboxCredentials {
  apiKey: string;
  path: string;
}

/** The simulators, each by its provider's id, and what serves them. */
export interface Sandbox extends Record<SimulatorName, Simulator> {
  /** To be mounted at `/sandbox` of a listener of its own, before anything that reads request bodies. */
  router: Router;
  credentials: Record<SimulatorName, SandboxCredentials>;
}

/** All provider simulators of one sandbox. Equal options give equal rows. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const nowMs = options.now ?? (() => Date.now());
  const referenceMs = Number(options.reference ?? nowMs());
  const router = express.Router();
  const open = (name: SimulatorName): Simulator => {
    const { definition, behaviour } = SIMULATORS[name];
    const simulator = new Simulator(definition, { ...options[name], referenceMs, nowMs });
    router.use(`/${name}`, simulatorRouter(simulator, behaviour, options.controlToken ?? null));
    return simulator;
  };
  const simulators = byName(open);
  const credentials = byName((name) => ({ apiKey: simulators[name].apiKey, path: `/sandbox/${name}` }));
  return { router, credentials, ...simulators };
}

function byName<T>(make: (name: SimulatorName) => T): Record<SimulatorName, T> {
  return Object.fromEntries(SIMULATOR_NAMES.map((name) => [name, make(name)])) as Record<SimulatorName, T>;
}

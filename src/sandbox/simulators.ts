import type { ProviderBehaviour } from './exchange';
import { practiceHubBehaviour, practiceHubDefinition } from './practicehub/practicehub-behaviour';
import type { SimulatorDefinition } from './simulator';
import { terminalBehaviour, terminalDefinition } from './terminal/terminal-behaviour';
import { wodifyBehaviour, wodifyDefinition } from './wodify/wodify-behaviour';

interface SimulatorParts {
  readonly definition: SimulatorDefinition;
  readonly behaviour: ProviderBehaviour;
}

/** Every simulator there is, by its provider's id, which is also its path below `/sandbox`. */
const PARTS = {
  practicehub: { definition: practiceHubDefinition, behaviour: practiceHubBehaviour },
  wodify: { definition: wodifyDefinition, behaviour: wodifyBehaviour },
  terminal: { definition: terminalDefinition, behaviour: terminalBehaviour },
} satisfies Record<string, SimulatorParts>;

export type SimulatorName = keyof typeof PARTS;

export const SIMULATORS: Readonly<Record<SimulatorName, SimulatorParts>> = PARTS;
export const SIMULATOR_NAMES = Object.keys(PARTS) as readonly SimulatorName[];

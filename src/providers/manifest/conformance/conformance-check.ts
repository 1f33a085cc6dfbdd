import type { ConformanceBench, TestedStream } from './conformance-bench';

export type CheckOutcome =
  | { readonly result: 'passed'; readonly note: string }
  | { readonly result: 'not applicable'; readonly note: string }
  | {
      readonly result: 'failed';
      readonly note: string;
      /** The member of the manifest that is probably wrong. */
      readonly path: readonly (string | number)[];
    };

/** Something that a manifest must do. A check leaves the simulator as it is; the suite resets it. */
export interface ConformanceCheck {
  readonly id: string;
  readonly words: string;
}

export interface ManifestCheck extends ConformanceCheck {
  readonly run: (bench: ConformanceBench) => Promise<CheckOutcome>;
}

export interface StreamCheck extends ConformanceCheck {
  readonly ofStream: (bench: ConformanceBench, stream: TestedStream) => Promise<CheckOutcome>;
}

export function passed(note = ''): CheckOutcome {
  return { result: 'passed', note };
}

export function notApplicable(note: string): CheckOutcome {
  return { result: 'not applicable', note };
}

export function failed(note: string, ...path: readonly (string | number)[]): CheckOutcome {
  return { result: 'failed', note, path };
}

/** A member of the stream, as a path of the manifest. */
export function memberOf(
  { index }: Pick<TestedStream, 'index'>,
  ...member: readonly (string | number)[]
): (string | number)[] {
  return ['streams', index, ...member];
}

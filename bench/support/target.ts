/** What is held against the bound: this project over the reference of the same run, or this project alone. */
export type Measure = 'ratio' | 'value';

export interface Target {
  /** The file in bench/ that measures it. */
  readonly bench: string;
  readonly what: string;
  /** What it is measured against, in the same run; null where nothing comparable exists. */
  readonly reference: string | null;
  /** Of both figures. */
  readonly unit: string;
  readonly measure: Measure;
  /** Null: measured and reported, promised by nobody. */
  readonly bound: { readonly atLeast: number } | { readonly atMost: number } | null;
  /** Where it should go beyond the bound. */
  readonly aim?: number;
}

export const target = <T extends Target>(each: T): T => each;

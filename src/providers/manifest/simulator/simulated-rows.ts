import type { Manifest, ManifestFields, StreamManifest } from '../manifest';
import { RECORD_TARGETS } from '../record-targets';
import { evaluated } from './expression-shape';
import { RowMeaning, valueAt, WithoutMeaning } from './row-meaning';
import type { RowShape } from './row-shape';
import { shapeOfRows } from './simulated-shape';
import { SeededDraw, SimulatedValues } from './simulated-values';

/** A row, and what is to be made of it. */
export interface SimulatedRow {
  readonly row: Record<string, unknown>;
  /** As the provider names it in a path. */
  readonly id: string;
  readonly externalId: string;
  readonly updatedMs: number;
  readonly createdMs: number;
  /** What `where` says. */
  readonly belongs: boolean;
  /** By the fields that the manifest names; null: the row belongs in quarantine, or to no stream. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** The simulator finds no row that the manifest would take. */
export class NoSuchRows extends Error {}

const FIRST_MS = Date.UTC(2026, 3, 1, 12);
const HOUR_MS = 3_600_000;
/** Rows with one stamp. */
const ALIKE = 3;
const ATTEMPTS = 600;
/** Each so many rows one follows that `where` leaves out. */
const STRAY_EVERY = 9;

/** Makes the rows of a stream of what its manifest reads of them. */
export class RowMaker {
  private readonly shape: RowShape;
  private readonly values: SimulatedValues;
  private readonly draw: SeededDraw;

  constructor(
    manifest: Pick<Manifest, 'times'>,
    private readonly stream: StreamManifest,
    private readonly count: number,
  ) {
    this.draw = new SeededDraw(Buffer.from(stream.key).reduce((sum, byte) => sum * 31 + byte, 7));
    this.values = new SimulatedValues(manifest.times ?? {}, this.draw);
    this.shape = shapeOfRows(stream);
  }

  /** In the order in which the provider lists them. Throws NoSuchRows. */
  rows(): SimulatedRow[] {
    const ordinals = Array.from({ length: this.count }, (_, ordinal) => ordinal);
    return ordinals.map((ordinal) => {
      const isStray = this.stream.where !== undefined && ordinal % STRAY_EVERY === STRAY_EVERY - 1;
      return (isStray ? this.row(ordinal, false) : null) ?? this.takenRow(ordinal);
    });
  }

  /** The row with something else in a place; what is to be made of it is found anew. */
  changed(from: SimulatedRow, path: string, value: unknown): SimulatedRow {
    const row = structuredClone(from.row);
    putAt(row, path, value);
    return this.understood(row, from);
  }

  private takenRow(ordinal: number): SimulatedRow {
    const row = this.row(ordinal, true);
    if (row === null) throw new NoSuchRows();
    return row;
  }

  private row(ordinal: number, belongs: boolean): SimulatedRow | null {
    const { stream, values, draw } = this;
    const spacing = Math.max(HOUR_MS, Math.min(6 * HOUR_MS, (150 * 24 * HOUR_MS * ALIKE) / this.count));
    const turn = stream.newestFirst ? this.count - 1 - ordinal : ordinal;
    const updatedMs = FIRST_MS + Math.floor(turn / ALIKE) * (spacing - (spacing % 60_000));
    const id = stream.idPrefix === undefined || ordinal % 2 === 0 ? `i${1_000 + ordinal}` : String(1_000 + ordinal);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = values.of(this.shape, '', ordinal) as Record<string, unknown>;
      putAt(row, stream.id, /^\d+$/.test(id) && draw.next() < 0.5 ? Number(id) : id);
      const [stamp, birth] = [values.time(updatedMs), values.time(updatedMs)];
      if (stream.createdAt !== undefined) putAt(row, stream.createdAt, birth);
      if (stream.updatedAt !== undefined) putAt(row, stream.updatedAt, stamp);
      const externalId = (stream.idPrefix ?? '') + id;
      const made = this.understood(row, { id, externalId, updatedMs, createdMs: updatedMs });
      if (made.belongs === belongs && (!belongs || made.fields !== null)) return made;
    }
    return null;
  }

  private understood(
    row: Record<string, unknown>,
    told: Pick<SimulatedRow, 'id' | 'externalId' | 'updatedMs' | 'createdMs'>,
  ): SimulatedRow {
    const { id, externalId, updatedMs, createdMs } = told;
    const base = { row, id, externalId, updatedMs, createdMs };
    try {
      const belongs = this.stream.where === undefined || evaluated(this.stream.where, row) === true;
      return { ...base, belongs, fields: belongs ? this.meant(row, this.stream.fields) : null };
    } catch {
      return { ...base, belongs: true, fields: null };
    }
  }

  private meant(row: unknown, fields: ManifestFields): Record<string, unknown> | null {
    try {
      return new RowMeaning(this.values.instants).of(row, fields, RECORD_TARGETS[this.stream.resource]);
    } catch (error) {
      if (error instanceof WithoutMeaning) return null;
      throw error;
    }
  }
}

/** Puts a value where a path leads, and makes the objects on the way. */
export function putAt(root: object, path: string, value: unknown): void {
  const names = path.split('.');
  let holder = root as Record<string, unknown>;
  for (const [at, name] of names.slice(0, -1).entries()) {
    if (typeof valueAt(holder, name) !== 'object' || holder[name] === null) {
      holder[name] = /^\d+$/.test(names[at + 1]!) ? [] : {};
    }
    holder = holder[name] as Record<string, unknown>;
  }
  holder[names.at(-1)!] = value;
}

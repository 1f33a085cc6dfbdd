/** What a value of a row is read as. The first of a place's kinds in this order says how it is written. */
export const VALUE_KINDS = [
  'id',
  'time',
  'minor',
  'currency',
  'word',
  'flag',
  'phone',
  'whole',
  'major',
  'quantity',
  'text',
] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** A place in the rows of a stream, as far as its manifest reads it: a value, an object or a list. */
export class RowShape {
  readonly kinds = new Set<ValueKind>();
  /** Values that the manifest names: words, and what expressions compare with. */
  readonly literals: unknown[] = [];
  readonly members = new Map<string, RowShape>();
  entry: RowShape | null = null;
  /** Entries that a path asks for. */
  least = 0;
  /** An expression asks whether it is there. */
  mayBeAbsent = false;

  member(name: string): RowShape {
    const known = this.members.get(name);
    if (known) return known;
    const made = new RowShape();
    this.members.set(name, made);
    return made;
  }

  entries(least = 0): RowShape {
    this.least = Math.max(this.least, least);
    return (this.entry ??= new RowShape());
  }

  /** `a.0.b`: a number is an entry of a list. */
  at(path: string): RowShape {
    return path
      .split('.')
      .reduce<RowShape>((shape, name) => (/^\d+$/.test(name) ? shape.entries(+name + 1) : shape.member(name)), this);
  }

  readAs(kind: ValueKind): this {
    this.kinds.add(kind);
    return this;
  }

  mayBe(literals: readonly unknown[]): this {
    for (const literal of literals) if (!this.literals.includes(literal)) this.literals.push(literal);
    return this;
  }
}

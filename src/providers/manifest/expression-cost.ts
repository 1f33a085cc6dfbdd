import type { ASTNode } from '@marcbachmann/cel-js';
import { RowProblem, type Row } from '../row';

/** Macros that walk a list. */
const WALKS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** Calls for which a text is a list of its characters. */
const SPLITS = new Set(['split']);
/** Looking at that many characters takes as long as looking at one other value. */
const CHARACTERS = 100;
/** Some 0.1 s. */
const MAX_STEPS_OF_ROW = 200_000;
const MAX_STEPS_OF_PAGE = 10_000_000;
/** Some milliseconds. */
const STEPS_OF_TURN = 10_000;

/** What one evaluation costs at most, for each value of the row. */
export interface ExpressionCost {
  /** How often something is evaluated. */
  readonly evaluated: number;
  /** How often a value is looked at as a whole, or copied: by `==`, `in`, `+` and calls. */
  readonly read: number;
  /** A walk looks at more than its own entry, so the whole row may be read for each entry. */
  readonly crosses: boolean;
  /** A text is a list of its characters. */
  readonly splits: boolean;
}

const NOTHING: ExpressionCost = { evaluated: 0, read: 0, crosses: false, splits: false };

/** Walks may not hold one another, so what is walked and what is evaluated for each entry are multiplied once. */
export function costOf(node: unknown): ExpressionCost {
  if (Array.isArray(node)) return node.map(costOf).reduce(sum, NOTHING);
  if (!isNode(node)) return NOTHING;
  const own = { ...NOTHING, evaluated: 1, read: node.op === 'id' ? 1 : 0 };
  const call = callIn(node);
  if (call === null || !WALKS.has(call.name) || !Array.isArray(call.args)) {
    return sum({ ...own, splits: call !== null && SPLITS.has(call.name) }, costOf(node.args));
  }
  const [entry, ...body] = call.args as unknown[];
  const [list, each] = [costOf(call.receiver), costOf(body)];
  const times = Math.max(1, list.read);
  return {
    evaluated: list.evaluated + times * each.evaluated,
    read: times * Math.max(1, each.read),
    crosses: namesIn(body).some((name) => name !== (isNode(entry) ? entry.args : null)),
    splits: list.splits || each.splits,
  };
}

function sum(one: ExpressionCost, other: ExpressionCost): ExpressionCost {
  return {
    evaluated: one.evaluated + other.evaluated,
    read: one.read + other.read,
    crosses: one.crosses || other.crosses,
    splits: one.splits || other.splits,
  };
}

function namesIn(node: unknown): unknown[] {
  if (Array.isArray(node)) return node.flatMap(namesIn);
  if (!isNode(node)) return [];
  return node.op === 'id' ? [node.args] : namesIn(node.args);
}

/** The name, the receiver and the arguments of a call; null: the node is none. */
export function callIn({ op, args }: ASTNode): { name: string; receiver: unknown; args: unknown } | null {
  if (!Array.isArray(args)) return null;
  if (op === 'call') return { name: String(args[0]), receiver: null, args: args[1] };
  return op === 'rcall' ? { name: String(args[0]), receiver: args[1], args: args[2] } : null;
}

/** How deep walks lie in one another. */
export function walksIn(node: unknown): number {
  if (Array.isArray(node)) return Math.max(0, ...node.map(walksIn));
  if (!isNode(node)) return 0;
  return walksIn(node.args) + (WALKS.has(callIn(node)?.name ?? '') ? 1 : 0);
}

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value;
}

interface Size {
  /** Of the row, itself included. */
  values: number;
  /** Entries of the longest list, object or text. */
  longest: number;
}

/** The steps that expressions may take over the rows of one page. */
export class StepsOfPage {
  private taken = 0;
  private atLastTurn = 0;
  private measured: { readonly row: Row; readonly unit: number; readonly size: Size } | null = null;

  /** Throws a RowProblem where the row, or those before it, would take too many. */
  take({ evaluated, read, crosses, splits }: ExpressionCost, row: Row, path: string): void {
    const { values, longest } = this.sizeOf(row, splits ? 1 : CHARACTERS);
    const steps = values * (evaluated + (crosses ? read * longest : read));
    if (steps > MAX_STEPS_OF_ROW) throw new RowProblem(path, 'would take too many steps to tell from the row');
    if (this.taken + steps > MAX_STEPS_OF_PAGE) {
      throw new RowProblem(path, 'comes behind rows that took all steps of their page');
    }
    this.taken += steps;
  }

  /** So much was done since this was last true that others should have the event loop. */
  isTurnOver(): boolean {
    if (this.taken - this.atLastTurn < STEPS_OF_TURN) return false;
    this.atLastTurn = this.taken;
    return true;
  }

  /** Measured once for all expressions over a row. */
  private sizeOf(row: Row, unit: number): Size {
    if (this.measured?.row !== row || this.measured.unit !== unit) {
      this.measured = { row, unit, size: measured(row, unit, { values: 0, longest: 1 }) };
    }
    return this.measured.size;
  }
}

/** Adds the value to the size, as far as that decides anything. */
function measured(value: unknown, unit: number, size: Size): Size {
  size.values++;
  if (typeof value === 'string') {
    const parts = Math.floor(value.length / unit);
    size.values += parts;
    size.longest = Math.max(size.longest, parts);
  } else if (typeof value === 'object' && value !== null) {
    const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    size.longest = Math.max(size.longest, members.length);
    for (const member of members) {
      if (size.values > MAX_STEPS_OF_ROW) break;
      measured(member, unit, size);
    }
  }
  return size;
}

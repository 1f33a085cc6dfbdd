import os from 'node:os';
import { TARGETS, type TargetId } from '../targets';
import { median, type Result } from './benchmark';
import type { Target } from './target';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
  /** One minute's: how busy the machine was beside the benchmark. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** One line of the table, in figures. */
export interface Line {
  readonly id: TargetId;
  readonly bench: string;
  readonly what: string;
  readonly ours: number;
  readonly reference: number | null;
  readonly unit: string;
  readonly referenceIs: string | null;
  /** Median over the runs of this project over the reference, run by run. */
  readonly ratio: number | null;
  /** Least and greatest of what is held against the target, over the runs. */
  readonly spread: readonly [number, number];
  readonly runs: number;
  readonly target: Target['bound'];
  readonly aim: number | null;
  /** Null where nothing is promised, or sizes were too small to rate. */
  readonly met: boolean | null;
  /** By what share of the bound it is missed; 0 when met. */
  readonly shortBy: number | null;
  readonly note: string | null;
}

export function lineOf(result: Result, quick = false): Line {
  const target: Target = TARGETS[result.id];
  const { samples } = result;
  if (samples.length === 0) throw new Error(`${result.id}: no run was reported.`);
  const ratios = samples.flatMap(({ ours, reference }) => (reference === undefined ? [] : [ours / reference]));
  if (target.measure === 'ratio' && ratios.length !== samples.length) {
    throw new Error(`${result.id}: a run came without its reference.`);
  }
  const rated = target.measure === 'ratio' ? ratios : samples.map(({ ours }) => ours);
  const shortBy = quick || target.bound === null ? null : missedBy(median(rated), target.bound);
  return {
    id: result.id,
    bench: target.bench,
    what: target.what,
    ours: median(samples.map(({ ours }) => ours)),
    reference: ratios.length > 0 ? median(samples.map(({ reference }) => reference!)) : null,
    unit: target.unit,
    referenceIs: target.reference,
    ratio: ratios.length > 0 ? median(ratios) : null,
    spread: [Math.min(...rated), Math.max(...rated)],
    runs: samples.length,
    target: target.bound,
    aim: target.aim ?? null,
    met: shortBy === null ? null : shortBy === 0,
    shortBy,
    note: result.note ?? null,
  };
}

function missedBy(value: number, bound: NonNullable<Target['bound']>): number {
  return Math.max(
    0,
    'atLeast' in bound ? (bound.atLeast - value) / bound.atLeast : (value - bound.atMost) / bound.atMost,
  );
}

const HEADINGS = ['what', 'this project', 'reference', 'ratio', 'spread', 'target', ''] as const;

/** A table for people, in Markdown, so that it can be pasted where figures are kept. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [HEADINGS as readonly string[], ...lines.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const print = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [print(rows[0]!), rule, ...rows.slice(1).map(print)].join('\n');
}

function cells(line: Line): string[] {
  return [
    `${line.bench}: ${line.what}`,
    `${figure(line.ours)} ${line.unit}`,
    line.reference === null ? '–' : `${figure(line.reference)} ${line.unit} (${line.referenceIs})`,
    line.ratio === null ? '–' : figure(line.ratio),
    `${figure(line.spread[0])} to ${figure(line.spread[1])}, ${line.runs} ${line.runs === 1 ? 'run' : 'runs'}`,
    targetText(line),
    verdict(line),
  ];
}

function targetText({ target, aim }: Line): string {
  if (target === null) return '–';
  const bound = 'atLeast' in target ? `≥ ${figure(target.atLeast)}` : `≤ ${figure(target.atMost)}`;
  return aim === null ? bound : `${bound} (aim ${figure(aim)})`;
}

function verdict({ met, shortBy }: Line): string {
  if (met === null || shortBy === null) return '–';
  return met ? 'met' : `short by ${figure(shortBy * 100)} %`;
}

/** Three digits that say something, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', {
    minimumFractionDigits: 0,
    maximumFractionDigits: value !== 0 && Math.abs(value) < 0.1 ? 4 : digits,
  });
}

export function machine(loadBefore: number): Machine {
  return {
    cores: os.cpus().length,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    platform: `${os.platform()} ${os.arch()}`,
    loadBefore,
    loadAfter: os.loadavg()[0]!,
  };
}

export function machineText(facts: Machine): string {
  const load = `${figure(facts.loadBefore)} before, ${figure(facts.loadAfter)} after`;
  return `${facts.cores} cores (${facts.cpu}), ${facts.memoryGb} GB, ${facts.platform}, Node ${facts.node}; load average ${load}`;
}

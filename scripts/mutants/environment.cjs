'use strict';
const { appendFileSync, readFileSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');

/** What the server says of a statement that is none. */
const NO_STATEMENT = /^(42601|42P0[128]|42P18|42703|42702|42803|42804|42883|08P01)$/;
const HUNG = /Exceeded timeout of (\d+) ms/;
/** A test that hangs has noticed the mutant only where it takes far less time without one. */
const SLOWER_THAN_SOUND = 3;

/**
 * Runs suites again and again, each time with another mutant: `rounds.cjs` has one describe for each round, named by
 * the suite and the mutant. The first round of a suite has no mutant and tells which tests reach which ones. A round
 * runs the tests that reach its mutant and ends at their first failure. The last round has no mutant either: it tells
 * that the failures before were not each other's. Lines of JSON in the plan's `results` say all.
 */
module.exports = class Rounds extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.plan = JSON.parse(readFileSync(process.env.MUTANTS_PLAN, 'utf8'));
    // no optional program is found: with Redis there, many suites run over both queues
    this.global.process.env.PATH = '';
    this.decided = new Set();
    /** The tests that reach a mutant; 'all' of them when it is reached between two. */
    this.reached = new Map();
    this.test = 'all';
    /** The round that runs, and the first one of its suite. */
    this.round = null;
    this.sound = null;
    this.loaded = false;
    this.global.MUTANT = (id) => this.isOn(id);
    // the switches of StrykerJS
    this.global.stryMutAct_9fa48 = (id) => this.isOn(`stryker ${id}`);
    this.global.stryCov_9fa48 = () => undefined;
    this.global.STATEMENT_FAILED = (code) => {
      if (this.round && NO_STATEMENT.test(code)) this.round.noStatement = code;
    };
  }

  isOn(id) {
    if (!this.loaded && !this.decided.has(id)) {
      // evaluated once and for good: it needs a process of its own
      this.decided.add(id);
      this.write({ outcome: 'at load', id });
    }
    if (this.round?.id === '') this.reached.set(id, (this.reached.get(id) ?? new Set()).add(this.test));
    return this.round?.id === id;
  }

  write(line) {
    appendFileSync(this.plan.results, `${JSON.stringify(line)}\n`);
  }

  handleTestEvent({ name, describeBlock, error, test, hook }) {
    const isRound = describeBlock?.parent?.name === 'ROOT_DESCRIBE_BLOCK';
    if (name === 'run_describe_start' && isRound) this.begin(describeBlock);
    if (name === 'run_describe_finish' && isRound && this.round) this.end(this.round);
    if (name === 'test_start') this.test = nameOf(test);
    if (name === 'test_done' || name === 'test_skip') this.test = 'all';
    if (name === 'test_done' && this.round) this.round.longestMs = Math.max(this.round.longestMs, test.duration ?? 0);
    if (/^(test_fn_failure|hook_failure|error)$/.test(name) && this.round) {
      const [first] = [error].flat();
      this.fail(this.round, String(first?.message ?? first), test?.name ?? hook?.type ?? '');
    }
  }

  begin(block) {
    this.loaded = true;
    const [suite, id] = block.name.split('\0');
    const isFirst = id === '' && this.sound?.suite !== suite;
    if (isFirst) {
      this.sound = null;
      this.reached.clear();
    }
    const runs =
      isFirst || (this.sound.isSound && (id === '' ? this.doubted : !this.decided.has(id) && this.reached.has(id)));
    if (!runs) return skip(block);
    if (id !== '') skip(block, this.reached.get(id));
    this.round = { suite, id, block, longestMs: 0, startedAt: performance.now() };
    this.write({ outcome: 'begun', id, suite });
  }

  fail(round, why, where) {
    round.failure ??= `${where}: ${why.replace(/\s+/g, ' ')}`.slice(0, 300);
    round.hungMs ??= Number(HUNG.exec(why)?.[1] ?? 0);
    skip(round.block);
  }

  end({ suite, id, failure, noStatement, hungMs, longestMs, startedAt }) {
    this.round = null;
    const outcome = this.outcomeOf(id, failure, noStatement, hungMs);
    const line = { outcome, id, suite, failure, ms: Math.round(performance.now() - startedAt) };
    if (id === '' && !this.sound) {
      this.sound = { suite, isSound: !failure, noStatement, longestMs };
      line.reached = [...this.reached.keys()];
    }
    this.write(line);
    if (id !== '' && outcome !== 'survived') this.decided.add(id);
    this.doubted = failure !== undefined;
    // what hangs may wake up in another round
    if (hungMs > 0) process.exit(1);
  }

  outcomeOf(id, failure, noStatement, hungMs) {
    if (id === '') return failure ? 'unsound' : 'sound';
    if (noStatement && !this.sound.noStatement) return 'no statement';
    if (!failure) return 'survived';
    return hungMs > 0 && this.sound.longestMs * SLOWER_THAN_SOUND > hungMs ? 'undecided' : 'caught';
  }
};

/** All of its tests but those that have the names. */
function skip(block, but = new Set()) {
  if (but.has('all')) return;
  for (const child of block.children) {
    if (child.type === 'describeBlock') skip(child, but);
    else if (!but.has(nameOf(child))) child.mode = 'skip';
  }
}

/** Within its round; tests that have one name are one. */
function nameOf({ name, parent }) {
  return parent.parent?.parent ? `${nameOf(parent)} ${name}` : name;
}

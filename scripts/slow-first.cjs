// The order of test files: these first, so that no long one is left to one worker at the end. Jest goes by its own
// record of earlier runs, and by size where it has none; but the longest of ours are short files.
'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

const SLOW = [
  'test/e2e/event-loop',
  'test/e2e/hostile-provider',
  'test/e2e/process',
  'test/e2e/findings',
  'test/e2e/stores-that-take-nothing',
  'test/e2e/several-processes',
  'test/e2e/demo',
  'test/e2e/console',
  'test/integration/audit-stream',
  'test/chaos/',
  'test/e2e/provider-variants',
  'test/e2e/unclear-answers',
  'test/e2e/killed-requests',
  'test/e2e/silent-connections',
  'test/e2e/sync-engine',
  'test/contract/provider-check',
  'test/integration/embedded-postgres',
];

module.exports = class extends Sequencer {
  sort(tests) {
    const isSlow = ({ path }) => SLOW.some((part) => path.includes(part));
    const sorted = super.sort(tests);
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
};

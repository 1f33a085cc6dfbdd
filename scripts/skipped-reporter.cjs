// A test that did not run must not look like one that passed: names each of them after the run.
'use strict';
const path = require('node:path');

class SkippedReporter {
  onRunComplete(_contexts, { testResults }) {
    for (const { testFilePath, testResults: tests, skipped } of testResults) {
      const file = path.relative(process.cwd(), testFilePath);
      if (skipped && tests.length === 0) console.log(`SKIPPED ${file}: the whole file`);
      for (const { status, fullName } of tests) {
        if (status === 'pending' || status === 'todo') console.log(`SKIPPED ${file}: ${fullName}`);
      }
    }
  }
}

module.exports = SkippedReporter;

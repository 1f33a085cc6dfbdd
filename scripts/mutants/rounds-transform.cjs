'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const swc = require('@swc/jest');

// As the project's own transform, except that mutated files are read from elsewhere (nothing in the checkout is
// changed), and that a suite is a function, which registers its tests as often as it is called.
const { files, suites } = JSON.parse(readFileSync(process.env.MUTANTS_PLAN, 'utf8'));
const isSuite = new Set(suites.map(({ suite }) => suite));
const textOf = (text, file) => (files[file] ? readFileSync(files[file], 'utf8') : text);

module.exports = {
  createTransformer(options) {
    const plain = swc.createTransformer(options);
    return {
      ...plain,
      process(text, file, more) {
        const { code } = plain.process(textOf(text, file), file, more);
        return { code: isSuite.has(file) ? `exports.register = () => {\n${code}\n};` : code };
      },
      getCacheKey: (text, file, more) =>
        createHash('sha256')
          .update(plain.getCacheKey(textOf(text, file), file, more))
          .update(JSON.stringify([options, isSuite.has(file)]))
          .digest('hex'),
    };
  },
};

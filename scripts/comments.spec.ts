import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');
const MAX_COLUMNS = 120;
const COMMENT = /^\s*(?:\/\/|\/\*| \* )/;
const DIRECTIVE = /oxlint-disable/;

const FOLDERS = ['src', 'test', 'scripts', 'bench', 'examples', 'sdk'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .filter(
      (file) => /\.(?:tsx?|cjs|mjs)$/.test(file) && !/api-types\.ts$|\/(?:generated|node_modules|dist)\//.test(file),
    ),
);

describe('comments', () => {
  it('wrap where the code does', () => {
    const tooLong = files.flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          line.length > MAX_COLUMNS && COMMENT.test(line) && !DIRECTIVE.test(line) ? [`${file}:${index + 1}`] : [],
        ),
    );
    expect(files.length).toBeGreaterThan(500);
    expect(tooLong).toEqual([]);
  });
});

import { createOutput } from './output';

function written(json: boolean, write: (output: ReturnType<typeof createOutput>) => void): string {
  let text = '';
  write(createOutput(json, (part) => (text += part)));
  return text;
}

describe('what commands print', () => {
  const rows = [
    { id: 'a', name: 'short', at: new Date(0), none: null, list: ['x', 'y'] },
    { id: 'b', name: 'a longer name', at: null, none: undefined, list: [] },
  ];

  it('a table for people', () => {
    expect(written(false, (output) => output.rows(rows))).toBe(
      [
        'id  name           at                        none  list',
        'a   short          1970-01-01T00:00:00.000Z  -     x, y',
        'b   a longer name  -                         -     -',
        '',
      ].join('\n'),
    );
    expect(written(false, (output) => output.rows([]))).toBe('none\n');
    expect(written(false, (output) => output.record({ id: 'a', longer: { x: 1 } }))).toBe(
      'id      a\nlonger  {"x":1}\n',
    );
  });

  it('JSON for programs', () => {
    expect(JSON.parse(written(true, (output) => output.rows(rows)))).toHaveLength(2);
    expect(written(true, (output) => output.rows([]))).toBe('[]\n');
  });

  it('a name cannot command the terminal', () => {
    expect(written(false, (output) => output.rows([{ name: '\u001b[2Jgone\r\n\u009b1m' }]))).toBe(
      'name\n?[2Jgone???1m\n',
    );
  });
});

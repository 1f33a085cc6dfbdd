import { createProgressLine } from './progress-line';

function captured(isTTY: boolean, json: boolean) {
  const written: string[] = [];
  const clock = { now: 0 };
  const line = createProgressLine({ write: (text: string) => written.push(text), isTTY }, json, () => clock.now);
  return { written, clock, line };
}

describe('progress line', () => {
  it('is a bar on a terminal, in one line', () => {
    const { written, line } = captured(true, false);
    line.show({}, 'moved 1 of 2', 0.5);
    line.show({}, 'moved 2 of 2', 1);
    line.end();
    line.end();
    expect(written).toEqual([
      `\r\u001b[2K[${'#'.repeat(15)}${'-'.repeat(15)}] moved 1 of 2`,
      `\r\u001b[2K[${'#'.repeat(30)}] moved 2 of 2`,
      '\n',
    ]);
  });

  it('is at most a line a second elsewhere, and always the last one', () => {
    const { written, clock, line } = captured(false, false);
    for (const [now, text] of [
      [0, 'a'],
      [10, 'b'],
      [999, 'c'],
      [1_000, 'd'],
    ] as const) {
      clock.now = now;
      line.show({}, text, 0);
    }
    line.show({}, 'e', 1, true);
    line.end();
    expect(written).toEqual(['a\n', 'd\n', 'e\n']);
  });

  it('is a line of JSON a step for programs', () => {
    const { written, line } = captured(true, true);
    line.show({ moved: 1 }, 'moved 1', 0.5);
    line.end();
    expect(written).toEqual(['{"moved":1}\n']);
  });
});

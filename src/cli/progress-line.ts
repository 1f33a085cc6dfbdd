const WIDTH = 30;
const PLAIN_EVERY_MS = 1_000;

export interface ProgressLine {
  /** `share` from 0 to 1; `data` is what programs read. `last` is shown however short ago another one was. */
  show(data: object, text: string, share: number, last?: boolean): void;
  end(): void;
}

/** On a terminal a bar that moves; elsewhere a line a second; for programs each step as a line of JSON. */
export function createProgressLine(
  stream: { write(text: string): unknown; isTTY?: boolean },
  json: boolean,
  now: () => number = () => performance.now(),
): ProgressLine {
  let drawn = false;
  let shownAt = -Infinity;
  return {
    show(data, text, share, last = false) {
      if (json) {
        stream.write(`${JSON.stringify(data)}\n`);
      } else if (stream.isTTY) {
        const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
        stream.write(`\r\u001b[2K[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${text}`);
        drawn = true;
      } else if (last || now() - shownAt >= PLAIN_EVERY_MS) {
        stream.write(`${text}\n`);
        shownAt = now();
      }
    },
    end() {
      if (drawn) stream.write('\n');
      drawn = false;
    },
  };
}

// Preloaded into a process: its clock is off by as many milliseconds as the file says that CHAOS_CLOCK_FILE names, and
// jumps when that changes.
const { readFileSync } = require('node:fs');
const RealDate = Date;
let offsetMs = 0;
const read = () => {
  try {
    offsetMs = Number(readFileSync(process.env.CHAOS_CLOCK_FILE, 'utf8')) || 0;
  } catch {}
};
read();
setInterval(read, 100).unref();
class WrongDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs);
    else super(...args);
  }
  static now() {
    return RealDate.now() + offsetMs;
  }
}
globalThis.Date = WrongDate;

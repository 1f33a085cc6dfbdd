// Preloaded into one worker: its clock is seven minutes fast.
const OFFSET_MS = 7 * 60_000;
const RealDate = Date;
class WrongDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + OFFSET_MS);
    else super(...args);
  }
  static now() {
    return RealDate.now() + OFFSET_MS;
  }
}
globalThis.Date = WrongDate;

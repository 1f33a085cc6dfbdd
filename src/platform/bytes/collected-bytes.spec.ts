import fc from 'fast-check';
import { CollectedBytes } from './collected-bytes';

describe('bytes that are collected', () => {
  it('are what came, in any pieces, and hold no more than twice as much memory', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)));
    fc.assert(
      fc.property(pieces, (all) => {
        const collected = new CollectedBytes();
        for (const piece of all) collected.add(piece);
        const whole = Buffer.concat(all);
        expect(collected.whole().equals(whole)).toBe(true);
        expect(collected.held).toBeLessThanOrEqual(2 * whole.length);
        collected.clear();
        expect([collected.held, collected.whole().length]).toEqual([0, 0]);
      }),
    );
  });

  it('of one byte each come in few blocks', () => {
    const collected = new CollectedBytes();
    const piece = Buffer.from('x');
    for (let count = 0; count < 1024 * 1024; count++) collected.add(piece);
    expect(collected.whole().toString('latin1')).toBe('x'.repeat(1024 * 1024));
    expect(collected.held).toBeLessThan(1.1 * 1024 * 1024);
  });
});

import { apiContract } from '../support/api-client-contract';
import { measureHolds, type Hold } from '../support/loop-holds';
import { operationsWithBody } from '../support/worst-bodies';

/** By processor time, on whatever machine; the promise of 100 ms is a benchmark's. */
const NOT_HELD_MS = 250;

describe('the worst bodies of every operation', () => {
  let holds: Hold[];
  const lines: string[] = [];
  beforeAll(async () => {
    holds = await measureHolds('some', (line) => lines.push(line));
    console.log(lines.join('\n'));
  }, 900_000);

  it('hold the event loop of the service for a moment at most', () => {
    // every operation, and every way of packing
    expect(new Set(holds.map(({ operation }) => operation)).size).toBe(operationsWithBody(apiContract()).length);
    expect(new Set(holds.map(({ encoding }) => encoding)).size).toBe(4);
    expect(holds.length).toBeGreaterThan(500);
    expect(holds.filter(({ heldMs }) => heldMs > NOT_HELD_MS)).toEqual([]);
  });

  it('are answered as the document says, never with 500', () => {
    expect(holds.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('reach validation and what lies behind it', () => {
    const carriedOut = holds.filter(({ what, status }) => what.endsWith('the longest right list') && status < 300);
    expect(new Set(carriedOut.map(({ operation }) => operation))).toEqual(
      new Set([
        'upsertProducts',
        'replaceProductMappings',
        'replacePaymentMappings',
        'suggestMappings',
        'updateIntegration',
      ]),
    );
    const kept = holds.filter(({ status, encoding }) => status === 413 || (status === 415 && encoding === 'identity'));
    expect(kept).toEqual([]);
  });
});

import { logTail } from './log-tail';
import { Screen, tableOf, type ShownLog } from './screen';

function log(resourceType: string, status: ShownLog['status'], recordsFetched: number): ShownLog {
  return {
    resourceType,
    status,
    durationMs: status === 'success' ? 1_240 : null,
    recordsFetched,
    recordsCreated: recordsFetched,
    recordsUpdated: 0,
    recordsUnchanged: 0,
  };
}

function capture(isTTY: boolean, environment: NodeJS.ProcessEnv = {}): { screen: Screen; text: () => string } {
  let text = '';
  const output = { isTTY, write: (more: string) => (text += more) };
  return { screen: new Screen(output, environment), text: () => text };
}

describe('the screen of the demonstration', () => {
  it('draws one moving bar on a terminal, and wipes it before the next line', () => {
    const { screen, text } = capture(true);
    screen.progress([log('customers', 'syncing', 50), log('invoices', 'pending', 0)], {
      customers: 100,
      invoices: 100,
    });
    screen.say('next');
    expect(text()).toContain('█'.repeat(8) + '░'.repeat(22));
    expect(text()).toContain(' 25 %  50 rows  customers');
    expect(text().endsWith('\r\x1b[Knext\n')).toBe(true);
  });

  it('never passes 100 %, and takes what was read for the truth once it is read', () => {
    const { screen, text } = capture(true);
    screen.progress([log('customers', 'success', 90), log('invoices', 'syncing', 200)], {
      customers: 100,
      invoices: 100,
    });
    expect(text()).toContain('100 %');
  });

  it('writes one plain line per resource elsewhere', () => {
    const { screen, text } = capture(false);
    for (const fetched of [10, 20]) screen.progress([log('customers', 'syncing', fetched)], {});
    screen.progress([log('customers', 'success', 20), log('invoices', 'syncing', 0)], {});
    expect(text()).toBe('   reading customers (10 rows so far)\n   reading invoices (20 rows so far)\n');
  });

  it.each([
    ['no terminal', false, {}],
    ['NO_COLOR', true, { NO_COLOR: '1' }],
    ['a dumb terminal', true, { TERM: 'dumb' }],
  ])('uses no colour: %s', (_why, isTTY, environment) => {
    const { screen, text } = capture(isTTY, environment);
    screen.begin('A step');
    expect(text()).toBe('\n1  A step\n');
  });

  it('shows what a run did as a table', () => {
    const { screen, text } = capture(false);
    screen.table([log('customers', 'success', 2_000)]);
    expect(text()).toContain('customers    2,000    2,000        0          0      1.2');
  });

  it('lines up figures to the right', () => {
    expect(tableOf(['a', 'count'], [['long name', '1']])).toBe('a          count\n─────────  ─────\nlong name      1');
  });
});

describe('the tail of a service’s log', () => {
  it('is readable, recent and without requests that went well', () => {
    const request = (status: number): string =>
      JSON.stringify({ level: 30, time: 0, msg: 'request', route: `/answered-${status}`, status });
    const lines = [
      'first',
      ...Array.from({ length: 39 }, (_, index) => `plain ${index}`),
      request(200),
      request(500),
      '',
    ];
    const tail = logTail(lines.join('\n'));
    expect(tail).toHaveLength(40);
    expect(tail[0]).toBe('plain 0');
    expect(tail.at(-1)).toMatch(/INFO: request \{"route":"\/answered-500","status":500\}/);
  });
});

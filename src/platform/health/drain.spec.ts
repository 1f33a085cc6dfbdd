import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import { Drain } from './drain';

class FakeResponse extends EventEmitter {
  headersSent = false;
  readonly headers: Record<string, string> = {};
  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

function serve(drain: Drain): FakeResponse {
  const response = new FakeResponse();
  drain.track({} as never, response as unknown as Response, () => undefined);
  return response;
}

describe('draining', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('tells its listeners once, in order, and survives one that fails', () => {
    const drain = new Drain();
    const heard: string[] = [];
    drain.onStart(() => heard.push(`first, started: ${drain.started}`));
    drain.onStart(() => {
      throw new Error('broken listener');
    });
    drain.onStart(() => heard.push('last'));
    expect(drain.started).toBe(false);
    drain.start();
    drain.start();
    expect(heard).toEqual(['first, started: true', 'last']);
  });

  it('asks clients to close the connection, those in flight and those that still come', () => {
    const drain = new Drain();
    const before = serve(drain);
    const answering = serve(drain);
    answering.headersSent = true;
    drain.start();
    expect([before, answering, serve(drain)].map(({ headers }) => headers)).toEqual([
      { Connection: 'close' },
      {},
      { Connection: 'close' },
    ]);
  });

  it('waits for the last request in flight', async () => {
    const drain = new Drain();
    await drain.requestsServed();
    const [first, second] = [serve(drain), serve(drain)];
    let served = false;
    const done = drain.requestsServed().then(() => (served = true));
    first.emit('close');
    await Promise.resolve();
    expect(served).toBe(false);
    second.emit('close');
    await done;
  });
});

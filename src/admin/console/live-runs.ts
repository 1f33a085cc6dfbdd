import { useEffect, useState } from 'preact/hooks';
import type { LiveRun } from './api';

const LIVE_AGAIN_MS = 10_000;

/** Running syncs as the service tells them. */
export function useLiveRuns(): LiveRun[] | null {
  const [runs, setRuns] = useState<LiveRun[] | null>(null);
  useEffect(() => {
    let source: EventSource;
    let again: ReturnType<typeof setTimeout>;
    const listen = (): void => {
      source = new EventSource('/admin/api/live');
      source.addEventListener('runs', (event) =>
        setRuns(JSON.parse((event as MessageEvent<string>).data) as LiveRun[]),
      );
      // a browser comes back by itself when a stream breaks, but not when it was refused
      source.addEventListener('error', () => {
        if (source.readyState === EventSource.CLOSED) again = setTimeout(listen, LIVE_AGAIN_MS);
      });
    };
    listen();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }, []);
  return runs;
}

import { useState } from 'preact/hooks';
import type { Entry } from './api';
import { More, Notice, Table, When, type OperatorAction } from './components';
import { number } from './format';
import type { Pages } from './reading';
import type { Endpoint } from './webhook-endpoints';
import { replayOf, whenOf } from './webhook-replay';

type GivenUpEvent = Entry<'/webhook-endpoints/{id}/given-up'>;

/** What nothing sends again by itself, the oldest first; without such an event it is nothing. */
export function GivenUp(props: {
  endpoint: Endpoint;
  events: Pages<GivenUpEvent>;
  /** Left out: whoever looks may not act. */
  act: ((action: OperatorAction) => void) | undefined;
  changed: () => void;
}): preact.JSX.Element | null {
  const { endpoint, events, act, changed } = props;
  const [said, setSaid] = useState<string | null>(null);
  const replay = ({ eventId, eventType }: GivenUpEvent): OperatorAction =>
    replayOf(
      endpoint,
      { eventId },
      `The ${eventType} of ${endpoint.merchantName} is sent to the endpoint again${whenOf(endpoint)}.`,
      () => {
        setSaid(
          `${eventType} ${eventId} is sent once more${whenOf(endpoint)}. It leaves the list when the endpoint takes it.`,
        );
        changed();
      },
    );
  const isListed = events.rows !== null && events.rows.length > 0;
  if (!isListed && events.error === null && said === null) return null;
  return (
    <>
      <header class="section-head">
        <div>
          <h2>Given up</h2>
          <p class="hint">Their last try failed, and nothing sends them again by itself. Oldest first.</p>
        </div>
      </header>
      <Notice error={events.error} />
      {said && <p role="status">{said}</p>}
      <Table
        label="Events that were given up"
        rows={events.rows}
        keyOf={({ eventId }) => eventId}
        columns={[
          {
            title: 'Event',
            cell: (row) => (
              <>
                {row.eventType ?? 'No longer kept'} <span class="hint">{triesOf(row)}</span>
                <br />
                <code>{row.eventId}</code>
              </>
            ),
          },
          { title: 'Happened', cell: (row) => <When at={row.occurredAt} empty="–" /> },
          { title: 'First try failed', cell: (row) => <When at={row.heldAt} /> },
          { title: 'Why', cell: (row) => row.lastError ?? 'The answer is no longer kept.' },
          {
            title: 'Decide',
            cell: (row) =>
              row.eventType === null ? (
                <span class="hint">cannot be replayed</span>
              ) : (
                act && (
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Replay ${row.eventType} ${row.eventId}`}
                    onClick={() => act(replay(row))}
                  >
                    Replay
                  </button>
                )
              ),
          },
        ]}
      />
      <More cursor={events.next} load={events.more} />
    </>
  );
}

const triesOf = ({ attempts }: GivenUpEvent): string => `${number(attempts)} ${attempts === 1 ? 'try' : 'tries'}`;

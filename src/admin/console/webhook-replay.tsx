import { useState } from 'preact/hooks';
import { get, post, type Entry } from './api';
import { Notice, type OperatorAction } from './components';
import { number } from './format';
import type { Endpoint } from './webhook-endpoints';

type Preview = Entry<'/webhook-endpoints/{id}/replay-preview'>;
type Selection = { eventId?: string; from?: string; to?: string };

export const replayOf = (
  { id }: Endpoint,
  selection: Selection,
  effect: string,
  done: (events: number) => void,
): OperatorAction => ({
  title: selection.eventId === undefined ? 'Send them once more' : 'Send it once more',
  effect: `${effect} ${selection.eventId === undefined ? 'They keep their ids' : 'It keeps its id'}.`,
  confirm: 'Replay',
  run: async (reason) => {
    const { data } = await post('/webhook-endpoints/{id}/replay', { id }, { ...selection, reason });
    done(data.events);
  },
});

/** Nothing is sent to an endpoint that is off. */
export const whenOf = ({ disabledReason }: Endpoint): string =>
  disabledReason === null ? '' : ' when the endpoint is enabled';

/** Sends a part of the log once more; first it shows how much that is. */
export function Replay(props: {
  endpoint: Endpoint;
  act: (action: OperatorAction) => void;
  changed: () => void;
}): preact.JSX.Element {
  const { endpoint, act, changed } = props;
  const [found, setFound] = useState<{ selection: Selection; preview: Preview } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const look = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const selection = selectionOf(new FormData(event.currentTarget as HTMLFormElement));
    setSaid(null);
    try {
      const { data } = await get('/webhook-endpoints/{id}/replay-preview', { id: endpoint.id, ...selection });
      setFound({ selection, preview: data });
      setError(null);
    } catch (failure) {
      setFound(null);
      setError(failure instanceof Error ? failure.message : 'The preview failed.');
    }
  };
  const replay = ({ selection, preview }: NonNullable<typeof found>): OperatorAction =>
    replayOf(endpoint, selection, inWords(preview), (events) => {
      setFound(null);
      setSaid(`${events === 1 ? '1 event is' : `${number(events)} events are`} sent once more${whenOf(endpoint)}.`);
      changed();
    });
  return (
    <form class="filters" onSubmit={(event) => void look(event)} onInput={() => setFound(null)}>
      <label class="moment">
        <span>
          From <span class="hint">your time</span>
        </span>
        <input type="datetime-local" name="from" />
      </label>
      <label class="moment">
        <span>
          To <span class="hint">left empty: up to now</span>
        </span>
        <input type="datetime-local" name="to" />
      </label>
      <label class="search">
        Or one event, by its id
        <input name="eventId" autocomplete="off" placeholder="The webhook-id" />
      </label>
      <Notice error={error} />
      {found && <p role="status">{inWords(found.preview)}</p>}
      {said && <p role="status">{said}</p>}
      <button type="submit" class="plain">
        Preview
      </button>
      {found !== null && found.preview.events > 0 && (
        <button type="button" class="primary" onClick={() => act(replay(found))}>
          Replay
        </button>
      )}
    </form>
  );
}

function selectionOf(form: FormData): Selection {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const time = (name: string): Selection => (text(name) === '' ? {} : { [name]: new Date(text(name)).toISOString() });
  return { ...time('from'), ...time('to'), ...(text('eventId') === '' ? {} : { eventId: text('eventId') }) };
}

function inWords({ events, fromPosition, toPosition }: Preview): string {
  if (events === 0) return 'No event is there to be sent.';
  const what = `${number(events)} event${events === 1 ? '' : 's'}`;
  return `${what}, from position ${number(fromPosition)} to ${number(toPosition)} of the log.`;
}

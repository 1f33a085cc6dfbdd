import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from './api';
import { environmentName, providerName, queryOf } from './format';

export interface Place {
  name: string;
  hint: string;
  path: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAUSE_MS = 150;
const MOST = 12;
/** Its types take the role only beside a datalist. */
const COMBOBOX = { role: 'combobox' } as object;

/** Opens with `/` wherever nobody is typing. */
export function Palette({ places }: { places: readonly Place[] }): preact.JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      const types = target instanceof HTMLElement && target.closest('input, textarea, select, dialog');
      if (key !== '/' || ctrlKey || metaKey || altKey || types) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <>
      <button type="button" class="plain" aria-keyshortcuts="/" onClick={() => setOpen(true)}>
        Go to <kbd>/</kbd>
      </button>
      {isOpen && <Finder places={places} close={() => setOpen(false)} />}
    </>
  );
}

function Finder({ places, close }: { places: readonly Place[]; close: () => void }): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = useFound(text, places);
  const left = useRef(document.activeElement);
  useEffect(() => dialog.current!.showModal(), []);
  /** Back to where somebody was, or into the page that they went to. */
  const closed = (): void => {
    close();
    const to = left.current instanceof HTMLElement && left.current !== document.body ? left.current : null;
    to?.focus();
    // it is gone meanwhile, hidden or disabled
    if (to === null || document.activeElement !== to) document.getElementById('main')?.focus({ preventScroll: true });
  };
  const go = ({ path }: Place): void => {
    left.current = null;
    location.hash = `#/${path}`;
    dialog.current?.close();
  };
  const pressed = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) setChosen((before) => Math.max(0, Math.min(found.length - 1, before + move)));
    else if (event.key === 'Enter' && found[chosen]) go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Go to" onClose={closed}>
      <input
        {...COMBOBOX}
        aria-label="Page, merchant or id"
        aria-expanded="true"
        aria-controls="palette-places"
        aria-activedescendant={found[chosen] ? `place-${chosen}` : undefined}
        placeholder="Page, merchant or id"
        value={text}
        onInput={(event) => (setText(event.currentTarget.value), setChosen(0))}
        onKeyDown={pressed}
      />
      <ul id="palette-places" role="listbox" aria-label="Places">
        {found.map((place, index) => (
          <li
            key={place.path}
            id={`place-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => go(place)}
          >
            {place.name} <span class="hint">{place.hint}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="hint">Nothing is called like that.</p>}
    </dialog>
  );
}

/** Pages at once; merchants and integrations when the service has answered. */
function useFound(text: string, places: readonly Place[]): Place[] {
  const [stored, setStored] = useState<{ text: string; places: Place[] }>({ text: '', places: [] });
  const search = text.trim();
  useEffect(() => {
    if (search === '') return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      void findStored(search).then((found) => isCurrent && setStored({ text: search, places: found }));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [search]);
  const pages = places.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  return [...pages, ...(stored.text === search ? stored.places : [])].slice(0, MOST);
}

async function findStored(search: string): Promise<Place[]> {
  const none = { data: [] };
  const isId = UUID.test(search);
  const [merchants, integrations, run] = await Promise.all([
    get('/merchants', { search, limit: '5' }).catch(() => none),
    get('/integrations', { search, limit: '5' }).catch(() => none),
    isId ? get('/runs/{id}', { id: search }).catch(() => null) : null,
  ]);
  return [
    ...(run ? [{ name: 'Run', hint: run.data.merchantName ?? '', path: `runs/${run.data.id}` }] : []),
    ...integrations.data.map((row) => ({
      name: row.merchantName ?? row.merchantId,
      hint: `${providerName(row.provider)} · ${environmentName(row.environment)}`,
      path: `integrations/${row.id}`,
    })),
    ...merchants.data.map(({ id, name }) => ({ name, hint: 'Merchant', path: `merchants/${id}` })),
    { name: `Audit log of ${search}`, hint: 'Who', path: `audit${queryOf({ actorId: search })}` },
  ];
}

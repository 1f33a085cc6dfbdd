import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { When } from './components';
import { useFreshness } from './reading';

export interface Crumb {
  name: string;
  /** None: it leads nowhere by itself. */
  path?: string;
}

const Naming = createContext<(crumbs: readonly Crumb[]) => void>(() => undefined);

/** Names what a page is about once that is known, with what it belongs to before it. */
export function usePlace(...crumbs: readonly Crumb[]): void {
  const name = useContext(Naming);
  useEffect(() => name(crumbs), [JSON.stringify(crumbs)]);
  useEffect(() => () => name([]), []);
}

/** The way to a page, when it was read, and the page; the tab of the browser has its name. */
export function Place(props: { way: readonly Crumb[]; children: ComponentChildren }): preact.JSX.Element {
  const [own, setOwn] = useState<readonly Crumb[]>([]);
  const crumbs = [...props.way, ...own];
  const names = crumbs.map(({ name }) => name);
  const title = [...(names.length > 1 ? names.slice(1) : names).reverse(), 'Interlock'].join(' · ');
  useEffect(() => void (document.title = title), [title]);
  return (
    <Naming.Provider value={setOwn}>
      <div class="place">
        <nav aria-label="Breadcrumb">
          <ol>
            {crumbs.map(({ name, path }, index) => {
              const isHere = index === crumbs.length - 1;
              return (
                <li key={`${index} ${path}`}>
                  {path === undefined || isHere ? (
                    <span aria-current={isHere ? 'page' : undefined}>{name}</span>
                  ) : (
                    <a href={`#/${path}`}>{name}</a>
                  )}
                </li>
              );
            })}
          </ol>
        </nav>
        <Freshness />
      </div>
      {props.children}
    </Naming.Provider>
  );
}

function Freshness(): preact.JSX.Element | null {
  const { readAt, refresh } = useFreshness();
  if (readAt === null) return null;
  return (
    <span class="hint">
      Updated <When at={readAt} />{' '}
      <button type="button" class="plain" onClick={refresh}>
        Refresh
      </button>
    </span>
  );
}

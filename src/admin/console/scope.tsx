import type { ComponentChildren } from 'preact';
import { Choice } from './components';
import { environmentName, providerChoices, queryOf } from './format';

export const RANGES = [
  ['day', '24 hours'],
  ['week', '7 days'],
  ['month', '30 days'],
] as const;
export const ENVIRONMENTS = ['live', 'sandbox'].map((name) => [name, environmentName(name)] as const);

export type Scope = { environment?: string; provider?: string };

export const scopeOf = ({ environment, provider }: Record<string, string | undefined>): Scope => ({
  environment,
  provider,
});

/** What a page looks at; it stands in the address. */
export function ScopeFilter(props: {
  section: string;
  query: Record<string, string>;
  ranges?: readonly (readonly [string, string])[];
  /** Further choices of the page. */
  children?: ComponentChildren;
}): preact.JSX.Element {
  const set = (name: string) => (value: string) =>
    void (location.hash = `#/${props.section}${queryOf({ ...props.query, [name]: value })}`);
  const { query, ranges } = props;
  return (
    <form class="filters" aria-label="What is shown" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Environment"
        name="environment"
        value={query['environment']}
        options={ENVIRONMENTS}
        any="All"
        onChange={set('environment')}
      />
      <Choice
        label="Provider"
        name="provider"
        value={query['provider']}
        options={providerChoices()}
        any="All"
        onChange={set('provider')}
      />
      {ranges && (
        <Choice
          label="Charts look back"
          name="range"
          value={query['range'] === 'day' ? '' : query['range']}
          options={ranges.slice(1)}
          any={ranges[0]![1]}
          onChange={set('range')}
        />
      )}
      {props.children}
      {query['integrationId'] && (
        <a class="button plain" href={`#/${props.section}${queryOf({ ...query, integrationId: undefined })}`}>
          Of all integrations
        </a>
      )}
    </form>
  );
}

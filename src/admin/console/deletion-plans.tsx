import { Choice, ListState, More } from './components';
import { PLAN_TONES, PlanCard } from './deletion-plan';
import { number, queryOf, words } from './format';
import { usePages } from './reading';
import { ScopeFilter } from './scope';

const STATES = Object.keys(PLAN_TONES).map((state) => [state, words(state)] as const);

export function DeletionPlans(props: { query: Record<string, string>; mayOperate: boolean }): preact.JSX.Element {
  const { query, mayOperate } = props;
  const { rows, next, more, reload, error } = usePages('/deletion-plans', { ...query, limit: '25' });
  return (
    <>
      <p class="hint">When a scan misses too many records at once, an operator decides whether they are deleted.</p>
      <ScopeFilter section="deletion-plans" query={query}>
        <Choice
          label="State"
          name="state"
          value={query['state']}
          options={STATES}
          onChange={(state) => void (location.hash = `#/deletion-plans${queryOf({ ...query, state })}`)}
        />
      </ScopeFilter>
      <ListState
        rows={rows}
        error={error}
        empty={queryOf(query) === '' ? 'No deletion has been held.' : 'No deletion plan matches.'}
      />
      <ul class="plans">
        {rows?.map((plan) => (
          <li class="card" key={plan.id}>
            <PlanCard plan={plan} mayOperate={mayOperate} decided={reload}>
              <p>
                <a href={`#/deletion-plans/${plan.id}`}>What would be lost: all {number(plan.rows)}</a>
              </p>
            </PlanCard>
          </li>
        ))}
      </ul>
      <More cursor={next} load={more} />
    </>
  );
}

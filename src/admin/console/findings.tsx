import type { Overview } from './api';
import { Badge, When } from './components';
import { environmentName, queryOf, words } from './format';
import type { Scope } from './scope';
import { Told } from './told';

export type Finding = Overview['findings'][number];

/** Worst first, as they come; without one it is nothing. */
export function Findings(props: { findings: readonly Finding[]; scope?: Scope }): preact.JSX.Element | null {
  if (props.findings.length === 0) return null;
  return (
    <ul class="findings" aria-label="What is wrong">
      {props.findings.map((finding) => (
        <Line
          key={[finding.code, finding.title, finding.environment].join()}
          finding={finding}
          scope={props.scope ?? {}}
        />
      ))}
    </ul>
  );
}

function Line({ finding, scope }: { finding: Finding; scope: Scope }): preact.JSX.Element {
  const { code, severity, environment, title, since, merchants, merchantCount, next, effects } = finding;
  const link = linkOf(finding, scope);
  return (
    <li class={severity}>
      <div>
        <h2>
          <Badge tone={severity}>{words(severity)}</Badge> {title}
          {environment && <span class="hint">{environmentName(environment)}</span>}
        </h2>
        <p>
          {since && (
            <>
              {code.endsWith('_expiring') && Date.parse(since) > Date.now() ? 'Ends' : 'Began'} <When at={since} />
              .{' '}
            </>
          )}
          {merchants.length > 0 && <>For {namesOf(merchants, merchantCount)}. </>}
          <Told text={next} />
        </p>
        {effects.length > 0 && <p>Because of it: {effects.join(', ')}.</p>}
      </div>
      {link && (
        <a class="button" href={link}>
          Show<span class="hidden"> {title}</span>
        </a>
      )}
    </li>
  );
}

function namesOf(merchants: string[], count: number): string {
  const rest = count - merchants.length;
  return rest > 0 ? `${merchants.join(', ')} and ${rest} more` : merchants.join(', ');
}

/** Lists whose rows belong to an integration show what the overview looks at. */
const SCOPED = ['integrations', 'deletion-plans', 'payment-reviews', 'quarantine'];

/** To the one that it is about, else to the list of what it counts. */
function linkOf({ subject, filter }: Finding, scope: Scope): string | null {
  if (subject) return `#/${subject.list}/${subject.id}`;
  if (!filter) return null;
  const { list = 'integrations', ...query } = filter;
  return `#/${list}${queryOf({ ...(SCOPED.includes(list) && scope), ...query })}`;
}

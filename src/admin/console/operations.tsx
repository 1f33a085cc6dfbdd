import { Approvals } from './approvals';
import { DeletionPlans } from './deletion-plans';
import { Incidents } from './incidents';
import { Operators } from './operators';
import { PaymentReviews } from './payment-reviews';
import { Quarantine } from './quarantine';
import { Retries } from './retries';
import { Tokens } from './tokens';
import { Vault } from './vault';

export const OPERATIONS = [
  ['approvals', 'Approvals'],
  ['deletion-plans', 'Held deletions'],
  ['payment-reviews', 'Held payments'],
  ['quarantine', 'Quarantine'],
  ['incidents', 'Provider incidents'],
  ['retries', 'Bulk retry'],
  ['operators', 'Operators'],
  ['tokens', 'Tokens'],
  ['vault', 'Vault'],
] as const;
export type Operation = (typeof OPERATIONS)[number][0];

export const isOperation = (section: string): section is Operation => OPERATIONS.some(([path]) => path === section);

/** What concerns many integrations at once, or none. */
export function Operations(props: {
  section: Operation;
  query: Record<string, string>;
  mayOperate: boolean;
  mayChangeKeys: boolean;
}): preact.JSX.Element {
  const { section, query, mayOperate, mayChangeKeys } = props;
  return (
    <>
      <h1>{OPERATIONS.find(([path]) => path === section)![1]}</h1>
      <nav class="tabs" aria-label="Operations">
        {OPERATIONS.map(([path, name]) => (
          <a key={path} href={`#/${path}`} aria-current={section === path ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {section === 'approvals' && <Approvals mayOperate={mayOperate} />}
      {section === 'deletion-plans' && <DeletionPlans query={query} mayOperate={mayOperate} />}
      {section === 'payment-reviews' && <PaymentReviews query={query} mayOperate={mayOperate} />}
      {section === 'quarantine' && <Quarantine query={query} />}
      {section === 'incidents' && <Incidents query={query} />}
      {section === 'retries' && <Retries mayOperate={mayOperate} />}
      {section === 'operators' && <Operators mayChangeKeys={mayChangeKeys} />}
      {section === 'tokens' && <Tokens mayChangeKeys={mayChangeKeys} />}
      {section === 'vault' && <Vault mayChangeKeys={mayChangeKeys} />}
    </>
  );
}

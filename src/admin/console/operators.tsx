import { useState } from 'preact/hooks';
import { post, type Entry } from './api';
import { Badge, ListState, OperationDialog, Table, When, type OperatorAction } from './components';
import { useLoaded } from './reading';

type Operator = Entry<'/operators'>;

const METHODS: Readonly<Record<string, string>> = { openid_connect: 'OpenID Connect', pasted_token: 'A pasted token' };

/** Who uses this console and its API, and who no longer may. */
export function Operators({ mayChangeKeys }: { mayChangeKeys: boolean }): preact.JSX.Element {
  const { data, error, reload } = useLoaded('/operators');
  const [action, setAction] = useState<OperatorAction | null>(null);
  const change = (operator: Operator, kind: 'disable' | 'enable') => (): void => {
    const run = (reason: string) =>
      post(`/operators/{subject}/${kind}`, { subject: operator.subject }, { reason }).then(reload);
    setAction({ ...TEXTS[kind](operator), run });
  };
  return (
    <>
      <p class="hint">Everybody whose token was used here, the last seen first.</p>
      <ListState rows={data?.data ?? null} error={error} empty="Nobody has been seen yet." />
      <Table
        label="Operators"
        rows={data?.data ?? null}
        keyOf={({ subject }) => subject}
        columns={[
          {
            title: 'Operator',
            cell: ({ name, subject }) => (
              <>
                {name ?? subject}
                {name !== null && (
                  <>
                    <br />
                    <code>{subject}</code>
                  </>
                )}
              </>
            ),
          },
          { title: 'Roles', cell: ({ roles }) => roles.join(', ') },
          { title: 'Signed in with', cell: ({ signInMethod }) => METHODS[signInMethod ?? ''] ?? '–' },
          { title: 'Last seen', cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
          { title: 'State', cell: (operator) => <State operator={operator} /> },
          {
            title: 'Actions',
            cell: (operator) => {
              const kind = operator.disabledAt === null ? 'disable' : 'enable';
              return mayChangeKeys ? (
                <button
                  type="button"
                  class="plain"
                  aria-label={`${NAMES[kind]} ${operator.name ?? operator.subject}`}
                  onClick={change(operator, kind)}
                >
                  {NAMES[kind]}
                </button>
              ) : (
                '–'
              );
            },
          },
        ]}
      />
      {action && <OperationDialog action={action} close={() => setAction(null)} />}
    </>
  );
}

function State({ operator }: { operator: Operator }): preact.JSX.Element {
  if (operator.disabledAt === null) return <Badge tone="ok">May sign in</Badge>;
  return (
    <>
      <Badge tone="critical">Disabled</Badge> <When at={operator.disabledAt} /> by {operator.disabledBy}
    </>
  );
}

const NAMES = { disable: 'Disable', enable: 'Enable' } as const;

const TEXTS: Record<keyof typeof NAMES, (operator: Operator) => Omit<OperatorAction, 'run'>> = {
  disable: ({ name, subject }) => ({
    title: `Disable ${name ?? subject}`,
    effect: 'Every session ends at once, every token of this subject is refused, and nobody signs in with it.',
    confirm: 'Disable',
    danger: true,
  }),
  enable: ({ name, subject }) => ({
    title: `Enable ${name ?? subject}`,
    effect: 'This subject may sign in again. Its tokens that have not expired are good again.',
    confirm: 'Enable',
  }),
};

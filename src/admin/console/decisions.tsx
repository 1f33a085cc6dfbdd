import { useState } from 'preact/hooks';
import { OperationDialog, type OperatorAction } from './components';

export interface Decision extends OperatorAction {
  /** What its button says. */
  button: string;
}

/** Over what waits for a person: one of them acts, the other leaves all as it is. */
export function Decisions({ act, leave }: { act: Decision; leave: Decision }): preact.JSX.Element {
  const [chosen, choose] = useState<OperatorAction | null>(null);
  return (
    <>
      <footer>
        <button type="button" class="danger" onClick={() => choose({ ...act, danger: true })}>
          {act.button}
        </button>
        <button type="button" class="plain" onClick={() => choose(leave)}>
          {leave.button}
        </button>
      </footer>
      {chosen && <OperationDialog action={chosen} close={() => choose(null)} />}
    </>
  );
}

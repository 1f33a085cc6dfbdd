import { nextStep, When } from './components';
import { Told } from './told';

/** What stands behind a state, each with what to do. */
export function Reasons(props: {
  reasons: readonly { code: string; message: string; since?: string | null; nextAction: string }[];
}): preact.JSX.Element {
  return (
    <ol class="reasons">
      {props.reasons.map((reason) => (
        <li key={reason.code}>
          <p>
            <Told text={reason.message} />
          </p>
          <p class="hint">
            <code>{reason.code}</code>
            {reason.since && (
              <>
                {' '}
                · began <When at={reason.since} />
              </>
            )}
            {nextStep(reason.nextAction, reason.code) && <> · next: {nextStep(reason.nextAction, reason.code)}</>}
          </p>
        </li>
      ))}
    </ol>
  );
}

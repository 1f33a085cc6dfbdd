import { When } from './components';
import { clock, exactly } from './format';

const TIMES = /((?:\bat |\b(?:until|before|since) )?\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)/;

/** A text of the service: its times are told as everywhere else. */
export function Told({ text }: { text: string }): preact.JSX.Element {
  // every other part is what the group took
  return <>{text.split(TIMES).map((part, index) => (index % 2 ? <Time key={index} text={part} /> : part))}</>;
}

/** `at 2026-01-31T09:30Z` is “in 15 min”; after another word a time of the day reads as it should. */
function Time({ text }: { text: string }): preact.JSX.Element {
  const [, word, at] = /^(?:(\w+) )?(.+)$/.exec(text)!;
  if (!word || word === 'at') return <When at={at} />;
  return (
    <>
      {word}{' '}
      <time dateTime={at} title={exactly(at!)}>
        {clock(at!)}
      </time>
    </>
  );
}

import { When } from './components';

const TIMES = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)/;

/** A text of the service: its times are told as everywhere else. */
export function Told({ text }: { text: string }): preact.JSX.Element {
  // every other part is what the group took
  return <>{text.split(TIMES).map((part, index) => (index % 2 ? <When key={index} at={part} /> : part))}</>;
}

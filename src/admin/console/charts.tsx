import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { number } from './format';

export interface Series {
  label: string;
  /** Name of a colour in style.css. */
  colour: string;
  values: number[];
  /** Where its word below the chart leads. */
  href?: string;
}

/** Stacked columns: times below, the first series at the bottom. Drawn again when size or colour scheme changes. */
export function StackedBars(props: {
  times: number[];
  series: Series[];
  label: string;
  height?: number;
  small?: boolean;
  /** Where a bar leads, and what it is called. */
  linkOf?: (index: number) => string;
  nameOf?: (index: number) => string;
}): preact.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  // the newest first, where the chart is wider than the screen
  useEffect(() => scroller.current?.scrollTo({ left: scroller.current.scrollWidth }), []);
  const key = JSON.stringify([props.times, props.series]);
  useEffect(() => {
    const element = host.current!;
    let plot: uPlot | null = null;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(options(props, element.clientWidth), stacked(props.times, props.series), element);
    };
    draw();
    const resized = new ResizeObserver(() => plot && element.clientWidth !== plot.width && draw());
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [key]);
  const total = (series: Series): number => series.values.reduce((sum, value) => sum + value, 0);
  return (
    <figure class={props.small ? 'chart small' : 'chart'}>
      <div ref={scroller} class={props.linkOf ? 'plot linked' : 'plot'}>
        <div
          ref={host}
          role="img"
          aria-label={`${props.label}: ${props.series.map((series) => `${series.label} ${number(total(series))}`).join(', ') || 'nothing'}`}
        />
        {props.linkOf && <BarLinks {...props} linkOf={props.linkOf} />}
      </div>
      {!props.small && (
        <figcaption>
          {props.series.map((series) => (
            <span class="key" key={series.label}>
              <i class={`swatch ${series.colour}`} aria-hidden="true" />
              {series.href ? <a href={series.href}>{series.label}</a> : series.label} <b>{number(total(series))}</b>
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

/** Over the bars that hold something: to click, to hover and to reach with the keyboard. */
function BarLinks(props: {
  times: number[];
  series: Series[];
  linkOf: (index: number) => string;
  nameOf?: (index: number) => string;
}): preact.JSX.Element {
  return (
    <div class="bar-links">
      {props.times.map((time, index) => {
        const parts = props.series.filter(({ values }) => values[index]! > 0);
        const said = parts.map(({ label, values }) => `${label} ${number(values[index]!)}`).join(', ');
        const name = `${props.nameOf?.(index) ?? ''}: ${said}`;
        return parts.length === 0 ? (
          <span key={time} />
        ) : (
          <a key={time} href={props.linkOf(index)} title={name} aria-label={`${name}, show these runs`} />
        );
      })}
    </div>
  );
}

/** The highest first, so that lower ones are painted over it. */
function stacked(times: number[], series: Series[]): uPlot.AlignedData {
  const sums = times.map(() => 0);
  const layers = series.map(({ values }) => values.map((value, index) => (sums[index]! += value)));
  return [times, ...layers.reverse()];
}

function options(
  { series, height = 160, small = false }: { series: Series[]; height?: number; small?: boolean },
  width: number,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: colour('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(width, 60),
    height: small ? 56 : height,
    cursor: { show: false },
    legend: { show: false },
    padding: small ? [4, 0, 0, 0] : [8, 4, 0, 0],
    scales: {
      // half a column of room on both sides
      x: { time: true, range: (plot) => [plot.data[0]![0]! - step(plot) / 2, plot.data[0]!.at(-1)! + step(plot) / 2] },
      y: { range: (_plot, _min, max) => [0, Math.max(max || 0, 1) * 1.05] },
    },
    axes: small
      ? [{ show: false }, { show: false }]
      : [
          { ...axis, grid: { show: false }, space: 64, size: 26, values: (_plot, ticks) => ticks.map(hourOf) },
          {
            ...axis,
            size: 40,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
            values: (_plot, ticks) => ticks.map((tick) => number(tick)),
          },
        ],
    series: [
      {},
      ...series.toReversed().map(({ colour: name, label }) => ({
        label,
        fill: colour(name),
        stroke: colour(name),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars!({ size: [0.72, 26], radius: 0.15, align: 0 }),
      })),
    ],
  };
}

function step(plot: uPlot): number {
  const [first = 0, second = first + 3_600] = plot.data[0]!;
  return second - first;
}

function hourOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

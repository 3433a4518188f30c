// One chart: the mean as a line in the band between the least and the most. uPlot comes when the first one is shown.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { sentence } from "../../api";
import type { History } from "../../wire";
import {
  type ChartKind,
  type Columns,
  columns,
  lone,
  reading,
  sayMoment,
  scale,
  summary,
} from "./chart_data";

const HEIGHT_PX = 136;
const SYNC = "system";

export function Chart({ kind, history }: { kind: ChartKind; history: History }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const drawn = useMemo(() => columns(history, kind.figure), [history, kind]);
  const newest = useRef({ kind, drawn });
  newest.current = { kind, drawn };
  useEffect(() => {
    let isGone = false;
    const make = async () => {
      const box = place.current;
      const { default: UPlot } = await import("./uplot");
      if (isGone || box === null) return;
      plot.current?.destroy();
      const now = newest.current;
      const options = optionsOf(now.kind, () => newest.current.drawn, box.clientWidth, setAt);
      plot.current = new UPlot(options, dataOf(now.drawn), box);
    };
    void make();
    const resized = new ResizeObserver(
      ([entry]) => entry && plot.current?.setSize({ width: entry.contentRect.width, height: HEIGHT_PX }),
    );
    if (place.current !== null) resized.observe(place.current);
    const endColours = onColours(() => void make());
    return () => {
      isGone = true;
      resized.disconnect();
      endColours();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [kind]);
  useEffect(() => plot.current?.setData(dataOf(drawn)), [history]);
  const words = summary(kind, drawn);
  return (
    <figure class="sys-chart">
      <figcaption>
        <h3>{kind.title}</h3>
        <span class="muted small">
          {at === null ? sentence(words.slice(kind.title.length + 2)) : reading(kind, drawn, at)}
        </span>
      </figcaption>
      <div ref={place} role="img" aria-label={words} />
    </figure>
  );
}

const dataOf = ({ at, most, least, mean }: Columns): uPlot.AlignedData => [at, most, least, mean];

/** Call back whenever the page turns dark or light. */
function onColours(changed: () => void): () => void {
  const theme = new MutationObserver(changed);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: light)");
  system.addEventListener("change", changed);
  return () => {
    theme.disconnect();
    system.removeEventListener("change", changed);
  };
}

function optionsOf(
  kind: ChartKind,
  drawn: () => Columns,
  width: number,
  onPlace: (place: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (token: string) => style.getPropertyValue(token).trim();
  const [line, muted, grid] = [colour("--motion"), colour("--muted"), colour("--line")];
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: muted, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const hidden = { stroke: "transparent", width: 0, points: { show: false } };
  return {
    width: Math.max(width, 200),
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { sync: { key: SYNC }, drag: { x: false, y: false }, points: { size: 7 }, y: false },
    scales: { y: { range: () => scale(kind, drawn()) } },
    axes: [
      { ...axis, size: 30, space: 64, values: (_, splits) => splits.map((at) => sayMoment(at, drawn())) },
      { ...axis, size: 68, space: 32, values: (_, splits) => splits.map(kind.say) },
    ],
    series: [
      {},
      hidden,
      hidden,
      {
        stroke: line,
        width: 1.5,
        points: { size: 5, fill: line, filter: (_, __, all) => (all ? null : lone(drawn().mean)) },
        spanGaps: false,
      },
    ],
    bands: [{ series: [1, 2], fill: `${line}3d` }],
    hooks: {
      setCursor: [
        (self) => {
          const place = self.cursor.idx ?? null;
          onPlace(self.cursor.left === undefined || self.cursor.left < 0 ? null : place);
        },
      ],
    },
  };
}

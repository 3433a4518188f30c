// Looking back: pictures of one camera or several in step, above the timeline of what there is of them.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type Binding, useKeys } from "../../keys";
import { Nothing } from "../../parts/nothing";
import { may } from "../../state/access";
import { cameraList } from "../../state/session";
import { Bubble } from "./bubble";
import { PlayControls, ViewControls, ZOOM } from "./controls";
import { RATES } from "./deck";
import { Desk } from "./desk";
import { ExportList } from "./export_list";
import { Head } from "./head";
import { MarkPanel } from "./mark_panel";
import { addressOf, type Place, placeOf } from "./place";
import { panned, spanOf } from "./scale";
import { Stage } from "./stage";
import { Timeline } from "./timeline";
import "./footage.css";
import "./timeline.css";

const WALL_PX = 1800;
const MOST = 4;
const MOST_ON_A_WALL = 9;
const STEP_MS = 10_000;
const SHORT_STEP_MS = 5000;

export function Footage() {
  const { url } = useLocation();
  const place = placeOf(url);
  if (place.cameras.length === 0 && cameraList.value.length === 0)
    return (
      <Nothing
        icon="footage"
        title="There is no camera yet"
        text="Once there is one, what it sees can be looked at again here."
        action={
          may("cameras.manage") && (
            <a class="button primary" href="/cameras/new">
              Add a camera
            </a>
          )
        }
      />
    );
  return <Looked place={place} />;
}

function Looked({ place }: { place: Place }) {
  const desk = useMemo(() => new Desk(), []);
  const most = innerWidth >= WALL_PX ? MOST_ON_A_WALL : MOST;
  useEffect(() => desk.start(), []);
  // What the address names is shown when it is another one: a link was followed, or one went back.
  useEffect(() => {
    // Which camera is the first one may change later: that is no reason to leave what is looked at.
    const named =
      place.cameras.length > 0
        ? place.cameras
        : cameraList
            .peek()
            .map((one) => one.id)
            .slice(0, 1);
    void desk.open({ ...place, cameras: named.slice(0, most) });
  }, [addressOf(place)]);
  useKeys("Footage", keysOf(desk, most));
  return (
    <div class="footage">
      <div class="footage-main">
        <Head desk={desk} most={most} />
        <Stage desk={desk} />
        <PlayControls desk={desk} />
        <Bar desk={desk} />
        <ViewControls desk={desk} />
        <MarkPanel desk={desk} />
      </div>
      {may("footage.export") && <ExportList />}
    </div>
  );
}

function Bar({ desk }: { desk: Desk }) {
  const bar = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (bar.current !== null) observer.observe(bar.current);
    return () => observer.disconnect();
  }, []);
  const problem = desk.held.problem.value;
  return (
    <div class="footage-bar" ref={bar}>
      <Bubble desk={desk} width={width} />
      <Timeline desk={desk} />
      {problem !== "" && (
        <p class="error footage-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function keysOf(desk: Desk, most: number): Binding[] {
  const { deck } = desk;
  const faster = (by: 1 | -1) => {
    const next = RATES[RATES.indexOf(deck.rate.value as (typeof RATES)[number]) + by];
    if (next !== undefined) deck.setRate(next);
  };
  const arrow = (direction: 1 | -1) => {
    if (deck.isPlaying.value || deck.isLive.value) desk.jump(direction * SHORT_STEP_MS);
    else deck.step(direction);
  };
  const pan = (direction: 1 | -1) =>
    desk.show(panned(desk.view.value, (direction * spanOf(desk.view.value)) / 4));
  return [
    { keys: " ", does: "Play or pause", act: () => deck.toggle() },
    { keys: "k", does: "Play or pause", act: () => deck.toggle() },
    { keys: "j", does: "10 seconds back", act: () => desk.jump(-STEP_MS), mayRepeat: true },
    { keys: "l", does: "10 seconds on", act: () => desk.jump(STEP_MS), mayRepeat: true },
    { keys: "ArrowLeft", does: "5 seconds back; paused: one picture", act: () => arrow(-1), mayRepeat: true },
    { keys: "ArrowRight", does: "5 seconds on; paused: one picture", act: () => arrow(1), mayRepeat: true },
    { keys: ",", does: "One picture back", act: () => deck.step(-1), mayRepeat: true },
    { keys: ".", does: "One picture on", act: () => deck.step(1), mayRepeat: true },
    { keys: "<", does: "Slower", act: () => faster(-1) },
    { keys: ">", does: "Faster", act: () => faster(1) },
    { keys: "p", does: "The event or motion before", act: () => desk.goTo(-1) },
    { keys: "n", does: "The next event or motion", act: () => desk.goTo(1) },
    { keys: "+", does: "Show less time", act: () => desk.zoom(1 / ZOOM), mayRepeat: true },
    // Where + is typed with Shift, who presses its key without means the same.
    { keys: "=", does: "Show less time", act: () => desk.zoom(1 / ZOOM), mayRepeat: true },
    { keys: "-", does: "Show more time", act: () => desk.zoom(ZOOM), mayRepeat: true },
    { keys: "Shift+ArrowLeft", does: "Move the timeline back", act: () => pan(-1), mayRepeat: true },
    { keys: "Shift+ArrowRight", does: "Move the timeline on", act: () => pan(1), mayRepeat: true },
    {
      keys: "i",
      needs: "footage.export",
      does: "A marked time begins here",
      act: () => desk.markEnd("fromMs"),
    },
    { keys: "o", needs: "footage.export", does: "A marked time ends here", act: () => desk.markEnd("toMs") },
    { keys: "Escape", needs: "footage.export", does: "Mark nothing", act: () => desk.unmark() },
    { keys: "m", does: "Sound on or off", act: () => deck.setMuted(!deck.isMuted.value) },
    { keys: "End", does: "Now, live", act: () => desk.goLive() },
    ...cameraKeys(desk, most),
  ];
}

function cameraKeys(desk: Desk, most: number): Binding[] {
  return cameraList.value.slice(0, 9).flatMap(({ id, name }, i) => [
    { keys: String(i + 1), does: `${name} alone`, act: () => desk.only(id) },
    { keys: `a ${i + 1}`, does: `${name} besides, or not`, act: () => desk.choose(id, most) },
  ]);
}

// The frame of every screen: where one can go, how the box is doing, and the screen itself.

import { useEffect, useRef } from "preact/hooks";
import { LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { fetched } from "./fetched";
import { KeysHelp, showKeys, useKeys } from "./keys";
import { Announcer } from "./parts/announcer";
import { ArmButton } from "./parts/arm_control";
import { Button } from "./parts/button";
import { DisplayButton } from "./parts/display";
import { Icon, type IconName } from "./parts/icon";
import { leave } from "./parts/leaving";
import { Mishap } from "./parts/mishap";
import { NoSuchScreen, NotForYou } from "./parts/no_screen";
import type { Tone } from "./parts/signs";
import { Toasts } from "./parts/toasts";
import { Entry } from "./screens/entry/entry";
import { LoginAgain } from "./screens/entry/login";
import { Live } from "./screens/live/live";
import { access, hasEnded, may } from "./state/access";
import { followArm } from "./state/arm";
import { isInReach } from "./state/reach";
import { camerasDown, connection, health, isLoaded, openAlerts, retry, start } from "./state/session";
import { isKnown } from "./state/who";
import { count } from "./words";

const Events = lazy(() => fetched(() => import("./screens/events/events")).then((it) => it.Events));
const Story = lazy(() => fetched(() => import("./screens/story/story")).then((it) => it.Story));
const Footage = lazy(() => fetched(() => import("./screens/footage/footage")).then((it) => it.Footage));
const Alerts = lazy(() => fetched(() => import("./screens/alerts/alerts")).then((it) => it.Alerts));
const Cameras = lazy(() => fetched(() => import("./screens/cameras/cameras")).then((it) => it.Cameras));
const Zones = lazy(() => fetched(() => import("./screens/zones/zones")).then((it) => it.Zones));
const Access = lazy(() => fetched(() => import("./screens/access/access")).then((it) => it.Access));
const System = lazy(() => fetched(() => import("./screens/system/system")).then((it) => it.System));

// The others are had once the first pictures are there, so that they open at once, and without a network too.
const AFTER_FIRST_PICTURES_MS = 8000;
const haveOthers = () => {
  for (const screen of [Events, Story, Footage, Alerts, Cameras, Zones, System, Access])
    void screen.preload();
};

interface Place {
  path: string;
  name: string;
  icon: IconName;
  needs: string;
}

/** Where one can go; the key after `G` is the first letter. */
const PLACES: Place[] = [
  { path: "/", name: "Live", icon: "live", needs: "cameras.view" },
  { path: "/events", name: "Events", icon: "events", needs: "events.view" },
  { path: "/footage", name: "Footage", icon: "footage", needs: "footage.view" },
  { path: "/alerts", name: "Alerts", icon: "alert", needs: "alerts.view" },
  { path: "/cameras", name: "Cameras", icon: "camera", needs: "cameras.view" },
  { path: "/system", name: "System", icon: "system", needs: "system.view" },
  { path: "/access", name: "Access", icon: "lock", needs: "page" },
];

/** The page for whoever is known; everybody else is asked who it is. */
export function App() {
  const isIn = isKnown(access.value);
  useEffect(() => {
    if (isIn) void start();
  }, [isIn]);
  if (!isIn) return <Entry />;
  return (
    <LocationProvider>
      <Shell />
      <LoginAgain />
    </LocationProvider>
  );
}

function Shell() {
  const { path, route } = useLocation();
  useEffect(followArm, []);
  useKeys("Anywhere", [
    ...open().map((place) => ({
      keys: `g ${place.name.charAt(0).toLowerCase()}`,
      does: `Go to ${place.name}`,
      act: () => leave(() => route(place.path)),
    })),
  ]);
  return (
    <div class="shell">
      <a class="skip" href="#screen">
        Skip to the content
      </a>
      <Places path={path} />
      <div class="shell-body">
        <Banner />
        <Screen path={path} />
      </div>
      <Toasts />
      <Announcer />
      <KeysHelp />
    </div>
  );
}

function Places({ path }: { path: string }) {
  return (
    <nav class="places" aria-label="Screens">
      <a class="brand" href="/" aria-label="Nightjar: live">
        <img src="/static/icon.svg" alt="" width="32" height="32" />
        <span>Nightjar</span>
      </a>
      <ul>
        {open().map((place) => (
          <li key={place.path}>
            <a href={place.path} aria-current={isAt(path, place.path) ? "page" : undefined}>
              <Icon name={place.icon} />
              <span>{place.name}</span>
              <Mark of={place.path} />
            </a>
          </li>
        ))}
      </ul>
      <div class="places-foot">
        <ArmButton />
        <HealthLink />
        <div class="places-buttons">
          <DisplayButton kind="quiet" />
          <Button kind="quiet" icon="keyboard" label="Keys" onClick={showKeys} />
        </div>
      </div>
    </nav>
  );
}

/** The places that whoever looks may see. */
const open = () => PLACES.filter((place) => may(place.needs));

const isAt = (path: string, place: string) =>
  place === "/" ? path === "/" : path === place || path.startsWith(`${place}/`);

/** What waits at a place: open alerts, and that something of the box is not well. */
function Mark({ of }: { of: string }) {
  if (of === "/alerts" && openAlerts.value.length > 0) {
    const n = openAlerts.value.length;
    return (
      <span class="mark">
        {n > 99 ? "99+" : n}
        <span class="unseen"> open</span>
      </span>
    );
  }
  const level = health.value?.level ?? "ok";
  if (of === "/system" && level !== "ok") {
    return (
      <span class="mark dot-mark" data-tone={level === "failed" ? "bad" : "warn"}>
        <span class="unseen"> needs attention</span>
      </span>
    );
  }
  return null;
}

/** How the box is doing, in a word or two, and where there is more of it. */
function stateOfBox(): readonly [text: string, tone: Tone, href: string] {
  const more = may("system.view") ? "/system" : "/cameras";
  if (!isInReach.value) return ["Disconnected", "bad", more];
  if (!isLoaded.value) return ["Connecting", "wait", more];
  const level = health.value?.level ?? "ok";
  if (level !== "ok") return ["Needs attention", level === "failed" ? "bad" : "warn", more];
  if (camerasDown.value > 0) return [`${count(camerasDown.value, "camera")} down`, "warn", "/cameras"];
  // Who is not told how the box is doing is not told that all of it is well.
  return [health.value === null ? "Connected" : "All is well", "good", more];
}

function HealthLink() {
  const [text, tone, href] = stateOfBox();
  return (
    <a class="state-link" href={href} data-tone={tone} data-connection={connection.value.word}>
      <span class="dot" aria-hidden="true" />
      <span>{text}</span>
    </a>
  );
}

/** Says that what is shown may be old, for as long as that is so. */
function Banner() {
  if (isInReach.value || hasEnded.value) return null;
  const { word, retryInS } = connection.value;
  return (
    <div class="banner">
      <Icon name="offline" />
      <p>
        {/* Said once: how the attempts go would be said again and again. */}
        <span role="alert">Nightjar does not answer. {isLoaded.value && "What you see may be old. "}</span>
        <span class="muted">{word === "lost" ? `Trying again in ${retryInS} s.` : "Trying again …"}</span>
      </p>
      <Button small disabled={word !== "lost" || !isLoaded.value} onClick={retry}>
        Try now
      </Button>
    </div>
  );
}

function Screen({ path }: { path: string }) {
  const place = PLACES.find((one) => isAt(path, one.path));
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = place === undefined || place.path === "/" ? "Nightjar" : `${place.name} · Nightjar`;
    // Whoever hears the page is told where they are now.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place?.path]);
  useEffect(() => {
    if (main.current !== null) main.current.scrollTop = 0;
  }, [path]);
  useEffect(() => {
    const timer = setTimeout(haveOthers, AFTER_FIRST_PICTURES_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main id="screen" class="screen" tabIndex={-1} ref={main} aria-label={place?.name ?? "Nightjar"}>
      {place !== undefined && !may(place.needs) ? (
        <NotForYou />
      ) : isLoaded.value ? (
        <Mishap path={path}>
          <Router>
            <Route path="/" component={Live} />
            <Route path="/events" component={Events} />
            <Route path="/events/:id" component={Story} />
            <Route path="/footage" component={Footage} />
            <Route path="/alerts" component={Alerts} />
            <Route path="/cameras" component={Cameras} />
            <Route path="/cameras/:id" component={Cameras} />
            <Route path="/cameras/:id/zones" component={Zones} />
            <Route path="/system" component={System} />
            <Route path="/access" component={Access} />
            <Route default component={NoSuchScreen} />
          </Router>
        </Mishap>
      ) : (
        <p class="muted pad" role="status">
          Asking the box …
        </p>
      )}
    </main>
  );
}

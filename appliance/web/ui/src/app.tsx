// The frame of every screen: where one can go, how the box is doing, and the screen itself.

import { useEffect, useRef } from "preact/hooks";
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { isDown } from "./camera_words";
import { KeysHelp, useKeys } from "./keys";
import { Announcer } from "./parts/announcer";
import { Icon, type IconName } from "./parts/icon";
import { Nothing } from "./parts/nothing";
import { Toasts } from "./parts/toasts";
import { Live } from "./screens/live/live";
import { cameraList, connection, health, isLoaded, openAlerts } from "./state/session";
import { ThemeButton } from "./theme";

const Events = lazy(() => import("./screens/events/events").then((it) => it.Events));
const Story = lazy(() => import("./screens/story/story").then((it) => it.Story));
const Footage = lazy(() => import("./screens/footage/footage").then((it) => it.Footage));
const Alerts = lazy(() => import("./screens/alerts/alerts").then((it) => it.Alerts));
const Cameras = lazy(() => import("./screens/cameras/cameras").then((it) => it.Cameras));
const System = lazy(() => import("./screens/system/system").then((it) => it.System));

interface Place {
  path: string;
  name: string;
  icon: IconName;
}

/** Where one can go, in the order of the keys 1 to 6 after `G`. */
const PLACES: Place[] = [
  { path: "/", name: "Live", icon: "live" },
  { path: "/events", name: "Events", icon: "events" },
  { path: "/footage", name: "Footage", icon: "footage" },
  { path: "/alerts", name: "Alerts", icon: "alert" },
  { path: "/cameras", name: "Cameras", icon: "camera" },
  { path: "/system", name: "System", icon: "system" },
];

export function App() {
  return (
    <LocationProvider>
      <Shell />
    </LocationProvider>
  );
}

function Shell() {
  const { path, route } = useLocation();
  useKeys("Anywhere", [
    ...PLACES.map((place) => ({
      keys: `g ${place.name.charAt(0).toLowerCase()}`,
      does: `Go to ${place.name}`,
      act: () => route(place.path),
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
        {PLACES.map((place) => (
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
        <HealthLink />
        <ThemeButton />
      </div>
    </nav>
  );
}

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

const CONNECTION_WORDS = { connecting: "Connecting", live: "Live", lost: "Disconnected" };

function HealthLink() {
  const { word } = connection.value;
  const level = word === "live" ? (health.value?.level ?? "ok") : word;
  const tones: Record<string, string> = {
    ok: "good",
    degraded: "warn",
    failed: "bad",
    lost: "bad",
    connecting: "wait",
  };
  const down = cameraList.value.filter(isDown).length;
  const isWell = level === "ok" && down === 0;
  const words = word !== "live" ? CONNECTION_WORDS[word] : isWell ? "All is well" : "Needs attention";
  const tone = level === "ok" && down > 0 ? "bad" : (tones[level] ?? "idle");
  return (
    <a class="state-link" href="/system" data-tone={tone} data-connection={word}>
      <span class="dot" aria-hidden="true" />
      <span>{words}</span>
    </a>
  );
}

/** Says that what is shown may be old, for as long as that is so. */
function Banner() {
  const { word, retryInS } = connection.value;
  const wasLost = useRef(false);
  if (word === "lost") wasLost.current = true;
  if (word === "live") wasLost.current = false;
  if (!wasLost.current) return null;
  return (
    <p class="banner" role="alert">
      <Icon name="offline" />
      <span>
        Nightjar does not answer. What you see may be old;{" "}
        {word === "lost" ? `trying again in ${retryInS} s.` : "trying again now."}
      </span>
    </p>
  );
}

function Screen({ path }: { path: string }) {
  const place = PLACES.find((one) => isAt(path, one.path));
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = place === undefined || place.path === "/" ? "Nightjar" : `${place.name} · Nightjar`;
    // Whoever hears the page is told where they are now; whoever has just come begins at the top.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place?.path]);
  return (
    <main id="screen" class="screen" tabIndex={-1} ref={main} aria-label={place?.name ?? "Nightjar"}>
      {isLoaded.value ? (
        <ErrorBoundary>
          <Router>
            <Route path="/" component={Live} />
            <Route path="/events" component={Events} />
            <Route path="/events/:id" component={Story} />
            <Route path="/footage" component={Footage} />
            <Route path="/alerts" component={Alerts} />
            <Route path="/cameras" component={Cameras} />
            <Route path="/cameras/:id" component={Cameras} />
            <Route path="/system" component={System} />
            <Route default component={NoSuchScreen} />
          </Router>
        </ErrorBoundary>
      ) : (
        <p class="muted pad" role="status">
          Asking the box …
        </p>
      )}
    </main>
  );
}

function NoSuchScreen() {
  return (
    <Nothing
      icon="footage"
      title="There is no such page"
      action={
        <a class="button" href="/">
          Go to the live pictures
        </a>
      }
    />
  );
}

// One camera: its picture, how it is, and everything that can be set.

import { useEffect, useRef, useState } from "preact/hooks";
import { get, wordsOf } from "../../api";
import { recordingWords } from "../../camera_words";
import { Icon } from "../../parts/icon";
import { may } from "../../state/access";
import { figures } from "../../state/session";
import { LiveScreen } from "../../video/live_screen";
import type { Camera, CameraAddress } from "../../wire";
import { AddressForm } from "./address_form";
import { DeleteCamera } from "./delete_camera";
import { DetectionSettings } from "./detection_settings";
import { Findings } from "./findings";
import { State } from "./list";
import { figuresOf, findingsOf } from "./measures";
import { RecordingSettings } from "./recording_settings";
import { type Save, save } from "./saving";
import { ScheduleSettings } from "./schedule_settings";
import { SwitchSetting, TextSetting } from "./settings";
import { Usual } from "./usual_strip";
import { ChangesPanel, ZonesPanel } from "./zones_panel";

const SETTLED_MS = 400;

export function CameraPage({ camera }: { camera: Camera }) {
  const [address, addressProblem] = useAddress(camera);
  const stats = figures.value.get(camera.id);
  const [recording, tone] = recordingWords(camera, stats);
  const isFixed = camera.managed_by === "file";
  return (
    <>
      <header class="screen-head">
        <a class="button quiet icon-only" href="/cameras" aria-label="All cameras">
          <Icon name="back" />
        </a>
        <h1>{camera.name}</h1>
        <State camera={camera} />
      </header>
      <div class="camera-page">
        <section class="camera-now" aria-label="Now">
          <div class="camera-picture">
            <LiveScreen camera={camera} stream="main" />
          </div>
          <p class="recorded" data-tone={tone}>
            <span class="dot" aria-hidden="true" />
            <span>{recording}</span>
          </p>
          <Findings items={findingsOf(camera, stats, address?.live_note)} />
          <Figures camera={camera} />
          <p class="buttons">
            <a class="button" href={`/?camera=${camera.id}`}>
              <Icon name="live" />
              <span>Live</span>
            </a>
            <a class="button" href={`/footage?camera=${camera.id}`}>
              <Icon name="footage" />
              <span>Footage</span>
            </a>
            <a class="button" href={`/events?camera=${camera.id}`}>
              <Icon name="events" />
              <span>Events</span>
            </a>
          </p>
          <Usual cameraId={camera.id} />
        </section>
        <div class="camera-settings">
          {may("cameras.manage") ? (
            <Settings camera={camera} address={address} addressProblem={addressProblem} />
          ) : (
            <ZonesPanel camera={camera} />
          )}
          {may("rules.view") && <ChangesPanel camera={camera} />}
          {may("cameras.manage") && !isFixed && <DeleteCamera camera={camera} />}
        </div>
      </div>
    </>
  );
}

interface SettingsProps {
  camera: Camera;
  address: CameraAddress | null;
  addressProblem: string | null;
}

/** Everything that can be set, for who may. */
function Settings({ camera, address, addressProblem }: SettingsProps) {
  const isFixed = camera.managed_by === "file";
  const keep: Save = (change, done) => save(camera, change, done);
  const part = { camera, save: keep };
  return (
    <>
      {isFixed && <Fixed camera={camera} />}
      <ZonesPanel camera={camera} />
      <fieldset class="settings-all" disabled={isFixed}>
        <legend class="unseen">Settings of {camera.name}</legend>
        <section class="panel form">
          <h2>General</h2>
          <TextSetting
            label="Name"
            value={camera.name}
            save={(name) => keep({ name: name.trim() }, `It is called ${name.trim()} now.`)}
          />
          <SwitchSetting
            label="Switched on"
            hint="Switched off it is neither watched nor recorded; its footage and events stay."
            value={camera.enabled}
            save={(enabled) => keep({ enabled }, `${camera.name} is switched ${enabled ? "on" : "off"}.`)}
          />
        </section>
        {address !== null && <AddressForm camera={camera} address={address} />}
        {address === null && addressProblem !== null && (
          <p class="panel error" role="alert">
            The address could not be read: {addressProblem}
          </p>
        )}
        <RecordingSettings {...part} />
        <ScheduleSettings {...part} isFixed={isFixed} />
        <DetectionSettings {...part} isFile={address?.address.startsWith("file:") ?? false} />
      </fieldset>
    </>
  );
}

function Figures({ camera }: { camera: Camera }) {
  const known = figuresOf(camera, figures.value.get(camera.id));
  if (known.length === 0) return null;
  return (
    <dl class="figures">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Fixed({ camera: { id, scene_managed_by } }: { camera: Camera }) {
  return (
    <p class="panel note">
      <Icon name="lock" />
      <span>
        This camera is set in the configuration file, in the entry of <code>[[cameras]]</code> with{" "}
        <code>id = "{id}"</code>. Change it there and start Nightjar again; here it can only be looked at
        {scene_managed_by === "file" ? "." : ", except for what is drawn on its picture."}
      </span>
    </p>
  );
}

/** Where the camera is read from, null until it is known or where it may not be, and why it is not; fetched anew with each change of it. */
function useAddress(camera: Camera): [CameraAddress | null, string | null] {
  const [address, setAddress] = useState<CameraAddress | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isKnown = useRef(false);
  useEffect(() => {
    if (!may("cameras.manage")) return;
    const stop = new AbortController();
    const ask = () =>
      get<CameraAddress>(`/cameras/${camera.id}/address`, stop.signal).then(
        ({ data }) => {
          isKnown.current = true;
          setAddress(data);
        },
        (refused) => !stop.signal.aborted && setProblem(wordsOf(refused)),
      );
    // Changes come in bursts; the last of them may be that the camera is gone.
    const timer = setTimeout(ask, isKnown.current ? SETTLED_MS : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [camera]);
  return [address, problem];
}

// How a trial went: the picture and what was found, or what is wrong and the next step.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../parts/icon";
import type { CameraTrialResult } from "../../wire";
import { tight } from "../../words";
import { factsOf, trialTitle } from "./measures";
import "./trial.css";

const CANNOT_PLAY = "This browser plays no H.265: here the camera will be shown as single pictures.";

interface Props {
  isTrying: boolean;
  /** The address is not known yet: the usual ones are tried. */
  isSearch?: boolean;
  result: CameraTrialResult | null;
}

export function Trial({ isTrying, isSearch, result }: Props) {
  return (
    <section class="trial" aria-live="polite" aria-busy={isTrying} aria-label="Test of the camera">
      {isTrying ? (
        <Trying isSearch={isSearch === true} />
      ) : result === null ? (
        <Untried />
      ) : (
        <Result result={result} />
      )}
    </section>
  );
}

function Untried() {
  return (
    <div class="trial-empty">
      <Icon name="camera" />
      <p class="muted">The camera's first picture comes here. Nothing is stored before you add it.</p>
    </div>
  );
}

function Trying({ isSearch }: { isSearch: boolean }) {
  return (
    <div class="trial-empty is-busy">
      <Icon name="camera" />
      <p>
        {isSearch
          ? "Trying the usual addresses, one after the other; this takes up to 30 seconds …"
          : "Connecting to the camera; this takes up to 15 seconds …"}
      </p>
    </div>
  );
}

function Result({ result }: { result: CameraTrialResult }) {
  const { ok, kind, message, stream, advice } = result;
  const url = useJpeg(result.picture);
  const tone = ok ? (kind === null ? "good" : "warn") : "bad";
  const notes = stream?.codec === "hevc" && !playsH265() ? [...advice, CANNOT_PLAY] : advice;
  return (
    <div class="trial-result panel" data-tone={tone} data-kind={kind ?? undefined}>
      {url !== null && <img src={url} alt="What the camera shows" />}
      <h2>
        <Icon name={ok ? "check" : "warn"} />
        <span>{trialTitle(result)}</span>
      </h2>
      <p>{message}</p>
      {ok && stream !== null && (
        <p class="muted small">
          {factsOf(stream)}
          {stream.gop_s !== null && tight(` · keyframe every ${Number(stream.gop_s.toFixed(1))} s`)}
        </p>
      )}
      {notes.length > 0 && (
        <ul class="advice small">
          {notes.map((text) => (
            <li key={text}>
              <Icon name="info" />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const playsH265 = () =>
  typeof MediaSource !== "undefined" && MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"');

/** An address of a JPEG in base64, for as long as it is shown. */
function useJpeg(base64: string | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (base64 === null) {
      setUrl(null);
      return;
    }
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [base64]);
  return url;
}

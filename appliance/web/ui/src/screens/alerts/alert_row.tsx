import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../api";
import { Button } from "../../parts/button";
import { isElsewhere } from "../../parts/current";
import { Icon } from "../../parts/icon";
import { Ago, Severity } from "../../parts/signs";
import { listen, nameOf } from "../../state/session";
import type { Alert, Event } from "../../wire";
import { WhyButton } from "./alert_why";

interface Props {
  alert: Alert;
  isChosen: boolean;
  /** The keyboard has come here: it takes the focus with it. */
  hasFocus: boolean;
  onChoose: () => void;
  onSeen: () => Promise<void>;
  onDismiss: () => void;
}

const STATE_WORDS = { open: "", acknowledged: "Acknowledged", dismissed: "Dismissed" };

/** What an alert tells of. */
export const whatOf = ({ summary, label, camera_id }: Alert) =>
  summary || `${label.charAt(0).toUpperCase()}${label.slice(1)} at ${nameOf(camera_id)}`;

/** One alert: what was seen where, by which rule, and what can be done with it. */
export function AlertRow({ alert, isChosen, hasFocus, onChoose, onSeen, onDismiss }: Props) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (hasFocus && !isElsewhere(".alerts-screen .virtual")) element.current?.focus({ preventScroll: true });
  }, [hasFocus]);
  const { camera_id, rule_name, severity, state, created_at, event_id } = alert;
  const [version, setVersion] = usePicture(alert);
  const name = nameOf(camera_id);
  const title = whatOf(alert);
  const doneAt = alert.dismissed_at ?? alert.acknowledged_at;
  return (
    <article
      ref={element}
      class="alert-row"
      tabIndex={-1}
      aria-label={title}
      aria-current={isChosen || undefined}
      onPointerDown={onChoose}
      onFocusIn={({ target, currentTarget }) => target !== currentTarget && onChoose()}
      data-state={state}
      data-severity={severity}
    >
      <div class="alert-picture on-picture">
        {version !== null ? (
          <img
            src={`/api/v1/events/${event_id}/picture${version}`}
            alt=""
            loading="lazy"
            onError={() => setVersion(null)}
          />
        ) : (
          <Icon name="events" />
        )}
      </div>
      <div class="alert-text">
        <p class="alert-title">
          <a href={`/events/${event_id}`}>{title}</a>
        </p>
        <p class="muted small">
          <Severity of={severity} /> {rule_name} · {!title.includes(name) && `${name} · `}
          <Ago iso={created_at} />
        </p>
        {state !== "open" && (
          <p class="muted small">
            {STATE_WORDS[state]} {doneAt !== null && <Ago iso={doneAt} />}
          </p>
        )}
      </div>
      <span class="buttons">
        <WhyButton alert={alert} title={title} />
        {state === "open" && (
          <Button needs="alerts.handle" small icon="check" label={`Acknowledge: ${title}`} onClick={onSeen}>
            Acknowledge
          </Button>
        )}
        {state !== "dismissed" && (
          <Button needs="alerts.handle" small kind="quiet" label={`Dismiss: ${title}`} onClick={onDismiss}>
            Dismiss
          </Button>
        )}
      </span>
    </article>
  );
}

const LATE_MS = 60_000;

/**
 * Which version of an event's picture to show; null while there is none. An alert comes with the first sight of
 * something, and its picture a moment later, so that of a fresh one it is asked whether there is any.
 */
function usePicture({ event_id: id, created_at }: Alert): [string | null, (version: null) => void] {
  const isFresh = Date.now() - Date.parse(created_at) < LATE_MS;
  const [version, setVersion] = useState<string | null>(isFresh ? null : "");
  useEffect(() => {
    const stop = new AbortController();
    const take = ({ picture }: Event) =>
      picture !== null && setVersion(`?${new URLSearchParams({ v: picture })}`);
    const end = listen({
      message: (said) => void (said.type === "event_updated" && said.data.id === id && take(said.data)),
    });
    if (isFresh)
      get<Event>(`/events/${id}`, stop.signal).then(
        ({ data }) => take(data),
        () => undefined,
      );
    return () => {
      end();
      stop.abort();
    };
  }, [id]);
  return [version, setVersion];
}

"""A clip that the real appliance watches in real time, held against what is known to be in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.domain.time import US_PER_S
from appliance.store.times import us_of_iso
from tests.support.listener import Heard, Json, Listener
from tests.support.server import Server

TOLERANCE_S = 1.5
"""How far an event's start and last sight may lie from the truth."""

FOLLOWED = "events,detections,system"
LAST_EVENT_S = 6.0
"""How long after the end of a clip its last event may take to end."""

SOON_S = 5.0
"""How long a message may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Span:
    """One visit of the truth, in seconds of the clip."""

    name: str
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One event, in seconds of the clip."""

    label: str
    state: str
    first_s: float
    last_s: float

    def __str__(self) -> str:
        return f"{self.label} {self.first_s:.2f}–{self.last_s:.2f} s ({self.state})"

    def fits(self, span: Span) -> bool:
        """Return whether both ends lie within the tolerance of the visit's."""
        return max(abs(self.first_s - span.first_s), abs(self.last_s - span.last_s)) <= TOLERANCE_S

    def lies_in(self, span: Span) -> bool:
        """Return whether it is a part of what happens there, within the tolerance."""
        return span.first_s - TOLERANCE_S <= self.first_s and self.last_s <= span.last_s + TOLERANCE_S


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that was learnt of one pass of a clip.

    Attributes:
        zero_us: the wall time of the clip's first picture.
        heard: every message, in order.
        listed: the events of the REST list, newest first.
        frames: what became of the frames, from the metrics.
    """

    zero_us: int
    heard: Sequence[Heard]
    listed: Sequence[Json]
    frames: Sequence[str]

    def told(self) -> list[Seen]:
        """Return the events as the WebSocket's client knows them in the end, by their start."""
        return self._seen(known(self.heard).values())

    def rows(self) -> list[Seen]:
        """Return the events of the REST list, by their start."""
        return self._seen(self.listed)

    def delays_ms(self) -> list[float]:
        """Return for each event the milliseconds from the picture that confirmed it to the client."""
        created = [heard for heard in self.heard if heard.type == "event_created"]
        return [(h.at_us - us_of_iso(h.data["last_seen_at"])) / 1000 for h in created]

    def report(self, truth: Sequence[Span]) -> str:
        """Return what was seen beside the truth, for a person."""
        spans = [f"{span.name} {span.first_s:.2f}–{span.last_s:.2f} s" for span in truth]
        delays = [f"{delay:.0f}" for delay in self.delays_ms()]
        seen = [str(event) for event in self.rows()]
        return "\n".join(["truth:", *spans, "seen:", *seen, "created after ms:", *delays, *self.frames])

    def _seen(self, events: Iterable[Json]) -> list[Seen]:
        seen = [
            Seen(e["label"], e["state"], self._clip_s(e["started_at"]), self._clip_s(e["last_seen_at"]))
            for e in events
        ]
        return sorted(seen, key=lambda event: event.first_s)

    def _clip_s(self, iso: str) -> float:
        return (us_of_iso(iso) - self.zero_us) / US_PER_S


async def watched(server: Server, listener: Listener, camera: str, longest_s: float) -> Watched:
    """Wait until a camera's clip has been played, and return what was seen in it.

    An RTSP server plays its clip again for the reader that connects anew, of which nothing is waited for.

    Args:
        server: has that camera alone.
        listener: follows ``FOLLOWED``.
        camera: its id.
        longest_s: after which the clip must have ended.
    """
    await played(listener, camera, longest_s)
    listed = await server.every("events", camera=camera)
    await listener.until(lambda so_far: known(so_far.heard) == by_id(listed), SOON_S)
    metrics = (await server.text("metrics")).splitlines()
    frames = [line for line in metrics if line.startswith("nightjar_detection_frames_total")]
    heard = tuple(listener.heard)
    return Watched(clip_zero_us(heard), heard, listed, frames)


def by_id(events: Iterable[Json]) -> dict[str, Json]:
    """Return events by their id."""
    return {event["id"]: event for event in events}


def known(heard: Iterable[Heard]) -> dict[str, Json]:
    """Return the events by their id as a client knows them that followed these messages."""
    events: dict[str, Json] = {}
    for one in heard:
        if one.type in {"event_created", "event_updated"}:
            events[one.data["id"]] = one.data
        elif one.type == "event_deleted":
            del events[one.data["id"]]
    return events


async def played(listener: Listener, camera: str, longest_s: float) -> None:
    """Wait until a camera that was online is so no more, and what it saw has ended.

    Raises:
        AssertionError: the clip did not begin or end.
    """

    def status(said: Heard, *wanted: str) -> bool:
        return said.type == "camera_status" and said.data["id"] == camera and said.data["status"] in wanted

    await listener.first(lambda said: status(said, "online"))
    await listener.first(lambda said: status(said, "ended", "offline"), longest_s)
    await listener.until(
        lambda so_far: all(event["state"] != "open" for event in known(so_far.heard).values()), LAST_EVENT_S
    )


def clip_zero_us(heard: Iterable[Heard]) -> int:
    """Return the wall time of a clip's first picture, from what was said of its camera.

    A camera is anchored at its first packet: no later than the moment at which it is said to be online, and
    no later than its first analysed frame. Both lie a little after it; the earlier one is the better bound.
    """
    stated = [
        us_of_iso(h.data["status_since"])
        for h in heard
        if h.type == "camera_status" and h.data["status"] == "online"
    ]
    analysed = [us_of_iso(h.data["at"]) for h in heard if h.type == "detection_created"]
    return min(stated + analysed)

"""Whether what was decided again is what is stored, and if not, every difference as a sentence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.replay.archive import Archive
from appliance.replay.difference import Difference, Way, differences
from appliance.replay.repeat import Repeated
from appliance.replay.rows import Row
from appliance.store.times import iso_of_us

SINGULAR = {"batches": "batch", "events": "event", "alerts": "alert", "candidates": "candidate"}
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and the camera at which it is."""

    camera: CameraId
    difference: Difference


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay with the settings of the day found.

    Attributes:
        deleted: things that were decided, and that their owner has deleted since.
        notes: what a person should know of the replay itself.
    """

    events: int
    alerts: int
    frames: int
    deleted: int
    found: tuple[Found, ...]
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        what = f"{_counted(self.events, 'event')}, {_counted(self.alerts, 'alert')}"
        count = len(self.found)
        return f"{what}: {'the same' if not count else _counted(count, 'difference')}"


def judge(archive: Archive, repeated: Iterable[Repeated], from_us: WallUs, to_us: WallUs) -> Verdict:
    """Compare what was decided again with what is stored, id for id and field for field."""
    deletions = Deletions(archive)
    events = alerts = frames = deleted = 0
    found: list[Found] = []
    notes: list[str] = []
    for one in repeated:
        stored = archive.rows(one.camera, one.from_us, to_us)
        events += len(one.rows["events"])
        alerts += len(one.rows["alerts"])
        frames += one.frames
        gone = deletions.of(one)
        for difference in differences(stored, one.rows):
            if difference.way is Way.COME and difference.row["id"] in gone:
                deleted += 1
            else:
                found.append(Found(one.camera, difference))
        notes += _notes(one, from_us)
    return Verdict(events, alerts, frames, deleted, tuple(found), tuple(notes))


class Deletions:
    """Knows what owners have deleted: it was said, or is so long ago that it is not known any more."""

    def __init__(self, archive: Archive) -> None:
        self._said = archive.deleted_events()
        self._since_us = archive.remembered_from_us()

    def of(self, repeated: Repeated) -> frozenset[str]:
        """Return the ids of everything that a camera's decisions made and that may be deleted."""
        rows = repeated.rows
        events = {key for key, row in rows["events"].items() if self._is_gone(row)}
        batches = {rows["events"][key]["batch_id"] for key in events}
        others = (
            key
            for table in ("alerts", "candidates")
            for key, row in rows[table].items()
            if row["event_id"] in events
        )
        return frozenset({*events, *batches, *others})

    def _is_gone(self, event: Row) -> bool:
        return event["id"] in self._said or self._since_us is None or event["last_seen_us"] < self._since_us


def sentence_of(found: Found) -> str:
    """Return one difference as a line for a person."""
    difference = found.difference
    row = difference.row
    name = f"{found.camera}: {SINGULAR[difference.table]} {row['id']}"
    about = row.get("summary") or row.get("reason") or ""
    at = iso_of_us(row.get("started_us", row.get("created_us", 0)))
    if difference.way is Way.GONE:
        return f"{name} ({about}, {at}) is stored and was not decided again"
    if difference.way is Way.COME:
        return f"{name} ({about}, {at}) was decided again and is not stored"
    fields = "; ".join(
        f"{field} {_short(before)}, again {_short(after)}" for field, before, after in difference.fields
    )
    return f"{name} ({about}, {at}): {fields}"


def _notes(one: Repeated, from_us: WallUs) -> Iterator[str]:
    if one.from_us > from_us:
        yield f"{one.camera}: what is stored of it begins at {iso_of_us(one.from_us)}"
    if one.breaks:
        yield f"{one.camera}: {_counted(one.breaks, 'break')}: frames were lost while the database was behind"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

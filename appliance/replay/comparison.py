"""What would have been different with other settings: which events and alerts go, come or are others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.replay.difference import different_fields
from appliance.replay.repeat import Repeated
from appliance.replay.rows import Row, Rows

SAME_RATIO = 0.5
"""Two events of a camera are of one object when they have that part of the shorter one's time in common."""
MATTERS = {
    "events": ("label", "severity", "zones", "state", "kind"),
    "alerts": ("label", "severity"),
}
"""What is worth a line when it is different: a sentence that says 3 s more is not."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event or alert that would have been different.

    Attributes:
        what: ``event`` or ``alert``.
        id: as it is or would have been named.
        at_us: when the event began, or the alert was made.
        reason: why it is different, as far as it is known.
    """

    what: str
    id: str
    camera_id: str
    label: str
    at_us: WallUs
    summary: str
    reason: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are."""

    events: int
    alerts: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that would have been different, oldest first."""

    frames: int
    before: Count
    after: Count
    gone: tuple[Item, ...]
    come: tuple[Item, ...]
    changed: tuple[Item, ...]

    @property
    def sentence(self) -> str:
        """The whole as one sentence."""
        parts = [self._part("alert", self.before.alerts, self.after.alerts)]
        parts.append(self._part("event", self.before.events, self.after.events))
        return f"{'; '.join(parts)}."

    def _part(self, what: str, before: int, after: int) -> str:
        gone = sum(item.what == what for item in self.gone)
        come = sum(item.what == what for item in self.come)
        if not gone and not come:
            return f"{_counted(after, what)} as before"
        going = f"{gone or 'none'} {'goes' if gone == 1 else 'go'}"
        coming = f"{come or 'none'} {'comes' if come == 1 else 'come'}"
        return f"{_counted(after, what)} instead of {before}: {going}, {coming}"


def compare(repeated: Iterable[Repeated]) -> Comparison:
    """Return what other settings would have made different, from replays in which they were supposed."""
    sides = [_Side(one.rows, one.supposed or one.rows) for one in repeated]
    return Comparison(
        frames=sum(one.frames for one in repeated),
        before=_count(side.before for side in sides),
        after=_count(side.after for side in sides),
        gone=_in_order(item for side in sides for item in side.gone()),
        come=_in_order(item for side in sides for item in side.come()),
        changed=_in_order(item for side in sides for item in side.changed()),
    )


class _Side:
    """One camera's rows, with the settings of the day and with others."""

    def __init__(self, before: Rows, after: Rows) -> None:
        self.before = before
        self.after = after
        # Which event, and which alert, of the day is which one of the others.
        self._same = _same_events(before["events"], after["events"])
        self._same |= _same_alerts(before["alerts"], after["alerts"], self._same)
        self._former = {after_id: before_id for before_id, after_id in self._same.items()}

    def gone(self) -> Iterator[Item]:
        """Yield what there would not have been."""
        for table in MATTERS:
            for key, row in self.before[table].items():
                if key not in self._same:
                    yield _item(table, row, self._reason(table, row, self.after, self._same))

    def come(self) -> Iterator[Item]:
        """Yield what there would have been besides."""
        for table in MATTERS:
            for key, row in self.after[table].items():
                if key not in self._former:
                    yield _item(table, row, self._reason(table, row, self.before, self._former))

    def changed(self) -> Iterator[Item]:
        """Yield what would have been another way."""
        for table, names in MATTERS.items():
            for key, row in self.before[table].items():
                other = self.after[table].get(self._same.get(key, ""))
                if other is None:
                    continue
                fields = [field for field in different_fields(row, other) if field[0] in names]
                if fields:
                    yield _item(table, other, "; ".join(_changed(*field) for field in fields))

    def _reason(self, table: str, row: Row, there: Rows, same: dict[str, str]) -> str:
        """Return why something of one side is not on the other, as that one's candidates say it."""
        if table == "events":
            return _why_no_event(row, there)
        event_id = same.get(row["event_id"])
        if event_id is None:
            return "there is no such event"
        for candidate in there["candidates"].values():
            if candidate["event_id"] == event_id and candidate["rule_id"] == row["rule_id"]:
                return str(candidate["reason"])
        return f"{row['rule_name']} makes no alert of it"


def _same_events(before: dict[str, Row] | Any, after: dict[str, Row] | Any) -> dict[str, str]:
    """Return which event of one side is which of the other: by its id, else by label and time."""
    same = {key: key for key in before if key in after}
    free = [row for key, row in after.items() if key not in same]
    for key, row in before.items():
        if key in same:
            continue
        alike = [other for other in free if _is_same_visit(row, other)]
        if alike:
            best = max(alike, key=lambda other: (_common_us(row, other), other["id"]))
            free.remove(best)
            same[key] = best["id"]
    return same


def _same_alerts(before: Any, after: Any, events: dict[str, str]) -> dict[str, str]:
    """Return which alert of one side is which of the other: by its id, else by its rule and event."""
    same = {key: key for key in before if key in after}
    free = {(row["rule_id"], row["event_id"]): key for key, row in after.items() if key not in same}
    for key, row in before.items():
        other = free.get((row["rule_id"], events.get(row["event_id"])))
        if key not in same and other is not None:
            same[key] = other
    return same


def _is_same_visit(row: Row, other: Row) -> bool:
    shorter = min(_lasted_us(row), _lasted_us(other))
    return bool(row["label"] == other["label"] and _common_us(row, other) >= SAME_RATIO * shorter)


def _lasted_us(row: Row) -> int:
    return int(row["last_seen_us"] - row["started_us"])


def _common_us(row: Row, other: Row) -> int:
    """Return the time in which both were there; negative where there is none."""
    ends = min(row["last_seen_us"], other["last_seen_us"])
    return int(ends - max(row["started_us"], other["started_us"]))


def _why_no_event(event: Row, there: Rows) -> str:
    """Return why an event of one side is none on the other: what is known of its track there."""
    tracks = [
        candidate
        for candidate in there["candidates"].values()
        if candidate["what"] == "event" and _common_us(candidate, event) >= 0
    ]
    for candidate in tracks:
        if candidate["track_id"] == event["track_id"]:
            return str(candidate["reason"])
    return str(tracks[0]["reason"]) if tracks else "it is not followed as an object of its own"


def _changed(name: str, before: Any, after: Any) -> str:
    if name == "severity":
        return f"{name} {Severity(after).word} instead of {Severity(before).word}"
    if name == "zones":
        return f"in {_listed(after)} instead of {_listed(before)}"
    return f"{name} {after} instead of {before}"


def _listed(zones: str) -> str:
    return " and ".join(msgspec.json.decode(zones, type=list[str])) or "no zone"


def _item(table: str, row: Row, reason: str) -> Item:
    at_us = row["started_us"] if table == "events" else row["created_us"]
    what = table.removesuffix("s")
    return Item(what, row["id"], row["camera_id"], row["label"], WallUs(at_us), row["summary"], reason)


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (item.at_us, item.camera_id, item.what, item.id)))


def _count(rows: Iterable[Rows]) -> Count:
    every = list(rows)
    return Count(sum(len(one["events"]) for one in every), sum(len(one["alerts"]) for one in every))


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"

"""``nightjar replay``: what a past time would be now, in words or as JSON."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.errors import InvalidInput, NotFound
from appliance.replay.archive import Archive
from appliance.replay.comparison import Comparison, Item, compare
from appliance.replay.crew import Tell, Wanted
from appliance.replay.crew import replay as replay_cameras
from appliance.replay.repeat import Repeated
from appliance.replay.supposition import NOTHING, Supposition
from appliance.replay.verdict import SINGULAR, Found, Verdict, judge, sentence_of
from appliance.store.journal import code_version
from appliance.store.times import iso_of_us, us_of_iso


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command is to do.

    Attributes:
        cameras: none for all.
        supposition: settings to be tried; ``None`` to see whether those of the day decide alike.
        as_json: print one JSON object instead of words.
    """

    data: Path
    from_us: WallUs
    to_us: WallUs
    cameras: tuple[str, ...] = ()
    supposition: Supposition | None = None
    as_json: bool = False


def time_of(name: str, text: str) -> WallUs:
    """Return a time that somebody wrote.

    Raises:
        InvalidInput: it is none, or says no zone.
    """
    try:
        return us_of_iso(text)
    except ValueError as err:
        example = "a time with its zone, such as 2026-11-23T15:04:05Z"
        raise InvalidInput(f"{name}: expected {example}, got {text!r}") from err


def replay(asked: Asked, announce: Callable[[str], None], tell: Tell) -> bool:
    """Replay, say what was found, and return whether it is something that should not be.

    Raises:
        InvalidInput: the time has no length.
        NotFound: nothing is stored of it, or there is no such camera.
    """
    if asked.from_us >= asked.to_us:
        raise InvalidInput("--from: expected a time before --to")
    with Archive(asked.data) as archive:
        wanted = Wanted(
            asked.data,
            chosen(archive.cameras(), asked.cameras),
            asked.from_us,
            asked.to_us,
            asked.supposition or NOTHING,
        )
        repeated = replay_cameras(wanted, len(os.sched_getaffinity(0)), tell)
        if asked.supposition is not None:
            return _say_comparison(asked, compare(repeated), announce)
        return _say_verdict(asked, judge(archive, repeated, asked.from_us, asked.to_us), repeated, announce)


def chosen(known: tuple[CameraId, ...], wanted: tuple[str, ...]) -> tuple[CameraId, ...]:
    """Return the cameras that are wanted; all where none is named.

    Raises:
        NotFound: nothing is stored of one, or of any.
    """
    if not known:
        raise NotFound("it is not stored yet how anything was decided: that begins with the first start")
    for camera in wanted:
        if camera not in known:
            raise NotFound(f"it is not stored how it was decided at a camera {camera!r}")
    return tuple(camera for camera in known if not wanted or camera in wanted)


def _say_comparison(asked: Asked, comparison: Comparison, announce: Callable[[str], None]) -> bool:
    if asked.as_json:
        announce(msgspec.json.encode(_time(asked) | comparison_json(comparison)).decode())
        return False
    announce(comparison.sentence)
    for sign, items in (("-", comparison.gone), ("+", comparison.come), ("~", comparison.changed)):
        for item in items:
            announce(f"{sign} {_line(item)}")
    return False


def _say_verdict(
    asked: Asked, verdict: Verdict, repeated: list[Repeated], announce: Callable[[str], None]
) -> bool:
    others = {version for one in repeated for version in one.versions} - {code_version()}
    if asked.as_json:
        announce(msgspec.json.encode(_time(asked) | _verdict_json(verdict, sorted(others))).decode())
        return bool(verdict.found)
    for found in verdict.found:
        announce(sentence_of(found))
    for note in verdict.notes:
        announce(note)
    if verdict.deleted:
        announce(f"{verdict.deleted} of what was decided has been deleted since")
    if others and verdict.found:
        announce(f"it was decided by another version of the program: {', '.join(sorted(others))}")
    announce(verdict.sentence)
    return bool(verdict.found)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as the command prints it and as the preview answers it."""
    before, after = comparison.before, comparison.after
    return {
        "frames": comparison.frames,
        "before": {"events": before.events, "alerts": before.alerts},
        "after": {"events": after.events, "alerts": after.alerts},
        "gone": list(map(_item_json, comparison.gone)),
        "come": list(map(_item_json, comparison.come)),
        "changed": list(map(_item_json, comparison.changed)),
        "sentence": comparison.sentence,
    }


def _verdict_json(verdict: Verdict, others: list[str]) -> dict[str, Any]:
    return {
        "frames": verdict.frames,
        "events": verdict.events,
        "alerts": verdict.alerts,
        "deleted": verdict.deleted,
        "same": not verdict.found,
        "differences": [_found_json(found) for found in verdict.found],
        "notes": list(verdict.notes),
        "other_versions": others,
        "sentence": verdict.sentence,
    }


def _found_json(found: Found) -> dict[str, Any]:
    difference = found.difference
    return {
        "camera_id": found.camera,
        "what": SINGULAR[difference.table],
        "id": difference.row["id"],
        "way": difference.way.value,
        "fields": [
            {"name": name, "stored": before, "again": after} for name, before, after in difference.fields
        ],
        "sentence": sentence_of(found),
    }


def _item_json(item: Item) -> dict[str, str]:
    return {
        "what": item.what,
        "id": item.id,
        "camera_id": item.camera_id,
        "label": item.label,
        "at": iso_of_us(item.at_us),
        "summary": item.summary,
        "reason": item.reason,
    }


def _time(asked: Asked) -> dict[str, str]:
    return {"from": iso_of_us(asked.from_us), "to": iso_of_us(asked.to_us)}


def _line(item: Item) -> str:
    return f"{iso_of_us(item.at_us)}  {item.camera_id}  {item.what} {item.id}  {item.summary}: {item.reason}"

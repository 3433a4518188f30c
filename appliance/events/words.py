"""Plain English for events and batches: counts, durations, sentences."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from appliance.domain.detection import MOTION_LABEL
from appliance.domain.event import OFFLINE_LABEL, TAMPERING_LABEL
from appliance.domain.tampering import Tampering

_IRREGULAR = {"person": "people", "mouse": "mice", "knife": "knives", "sheep": "sheep", "skis": "skis"}
MOST_LINES = 2
_HISSES = ("s", "x", "z", "ch", "sh")


def counted(label: str, number: int) -> str:
    """Return ``1 person``, ``2 people``, ``motion``: motion is not counted."""
    if label == MOTION_LABEL:
        return MOTION_LABEL
    return f"{number} {label if number == 1 else plural(label)}"


def plural(label: str) -> str:
    """Return the plural of a label."""
    if label in _IRREGULAR:
        return _IRREGULAR[label]
    return f"{label}es" if label.endswith(_HISSES) else f"{label}s"


def listed(parts: Iterable[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    words = list(parts)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def duration(seconds: float, *, is_over: bool) -> str:
    """Return how long something has lasted, rounded down: ``40 s``, ``3 min`` or ``2 h 10 min``.

    What still goes on is told in steps of 5 s, then of a minute, then of ten, and in its first 5 s not at
    all, so that the sentence it stands in, and with it the row, changes rarely.
    """
    whole = int(max(seconds, 0.0))
    if whole < 60:
        whole = max(whole, 1) if is_over else whole // 5 * 5
        return f"{whole} s" if whole else ""
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes // 10 * 10, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


PARKED = frozenset({"car", "truck", "bus", "van", "train", "motorcycle", "bicycle"})
"""What is parked where others stand."""


def staying(label: str, place: str) -> str:
    """Return a sentence such as ``1 car at Front door, parked there``.

    It says nothing of how long that is, so that the row of what stays does not change.

    Args:
        label: what it is.
        place: the camera's name.
    """
    text = f"{counted(label, 1)} at {place}, {'parked' if label in PARKED else 'standing'} there"
    return text[:1].upper() + text[1:]


def unreached(place: str, seconds: float | None) -> str:
    """Return a sentence such as ``Front door was not reached for 3 min``.

    Args:
        place: the camera's name.
        seconds: how long that lasted; ``None`` while it goes on, so that its row does not change.
    """
    lasted = "" if seconds is None else f" for {duration(seconds, is_over=True)}"
    return f"{place} was not reached{lasted}"


_SPOILT = {
    Tampering.COVERED: ("is covered", "was covered"),
    Tampering.MOVED: ("was moved", "was moved"),
    Tampering.OUT_OF_FOCUS: ("is out of focus", "was out of focus"),
}


def spoilt(place: str, how: Tampering, seconds: float | None) -> str:
    """Return a sentence such as ``Front door is covered``, or ``Front door was covered for 3 min``.

    Args:
        place: the camera's name.
        how: what is done to it.
        seconds: how long that lasted; ``None`` while it goes on, so that its row does not change.
    """
    now, then = _SPOILT[how]
    return f"{place} {now}" if seconds is None else f"{place} {then} for {duration(seconds, is_over=True)}"


def spoiling(how: Tampering) -> str:
    """Return what is done to a camera, such as ``was covered``."""
    return _SPOILT[how][1]


def _befallen(labels: Iterable[str]) -> str:
    """Return what befell a camera, such as ``was tampered with``; nothing where that is no such label."""
    words = {TAMPERING_LABEL: "tampered with", OFFLINE_LABEL: "not reached"}
    told = " and ".join(said for label, said in words.items() if label in labels)
    return f"was {told}" if told else ""


def sentence(
    labels: Iterable[str], place: str, seconds: float, *, is_over: bool, crossed: Iterable[str] = ()
) -> str:
    """Return a sentence such as ``2 people and 1 car at Front door for 3 min``, and ``, crossed Gate``.

    Args:
        labels: of the visits, one for each.
        place: the camera's name.
        seconds: how long it lasted so far.
        is_over: whether it goes on.
        crossed: names of the lines that were crossed, in order; each is said once, and at most two.
    """
    told = tuple(labels)
    befallen = _befallen(told)
    if not befallen:
        return _sentence(told, place, duration(seconds, is_over=is_over), tuple(crossed))
    seen = tuple(label for label in told if label not in (OFFLINE_LABEL, TAMPERING_LABEL))
    if not seen:
        return f"{place} {befallen}" + (f" for {duration(seconds, is_over=True)}" if is_over else "")
    # How long that was says nothing of how long somebody was there.
    return f"{_sentence(seen, place, '', tuple(crossed))}, which {befallen} meanwhile"


# It is asked for in each frame, and is another one every 5 s.
@lru_cache(maxsize=256)
def _sentence(labels: tuple[str, ...], place: str, lasted: str, crossed: tuple[str, ...]) -> str:
    counts = Counter(labels)
    motion_last = sorted(counts, key=lambda label: (label == MOTION_LABEL, -counts[label], label))
    what = listed(counted(label, counts[label]) for label in motion_last)
    lines = listed(list(dict.fromkeys(crossed))[:MOST_LINES])
    text = (
        f"{what} at {place}" + (f" for {lasted}" if lasted else "") + (f", crossed {lines}" if lines else "")
    )
    return text[:1].upper() + text[1:]

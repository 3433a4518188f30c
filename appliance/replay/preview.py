"""What a change of settings would have made of the last hours: JSON in, JSON out, in a process of its own."""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.errors import NightjarError
from appliance.replay.archive import Archive
from appliance.replay.command import chosen, comparison_json
from appliance.replay.comparison import compare
from appliance.replay.crew import Wanted, replay
from appliance.replay.supposition import Supposition
from appliance.store.times import iso_of_us

NICEST = 19
OOM_SCORE = 500
"""Of 1000, in ``proc(5)``: as the detection worker, it goes long before the recorder when memory runs out."""
MOST_ITEMS = 500
"""Of each of the three lists: nobody reads more of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know before they change a setting.

    Attributes:
        cameras: none for all.
    """

    from_us: WallUs
    to_us: WallUs
    cameras: tuple[CameraId, ...] = ()
    supposition: Supposition = field(default_factory=Supposition)


class Answer(msgspec.Struct, omit_defaults=True):
    """What a process of its own found: the preview as the API answers it, or why there is none."""

    preview: msgspec.Raw = msgspec.Raw(b"null")
    problem: str = ""


def answer(asked: bytes, data: Path) -> bytes:
    """Be that process: take a ``Question`` and return an ``Answer``; all else on the box goes first."""
    os.nice(NICEST)
    _be_first_to_go()
    question = msgspec.json.decode(asked, type=Question)
    try:
        return msgspec.json.encode(Answer(preview=msgspec.Raw(_preview(question, data))))
    except NightjarError as err:
        return msgspec.json.encode(Answer(problem=str(err)))


def _be_first_to_go() -> None:
    """Offer this process, and those it will start, to the kernel when memory runs out."""
    with contextlib.suppress(OSError):  # a kernel without it has no such choice
        Path("/proc/self/oom_score_adj").write_text(f"{OOM_SCORE}\n")


def _preview(question: Question, data: Path) -> bytes:
    with Archive(data) as archive:
        cameras = chosen(archive.cameras(), question.cameras)
    wanted = Wanted(data, cameras, question.from_us, question.to_us, question.supposition)
    found = comparison_json(compare(replay(wanted, len(os.sched_getaffinity(0)))))
    for name in ("gone", "come", "changed"):
        found[name] = found[name][:MOST_ITEMS]
    time = {"from": iso_of_us(question.from_us), "to": iso_of_us(question.to_us)}
    return msgspec.json.encode(time | found)

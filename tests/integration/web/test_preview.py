"""What other settings would have made of the last hours, over the API."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.domain.alert import Rule
from appliance.domain.arming import ArmHours, ArmState, Hours
from appliance.domain.ids import CameraId, RuleId
from appliance.domain.scene import Zone, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.errors import NotFound, Overloaded, TemporaryFailure
from appliance.events.settings import Settings as EventsSettings
from appliance.replay.preview import Question
from appliance.replay.previewer import Previewer
from appliance.replay.supposition import Drawn, Supposition
from appliance.runtime.clock import SystemClock
from appliance.store.engine import DATABASE
from tests.support.living import an_evening, living
from tests.support.sightings import CAMERA, NOON_US
from tests.support.source import ROOT
from tests.support.web import FakePreviewer, WebBox

PREVIEW = "/api/v1/preview"
SQUARE = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]
LATER_US = WallUs(NOON_US + 86_400_000_000)
WITHOUT_PEOPLE = Question(NOON_US, LATER_US, (CAMERA,), Supposition(removed_rule=RuleId("r1")))

RANKED = """
import sys
from pathlib import Path
from appliance.replay import preview
if __name__ == "__main__":
    preview.answer(sys.stdin.buffer.read(), Path(sys.argv[1]))
    print(Path("/proc/self/oom_score_adj").read_text())
"""
"""A program that is what the service asks for a preview, and says at its end how soon it may be ended."""


@pytest.fixture
async def recorded(tmp_path: Path) -> Path:
    """A data directory in which a camera's evening is stored."""
    async with living(tmp_path) as live:
        await an_evening(live)
        await live.trunk.committer.drain()
    return tmp_path


@pytest.fixture
def asked_for(box: WebBox) -> list[Question]:
    """What gets through to whoever makes previews."""
    assert isinstance(box.with_.previewer, FakePreviewer)
    return box.with_.previewer.asked


async def test_a_preview_says_what_goes_and_why(recorded: Path) -> None:
    """It is made by a process of its own, and is the answer that the API describes."""
    preview: Any = msgspec.json.decode(await Previewer(recorded, SystemClock()).preview(WITHOUT_PEOPLE))
    assert preview["before"]["events"] == preview["after"]["events"]
    assert preview["before"]["alerts"] - preview["after"]["alerts"] == len(preview["gone"]) > 0
    assert all(item["what"] == "alert" and item["reason"] for item in preview["gone"])
    assert preview["come"] == preview["changed"] == []
    assert preview["sentence"].startswith(f"{preview['after']['alerts']} alert")


async def test_there_is_one_at_a_time(recorded: Path) -> None:
    """Who asks meanwhile is told so at once, and may ask again after it."""
    previewer = Previewer(recorded, SystemClock())
    first = asyncio.ensure_future(previewer.preview(WITHOUT_PEOPLE))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="one at a time"):
        await previewer.preview(WITHOUT_PEOPLE)
    again = await first
    assert await previewer.preview(WITHOUT_PEOPLE) == again


async def test_one_that_takes_too_long_is_given_up(recorded: Path) -> None:
    """Its process is ended, and the next one gets its turn."""
    previewer = Previewer(recorded, SystemClock(), deadline_s=0.01)
    for _ in range(2):
        with pytest.raises(TemporaryFailure, match="fewer hours"):
            await previewer.preview(WITHOUT_PEOPLE)


async def test_a_time_of_which_nothing_is_stored_has_no_preview(recorded: Path) -> None:
    """It says which."""
    with pytest.raises(NotFound, match="attic"):
        await Previewer(recorded, SystemClock()).preview(Question(NOON_US, LATER_US, (CameraId("attic"),)))


async def test_its_process_goes_before_the_recorder_when_memory_runs_out(recorded: Path) -> None:
    """As the detection worker does: it offers itself to the kernel, and so do those that it starts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RANKED, str(recorded)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    said, _ = await process.communicate(msgspec.json.encode(WITHOUT_PEOPLE))
    assert said.split() == [b"500"]


def test_a_question_is_the_same_on_the_other_side() -> None:
    """With everything that can be supposed."""
    zone = Zone(ZoneId("drive"), "Drive", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), frozenset({"car"}))
    supposition = Supposition(
        names={CAMERA: "Door"},
        scenes={CAMERA: Drawn(zones=(zone,))},
        events=EventsSettings(silence_s=7.5),
        rule=Rule(RuleId("r"), "R", labels=frozenset({"dog"}), armed=frozenset({ArmState.AWAY})),
        arm_state=ArmState.NIGHT,
        arm_hours=(ArmHours(Hours(frozenset({0, 6}), 60, 120), ArmState.AWAY),),
    )
    question = Question(NOON_US, LATER_US, (CAMERA,), supposition)
    assert msgspec.json.decode(msgspec.json.encode(question), type=Question) == question


async def test_what_is_to_be_tried_is_asked_for(box: WebBox, asked_for: list[Question]) -> None:
    """A scene's lists that are named, a rule, one that is gone, and who is at home."""
    zone = {"id": "lawn", "name": "Lawn", "points": SQUARE}
    asked = {
        "hours": 2,
        "camera": "front",
        "scene": {"zones": [zone]},
        "rule": {"id": "r1", "name": "People", "labels": ["person"], "min_severity": "high"},
        "remove_rule": "r2",
        "arm": {"state": "away"},
    }
    assert (await box.ask("POST", PREVIEW, asked)).status == 200
    (question,) = asked_for
    assert question.to_us - question.from_us == 2 * 3600 * 1_000_000
    assert question.cameras == (CAMERA,)
    supposed = question.supposition
    drawn = supposed.scenes[CAMERA]
    assert [one.id for one in drawn.zones or ()] == ["lawn"]
    assert (drawn.lines, drawn.masks) == (None, None)
    assert supposed.rule == Rule(
        RuleId("r1"), "People", labels=frozenset({"person"}), min_severity=Severity.HIGH
    )
    assert (supposed.removed_rule, supposed.arm_state, supposed.arm_hours) == ("r2", ArmState.AWAY, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, None),
        ({"hours": 169, "remove_rule": "r"}, "hours"),
        ({"scene": {"zones": []}}, "camera"),
        ({"rule": {"name": "R", "labels": "dog"}}, "rule"),
        ({"camera": "front", "scene": {"zones": [{"id": "a", "name": "A", "points": SQUARE[:2]}]}}, "scene"),
    ],
)
async def test_what_makes_no_sense_is_refused(box: WebBox, asked: dict[str, Any], field: str | None) -> None:
    """Nothing to try, too long a time, and a scene of no camera among it."""
    answer = await box.ask("POST", PREVIEW, asked)
    assert answer.status == 422
    assert field is None or answer.json["field"].startswith(field)


async def test_before_anything_is_stored_there_is_no_preview(tmp_path: Path) -> None:
    """It says from when on there is one."""
    async with living(tmp_path) as live:
        await live.trunk.committer.drain()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        connection.execute("DELETE FROM snapshots")
        connection.commit()
    with pytest.raises(NotFound, match="first start"):
        await Previewer(tmp_path, SystemClock()).preview(WITHOUT_PEOPLE)

"""The history of settings, and how a change is undone."""

from typing import Any

import pytest

from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store import pipeline, setting_history
from tests.integration.web.test_scene import CAMERA, LINE, NOTHING, ZONE
from tests.support.rows import NOON_US, camera_row
from tests.support.web import Answer, WebBox

ARM, RULES, CHANGES = "/api/v1/arm", "/api/v1/rules", "/api/v1/setting_changes"
DAY_US = 86_400_000_000


async def changes(box: WebBox, subject: str = "") -> list[Any]:
    """Return the changes, newest first, of a subject or of all."""
    answer = await box.get(CHANGES + (f"?subject={subject}" if subject else ""))
    assert answer.status == 200, answer.body
    items: list[Any] = answer.json["items"]
    return items


async def undo(box: WebBox, change: Any) -> Answer:
    """Undo a change."""
    return await box.ask("POST", f"{CHANGES}/{change['id']}/undo")


async def patch(box: WebBox, path: str, **change: object) -> Any:
    """Change something, and return it."""
    answer = await box.ask("PATCH", path, change)
    assert answer.status == 200, answer.body
    return answer.json


async def provision(box: WebBox, name: str, at_us: int) -> None:
    """Start with a file that has one camera of that name."""
    cameras = [Camera(CameraId("front"), name, "demo:")]
    await box.spine.committer.commit(lambda c: pipeline.provision(c, cameras, WallUs(at_us)))


async def test_each_change_holds_the_fields_that_changed(box: WebBox) -> None:
    """And no others; a change that changes nothing, or only what decides nothing, leaves no row."""
    await box.add(camera_row())
    await patch(box, CAMERA, name="Door", labels=["person"], scene={"zones": [ZONE], "lines": []})
    await patch(box, CAMERA, name="Door", labels=["person"], scene={"zones": [ZONE]})
    await patch(box, CAMERA, enabled=False, recording={"mode": "off"})
    (change,) = await changes(box, "camera:front")
    assert change["before"] == {"name": "Front door", "labels": None, "zones": []}
    assert change["after"] == {"name": "Door", "labels": ["person"], "zones": [ZONE]}
    assert (change["undoes"], change["undone_by"]) == (None, None)


async def test_changes_are_listed_newest_first_and_by_pages(box: WebBox) -> None:
    """Of one subject, or of all."""
    await box.add(camera_row(), camera_row("yard"))
    for number in range(3):
        await patch(box, CAMERA, name=f"Front {number}")
        await patch(box, "/api/v1/cameras/yard", name=f"Yard {number}")
    names = [change["after"]["name"] for change in await changes(box)]
    assert names == ["Yard 2", "Front 2", "Yard 1", "Front 1", "Yard 0", "Front 0"]
    first = (await box.get(f"{CHANGES}?subject=camera:front&limit=2")).json
    second = (await box.get(f"{CHANGES}?subject=camera:front&limit=2&page={first['next']}")).json
    found = [change["after"]["name"] for page in (first, second) for change in page["items"]]
    assert (found, second["next"]) == (["Front 2", "Front 1", "Front 0"], None)


async def test_a_change_of_a_camera_is_undone(box: WebBox) -> None:
    """Only its own fields go back; that is a change itself, which can be undone again."""
    await box.add(camera_row())
    await patch(box, CAMERA, scene={"zones": [ZONE]}, detect_fps=3)
    await patch(box, CAMERA, scene={"lines": [LINE]}, name="Door")
    _, first = await changes(box)
    undone = await undo(box, first)
    assert (undone.status, undone.json["undoes"]) == (200, first["id"])
    assert (undone.json["before"], undone.json["after"]) == (first["after"], first["before"])
    camera = (await box.get(CAMERA)).json
    assert camera["scene"] == {**NOTHING, "lines": [LINE]}
    assert (camera["name"], camera["detect_fps"]) == ("Door", 5.0)
    assert (await changes(box))[-1]["undone_by"] == undone.json["id"]
    assert (await undo(box, undone.json)).status == 200
    camera = (await box.get(CAMERA)).json
    assert (camera["scene"]["zones"], camera["detect_fps"]) == ([ZONE], 3.0)


async def test_what_changed_again_is_not_undone(box: WebBox) -> None:
    """The newer change would be lost: it is said which field it is, and nothing is changed."""
    await box.add(camera_row())
    await patch(box, CAMERA, scene={"zones": [ZONE]}, name="Door")
    await patch(box, CAMERA, scene={"zones": [{**ZONE, "name": "Street"}]})
    first = (await changes(box))[-1]
    answer = await undo(box, first)
    assert answer.status == 409
    assert answer.json["detail"] == "zones changed again since; undo the newer change first"
    assert (await box.get(CAMERA)).json["name"] == "Door"
    assert len(await changes(box)) == 2


async def test_a_change_is_undone_once(box: WebBox) -> None:
    """The second time there is nothing to undo any more."""
    await box.add(camera_row())
    await patch(box, CAMERA, name="Door")
    (change,) = await changes(box)
    assert [(await undo(box, change)).status for _ in range(2)] == [200, 409]


async def test_the_file_manages_its_cameras_alone(box: WebBox) -> None:
    """Its changes are in the history, and are undone in the file."""
    for name in ("Front", "Front", "Door"):
        await provision(box, name, NOON_US)
    (change,) = await changes(box)
    assert (change["before"], change["after"]) == ({"name": "Front"}, {"name": "Door"})
    answer = await undo(box, change)
    assert (answer.status, "managed by the configuration file" in answer.json["detail"]) == (409, True)


async def test_what_the_file_did_not_draw_is_undone(box: WebBox) -> None:
    """Also of a camera that it manages."""
    await box.add(camera_row(managed_by="file"))
    await patch(box, CAMERA, scene={"zones": [ZONE]})
    (change,) = await changes(box)
    assert (await undo(box, change)).status == 200
    assert (await box.get(CAMERA)).json["scene"] == NOTHING


async def test_a_rule_that_was_deleted_comes_back(box: WebBox) -> None:
    """With its id and everything that it was; what it was before, too, when that is undone as well."""
    made = (await box.ask("POST", RULES, {"name": "Night", "zones": ["drive"], "min_severity": "high"})).json
    path = f"{RULES}/{made['id']}"
    changed = await patch(box, path, enabled=False, armed=["away"])
    await box.ask("DELETE", path)
    deletion, change, creation = await changes(box, f"rule:{made['id']}")
    assert (deletion["after"], creation["before"]) == (None, None)
    assert creation["after"] == {name: value for name, value in made.items() if name != "id"}
    assert (await undo(box, change)).json["detail"] == "the rule is gone; undo its deletion first"
    assert (await undo(box, deletion)).status == 200
    assert (await box.get(path)).json == changed
    again = await undo(box, deletion)
    assert (again.status, again.json["detail"]) == (
        409,
        "the rule is there again already; nothing was undone",
    )
    assert (await undo(box, change)).status == 200
    assert (await box.get(path)).json == made


async def test_a_rule_that_was_added_goes(box: WebBox) -> None:
    """Unless it was changed since."""
    made = (await box.ask("POST", RULES, {"name": "Night"})).json
    (creation,) = await changes(box)
    await patch(box, f"{RULES}/{made['id']}", cooldown_s=60)
    assert (await undo(box, creation)).json["detail"] == (
        "cooldown_s changed again since; undo the newer change first"
    )
    await patch(box, f"{RULES}/{made['id']}", cooldown_s=0)
    assert (await undo(box, creation)).json["after"] is None
    assert (await box.get(f"{RULES}/{made['id']}")).status == 404


async def test_arm_hours_have_a_history_and_the_state_has_none(box: WebBox) -> None:
    """Who comes and goes is no setting; undoing the hours leaves the state."""
    hours = [{"days": ["sun"], "from": "22:00", "to": "06:00", "state": "night"}]
    await box.ask("PUT", ARM, {"state": "away", "hours": hours})
    await box.ask("PUT", ARM, {"state": "home"})
    (change,) = await changes(box, "arm")
    assert (change["before"], change["after"]) == ({"hours": []}, {"hours": hours})
    assert (await undo(box, change)).status == 200
    arm = (await box.get(ARM)).json
    assert (arm["by_hand"], arm["hours"]) == ("home", [])


async def test_a_camera_that_is_gone_takes_its_history_along(box: WebBox) -> None:
    """Another one that gets its id is not set back to what the first one was."""
    await box.add(camera_row())
    await patch(box, CAMERA, name="Door")
    (change,) = await changes(box)
    await box.ask("DELETE", CAMERA)
    await box.add(camera_row(name="Door"))
    assert await changes(box) == []
    assert (await undo(box, change)).status == 404


@pytest.mark.parametrize("change_id", ["7", "x", "-1", "9" * 30])
async def test_a_change_that_is_not_there_is_not_found(box: WebBox, change_id: str) -> None:
    """Whatever stands for its number."""
    assert (await undo(box, {"id": change_id})).status == 404


async def test_changes_are_kept_for_a_while(box: WebBox) -> None:
    """The oldest go first, a portion at a time; what is younger stays."""
    await box.add(camera_row())
    for day in range(3):
        await provision(box, f"Front {day}", NOON_US + day * DAY_US)

    async def forget() -> int:
        before_us = WallUs(NOON_US + DAY_US + 1)
        return await box.spine.committer.commit(lambda c: setting_history.forget(c, before_us, 1))

    assert [await forget() for _ in range(3)] == [1, 1, 0]
    assert [change["after"]["name"] for change in await changes(box)] == ["Front 2"]

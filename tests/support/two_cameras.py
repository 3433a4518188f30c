"""A box of two cameras with everything that there can be of each, and everybody who may ask about it.

What belongs to a camera bears its word: ``mango`` or ``zebra`` is in its id, its name, its zones, the ids of
its events and files, its labels, summaries, reasons and figures. So whatever leaks shows itself.
"""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from appliance.accounts.caller import Caller
from appliance.domain.access import ALL_CAMERAS, Role, Scope, Sight
from appliance.domain.camera import CameraStats
from appliance.domain.footage import Export, ExportState
from appliance.domain.ids import CameraId, EventId, ExportId, SessionId, TokenId, UserId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.storage import Storage
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Level
from appliance.store.footage import save_export
from appliance.store.pictures import Pictures
from appliance.store.tables import ApiToken, Session, SettingChange, User
from tests.support.coded import packets_of
from tests.support.footage_files import VOLUME, record, write_footage
from tests.support.rows import (
    NOON_US,
    alert_row,
    batch_row,
    camera_row,
    candidate_row,
    detection_row,
    event_row,
    model_row,
)
from tests.support.watching import fanout_of
from tests.support.web import JPEG, FakeAccounts, FakeCameras, FakeStats, WebBox, web_box

MINE, THEIRS = "mango", "zebra"
"""The two cameras: of which one the limited principals may know, and the other one."""

SEES_MINE, SEES_THEIRS = (Sight(frozenset({CameraId(word)})) for word in (MINE, THEIRS))


@dataclass(frozen=True)
class Somebody:
    """Who asks, by what is shown.

    Attributes:
        caller: ``None`` is nobody.
    """

    name: str
    caller: Caller | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What each request shows: the name stands for the secret."""
        if self.caller is None:
            return {}
        if self.caller.scope is not None:
            return {"Authorization": f"Bearer {self.name}"}
        return {"Cookie": f"nightjar={self.name}", "Sec-Fetch-Site": "same-origin"}

    def sees(self, camera: str) -> bool:
        """Return whether that camera may be known of."""
        return self.caller is not None and self.caller.sight.sees(CameraId(camera))

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden."""
        return self.caller is not None and self.caller.sight == ALL_CAMERAS


def user(name: str, role: Role, sight: Sight = ALL_CAMERAS) -> Somebody:
    """Return a user who is logged in."""
    return Somebody(name, Caller(SessionId(f"session of {name}"), UserId(name), name, role, None, sight))


def token(name: str, scope: Scope, sight: Sight = ALL_CAMERAS) -> Somebody:
    """Return a program with a token of an admin's."""
    return Somebody(name, Caller(TokenId(f"id of {name}"), UserId("chief"), name, Role.ADMIN, scope, sight))


NOBODY = Somebody("nobody")
VIEWER = user("viewer-of-mango", Role.VIEWER, SEES_MINE)
OPERATOR = user("operator-of-mango", Role.OPERATOR, SEES_MINE)
ADMIN = user("chief", Role.ADMIN)
LIMITED_ADMIN = token("admin-token-of-mango", Scope.ADMIN, SEES_MINE)
EVERYBODY = (
    NOBODY,
    VIEWER,
    user("viewer-of-zebra", Role.VIEWER, SEES_THEIRS),
    user("viewer-of-none", Role.VIEWER, Sight(frozenset())),
    OPERATOR,
    ADMIN,
    *(token(f"{scope}-token", scope) for scope in Scope),
    token("read-token-of-mango", Scope.READ, SEES_MINE),
    token("metrics-token-of-mango", Scope.METRICS, SEES_MINE),
    LIMITED_ADMIN,
)


def accounts() -> FakeAccounts:
    """Return who knows all of them."""
    known = {one.name: one.caller for one in EVERYBODY if one.caller is not None}
    return FakeAccounts(
        sessions={name: caller for name, caller in known.items() if caller.scope is None},
        tokens={name: caller for name, caller in known.items() if caller.scope is not None},
    )


@dataclass(frozen=True)
class Shelf:
    """A storage path that is well."""

    id: VolumeId = VOLUME
    place: StoragePath = StoragePath(Path("/mnt/footage"))  # noqa: RUF009 - it is frozen
    state: State = State(Condition.OK, space=Space(10**9, 10**8))  # noqa: RUF009 - it is frozen

    def reserve(self, _space: Space) -> int:
        """Keep some bytes free."""
        return 100


@dataclass(frozen=True)
class Footage:
    """A file of each camera, made once for many boxes."""

    folder: Path
    files: Mapping[str, FootageFile]

    async def put(self, box: WebBox) -> None:
        """Copy the files to a box, with their rows, an export of each, and live video."""
        for word, file in self.files.items():
            place = box.footage_folder / file.segment.path
            place.parent.mkdir(parents=True)
            shutil.copy(self.folder / file.segment.path, place)
            shutil.copy(place, box.spine.store.path.parent / "exports" / f"{word}-export.mp4")
            packets = packets_of(self.folder / f"{word}.mp4", camera_id=CameraId(word))
            box.with_.live.attach(CameraId(word), fanout_of(packets))
        await record(box, *(replace(one, folder=box.footage_folder) for one in self.files.values()))


def footage(folder: Path) -> Footage:
    """Write a file of footage of each camera."""
    made = {}
    for word in (MINE, THEIRS):
        made[word] = write_footage(folder, f"{word}-segment", camera_id=word, first=7 if word == MINE else 90)
        shutil.copy(folder / made[word].segment.path, folder / f"{word}.mp4")
    return Footage(folder, made)


@dataclass
class TwoCameras:
    """The box, and the ids that were made in it."""

    box: WebBox
    accounts: FakeAccounts
    ids: dict[str, dict[str, str]]

    async def ask(self, who: Somebody, method: str, path: str, body: object = None) -> Any:
        """Ask as somebody."""
        return await self.box.ask(method, path, body, headers=who.headers)


@asynccontextmanager
async def two_cameras(data_dir: Path, files: Footage, *, is_real: bool = False) -> AsyncIterator[TwoCameras]:
    """Run the box with everything in it; with the real accounts nobody has claimed it yet."""
    known = accounts()
    async with web_box(
        data_dir,
        accounts=None if is_real else known,
        storage=lambda reader: Storage([Shelf()], reader, SystemClock(), Settings()),
    ) as box:
        shared = await _seed(box)
        if not is_real:
            await box.add(*_rows_of_admins())
        await files.put(box)
        ids = {word: _ids(word) | {name: shared[name][word] for name in shared} for word in (MINE, THEIRS)}
        yield TwoCameras(box, known, ids)


def _rows_of_admins() -> list[object]:
    """Return what is looked up once more where users are changed: the session and the token of admins.

    They belong to another user than the accounts say, so that whoever asks has none of what is one's own.
    """
    token = next(one.caller for one in EVERYBODY if one.name == "admin-token")
    assert ADMIN.caller is not None
    assert token is not None
    user = User(
        id="keeper",
        name="Keeper",
        name_key="keeper",
        role="admin",
        password_hash="none",
        password_us=NOON_US,
        created_us=NOON_US,
    )
    session = Session(
        id=ADMIN.caller.id,
        token_hash=b"none",
        user_id="keeper",
        address="",
        agent="",
        created_us=NOON_US,
        seen_us=NOON_US,
        expires_us=NOON_US,
    )
    api_token = ApiToken(
        id=token.id,
        user_id="keeper",
        name=token.name,
        scope="admin",
        secret_hash=b"none",
        created_us=NOON_US,
    )
    return [user, session, api_token]


def _ids(word: str) -> dict[str, str]:
    kinds = ("event", "batch", "alert", "segment", "export")
    return {f"{kind}_id": f"{word}-{kind}" for kind in kinds} | {"camera_id": word}


async def _seed(box: WebBox) -> dict[str, dict[str, str]]:
    """Fill the box, and return the ids of what its API makes, by their names in paths and by camera."""
    assert isinstance(box.with_.cameras, FakeCameras)
    assert isinstance(box.with_.stats, FakeStats)
    assert isinstance(box.with_.pictures, Pictures)
    await box.add(model_row())
    for word in (MINE, THEIRS):
        box.with_.cameras.frames[CameraId(word)] = JPEG
        box.with_.pictures.write(f"{word}-event-1.jpg", JPEG)
        box.with_.metrics.counter("nightjar_packets_total", "Video packets read", "camera").add(3, word)
        await box.add(camera_row(word, **_camera(word)))
    box.with_.stats.now = [CameraStats(CameraId(word), fps=15.0) for word in (MINE, THEIRS)]
    box.with_.health.report("footage kept", Level.DEGRADED, f"camera {THEIRS} and {MINE} have no room")
    target = {"name": "Phone", "kind": "webhook", "address": "http://127.0.0.1:9/"}
    targets = {word: (await _done(box, "POST", "/api/v1/targets", target))["id"] for word in (MINE, THEIRS)}
    rules = {word: await _rule(box, f"{word} rule", [word], [f"{word}-zone"]) for word in (MINE, THEIRS)}
    rules["both"] = await _rule(box, "Both", [MINE, THEIRS], [f"{MINE}-zone", f"{THEIRS}-zone"])
    for word in (MINE, THEIRS):
        await box.add(*_history(word, rules["both"]))
        await _done(box, "PATCH", f"/api/v1/cameras/{word}", {"name": f"{word} gate"})
        await box.spine.committer.commit(lambda c, word=word: _export(c, word))  # type: ignore[misc]
    for number in range(len(HOURS)):
        await _done(box, "PUT", "/api/v1/arm", {"hours": HOURS[: number + 1]})
    newest, before = (await _done(box, "GET", "/api/v1/setting_changes?subject=arm"))["items"]
    # The newer one is undone first.
    changes = {THEIRS: str(newest["id"]), MINE: str(before["id"])}
    models = dict.fromkeys((MINE, THEIRS), "yolox_nano")
    nobodys = {name: dict.fromkeys((MINE, THEIRS), "none") for name in ("user_id", "session_id", "token_id")}
    return {"target_id": targets, "rule_id": rules, "change_id": changes, "name": models, **nobodys}


HOURS = [{"days": [day], "from": "00:00", "to": "24:00", "state": "home"} for day in ("sun", "mon")]
"""At which hours the house is armed."""


async def _done(box: WebBox, method: str, path: str, body: object = None) -> Any:
    answer = await box.ask(method, path, body, headers=ADMIN.headers)
    assert answer.status in {200, 201}, answer.body
    return answer.json


async def _rule(box: WebBox, name: str, cameras: list[str], zones: list[str]) -> str:
    rule = {"name": name, "cameras": cameras, "zones": zones}
    return str((await _done(box, "POST", "/api/v1/rules", rule))["id"])


def _camera(word: str) -> dict[str, Any]:
    corners = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
    zone = {"id": f"{word}-zone", "name": f"{word} zone", "points": corners}
    return {
        "name": f"{word} door",
        "labels": [f"{word} cat"],
        "scene": {"zones": [zone]},
        "status_reason": f"{word} is slow",
    }


def _history(word: str, rule_id: str) -> list[object]:
    """Return what happened at a camera: an event with its batch, alert and boxes, and what nearly was one."""
    where = {"camera_id": word, "label": f"{word} cat"}
    event_id, batch_id, alert_id = (f"{word}-{kind}" for kind in ("event", "batch", "alert"))
    # As the rule for both cameras words its conditions: it names each of them, and the zones of each.
    steps = [
        {"name": "camera", "passed": True, "detail": f"camera {word} is one of {MINE}, {THEIRS}"},
        {"name": "zone", "passed": False, "detail": f"outside {MINE}-zone or {THEIRS}-zone"},
    ]
    nearly = {"what": "alert", "event_id": event_id, "rule_id": rule_id, "trace": steps}
    return [
        batch_row(batch_id, camera_id=word, summary=f"{word} goings-on"),
        event_row(
            event_id,
            **where,
            batch_id=batch_id,
            track_id=1,
            last_seen_us=NOON_US + 2 * US_PER_S,
            picture=f"{event_id}-1.jpg",
            zones=[f"{word}-zone"],
            summary=f"{word} seen",
            note=f"{word} note",
        ),
        alert_row(
            alert_id,
            **where,
            event_id=event_id,
            batch_id=batch_id,
            rule_id=rule_id,
            summary=f"{word} alert",
            trace=steps,
        ),
        candidate_row(f"{word}-candidate", **where, reason=f"{word} was not sure"),
        candidate_row(f"{word}-nearly", **where, reason=steps[1]["detail"], **nearly),
        detection_row(word, (f"{word} dog", f"{word} cat")),
        SettingChange(at_us=NOON_US, subject=f"camera:{word}", before={"name": word}, after={"name": word}),
    ]


def _export(connection: Connection, word: str) -> None:
    times = WallUs(NOON_US), WallUs(NOON_US + 5 * US_PER_S)
    export = Export(
        ExportId(f"{word}-export"),
        CameraId(word),
        *times,
        is_exact=False,
        created_us=WallUs(NOON_US),
        event_id=EventId(f"{word}-event"),
        state=ExportState.DONE,
        reason=f"{word} export",
        size=100,
    )
    save_export(connection, export)

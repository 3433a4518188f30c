"""Secrets at rest: sealed for their place, with a key of their own; those of former versions are sealed."""

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.domain.camera import Camera, Credentials
from appliance.domain.ids import CameraId, TargetId
from appliance.domain.time import WallUs
from appliance.errors import SealBroken, SourceFailure, StoreUnavailable
from appliance.packets.settings import Settings as PacketsSettings
from appliance.packets.sources import source_for
from appliance.store import pipeline, statements, targets
from appliance.store.engine import DATABASE, Store
from appliance.store.seal import KEY_BYTES, NO_SEAL, Seal, make_seal, read_seal, seal_of
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.old_database import make_before

CANARY = "kanarienvogel"
USER = "wachtmeister"
FRONT = CameraId("front")
CREDENTIALS = Credentials(USER, CANARY)
SETUP = Camera(FRONT, "Front door", "rtsp://192.0.2.7/stream", CREDENTIALS)
TARGET = TargetId("target-1")
WEBHOOK = {"address": f"http://192.0.2.8/{CANARY}", "secret": f"whsec_{CANARY}"}
ROW = {"name": "Hall", "kind": "webhook", "shown": "http://192.0.2.8/…", "created_us": 0}
MINE, OTHER = Seal(b"a" * KEY_BYTES), Seal(b"b" * KEY_BYTES)


def opened(folder: Path) -> Store:
    """Return the store of a folder, not yet entered."""
    return Store(folder, SimulatedClock(), StoreSettings())


def fill(connection: Connection) -> None:
    """Provide a camera and a target that have secrets."""
    pipeline.provision(connection, [SETUP], WallUs(0))
    targets.add_target(connection, TARGET, {**ROW, "settings": WEBHOOK})


def found(store: Store) -> tuple[Camera, targets.Route]:
    """Return the camera and the target as their users get them."""
    with store.writer.begin() as connection:
        (camera,) = pipeline.cameras(connection)
        return camera, targets.route(connection, TARGET)


def bytes_of(folder: Path) -> bytes:
    """Return everything that lies in the folder, copies from before an upgrade left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".before-" not in path.name]
    return b"\n".join(path.read_bytes() for path in files)


def test_a_secret_comes_back_from_its_own_place_only() -> None:
    """One row's secret put into another row, or another table, is not believed."""
    sealed = MINE.close(b"secret", "targets/a")
    assert MINE.open(sealed, "targets/a") == b"secret"
    assert b"secret" not in sealed
    assert MINE.close(b"secret", "targets/a") != sealed
    with pytest.raises(SealBroken, match="damaged"):
        MINE.open(sealed, "targets/b")


@pytest.mark.parametrize(
    ("seal", "change", "words"),
    [
        (OTHER, lambda sealed: sealed, "another key"),
        (NO_SEAL, lambda sealed: sealed, "another key"),
        (MINE, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), "damaged"),
        (MINE, lambda sealed: sealed[:8], "damaged"),
        (MINE, lambda sealed: b"\x02" + sealed[1:], "not of a form"),
        (MINE, lambda _: b"", "not of a form"),
    ],
)
def test_what_cannot_be_opened_says_why(seal: Seal, change: "object", words: str) -> None:
    """Another key and damage are told apart, since only one of them can be mended by bringing back a file."""
    assert callable(change)
    with pytest.raises(SealBroken, match=words):
        seal.open(change(MINE.close(b"secret", "targets/a")), "targets/a")


def test_without_a_key_nothing_is_sealed() -> None:
    """Rather than written readable."""
    with pytest.raises(SealBroken, match="no key"):
        NO_SEAL.close(b"secret", "targets/a")


def test_the_key_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    """The second start opens what the first one sealed."""
    sealed = make_seal(tmp_path, SimulatedClock()).close(b"secret", "x")
    file = tmp_path / "keys" / "seal.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert make_seal(tmp_path, SimulatedClock()).open(sealed, "x") == b"secret"
    assert read_seal(tmp_path).open(sealed, "x") == b"secret"


def test_a_file_that_holds_no_key_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, and nothing of it is lost."""
    make_seal(tmp_path, SimulatedClock())
    file = tmp_path / "keys" / "seal.key"
    file.write_bytes(b"half")
    assert read_seal(tmp_path) is NO_SEAL
    make_seal(tmp_path, SimulatedClock())
    assert len(file.read_bytes()) == KEY_BYTES
    assert [path.read_bytes() for path in file.parent.glob("seal.key.broken.*")] == [b"half"]
    assert "holds no key" in caplog.text


def test_a_key_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    """A start that could not keep a secret does not begin."""
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"seal\.key: cannot be used"):
        make_seal(tmp_path, SimulatedClock())


def test_what_is_stored_is_sealed_and_read_again(tmp_path: Path) -> None:
    """Camera and target work as before; nothing readable of their secrets is in any file."""
    with opened(tmp_path) as store:
        with store.writer.begin() as connection:
            fill(connection)
        camera, route = found(store)
        assert camera == SETUP
        assert (route.settings, route.sealed_off) == (WEBHOOK, "")
        assert CANARY.encode() not in bytes_of(tmp_path)
    assert CANARY.encode() not in bytes_of(tmp_path)
    assert USER.encode() not in bytes_of(tmp_path)


def test_the_same_credentials_are_not_written_again(tmp_path: Path) -> None:
    """A start with the same file says nothing, though each sealing of a secret looks different."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        pipeline.provision(connection, [SETUP], WallUs(0))
        before = connection.exec_driver_sql("SELECT sealed FROM camera_credentials").fetchall()
        pipeline.provision(connection, [SETUP], WallUs(1))
        assert connection.exec_driver_sql("SELECT sealed FROM camera_credentials").fetchall() == before


def test_an_answer_says_that_there_is_a_secret_and_no_more(tmp_path: Path) -> None:
    """A sealed target is shown as it was before."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        written = targets.add_target(connection, TARGET, {**ROW, "settings": {**WEBHOOK, "picture": False}})
        shown = json.loads(written.json)
        assert (shown["has_secret"], shown["picture"]) == (True, False)
        plain = targets.add_target(
            connection, TargetId("target-2"), {**ROW, "settings": {"address": "http://192.0.2.8/"}}
        )
        shown = json.loads(plain.json)
        assert (shown["has_secret"], shown["picture"]) == (False, True)


def make_former(folder: Path) -> None:
    """Make a database of the schema before, with readable secrets, of which one was deleted."""
    make_before(folder, "0008")
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        for name in ("front", "gone"):
            connection.execute(
                "INSERT INTO cameras (id, name, url) VALUES (?, 'Front door', 'rtsp://192.0.2.7/stream')",
                (name,),
            )
            connection.execute(
                "INSERT INTO camera_credentials VALUES (?, ?, ?)", (name, USER, f"{CANARY}-{name}")
            )
        connection.execute(
            "INSERT INTO targets (id, name, kind, settings, shown, created_us) "
            "VALUES (?, 'Hall', 'webhook', ?, ?, 0)",
            (TARGET, json.dumps(WEBHOOK), ROW["shown"]),
        )
        connection.execute("DELETE FROM camera_credentials WHERE camera_id = 'gone'")
        connection.execute("DELETE FROM cameras WHERE id = 'gone'")
        connection.commit()


def test_readable_rows_of_a_former_version_are_sealed_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows, free pages and the log have them no more; the copy from before has, and that is said."""
    make_former(tmp_path)
    assert CANARY.encode() in bytes_of(tmp_path)
    with caplog.at_level(logging.WARNING), opened(tmp_path) as store:
        assert CANARY.encode() not in bytes_of(tmp_path)
        assert USER.encode() not in bytes_of(tmp_path)
        camera, route = found(store)
        assert camera.credentials == Credentials(USER, f"{CANARY}-front")
        assert route.settings == WEBHOOK
    assert "2 secrets are sealed now" in caplog.text
    assert "before-*" in caplog.text
    assert CANARY not in caplog.text
    (copy,) = tmp_path.glob(f"{DATABASE}.before-*")
    assert CANARY.encode() in copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0


def test_sealing_that_was_interrupted_is_completed(tmp_path: Path) -> None:
    """Killed between the sealing and the writing anew of the file, the next start does the rest."""
    make_former(tmp_path)
    with opened(tmp_path) as store, store.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'sealed'")
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE left (text)")
        connection.execute("INSERT INTO left VALUES (?)", (CANARY,))
        connection.execute("DROP TABLE left")
        connection.commit()
    assert CANARY.encode() in bytes_of(tmp_path)
    with opened(tmp_path):
        assert CANARY.encode() not in bytes_of(tmp_path)


def test_with_another_key_each_thing_says_so_and_nothing_fails(tmp_path: Path) -> None:
    """A folder was brought back without its keys: the service runs; what was lost is entered anew."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        fill(connection)
    (tmp_path / "keys" / "seal.key").unlink()
    with opened(tmp_path) as store:
        camera, route = found(store)
        assert camera.credentials is None
        assert "sealed with another key" in camera.sealed_off
        assert "enter them anew" in camera.sealed_off
        assert "enter it anew" in route.sealed_off
        with pytest.raises(SourceFailure, match="cannot be read") as raised:
            source_for(camera, SimulatedClock(), PacketsSettings())
        assert raised.value.kind == "unauthorized"
        with store.writer.begin() as connection:
            fresh = statements.Place(SETUP.url, CREDENTIALS, lambda _: True)
            connection.exec_driver_sql("UPDATE cameras SET managed_by = 'api'")
            statements.change_camera(connection, FRONT, {}, fresh, WallUs(1))
            targets.change_target(connection, TARGET, {}, lambda _kind, _old: (WEBHOOK, "shown"), WallUs(1))
        camera, route = found(store)
        assert (camera.credentials, camera.sealed_off) == (CREDENTIALS, "")
        assert (route.settings, route.sealed_off) == (WEBHOOK, "")


def test_the_file_s_cameras_are_sealed_anew_with_a_new_key(tmp_path: Path) -> None:
    """What the configuration file says needs no one to enter it again."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        fill(connection)
    (tmp_path / "keys" / "seal.key").unlink()
    with opened(tmp_path) as store, store.writer.begin() as connection:
        pipeline.provision(connection, [SETUP], WallUs(1))
        assert pipeline.cameras(connection) == [SETUP]


def test_deleting_and_replacing_leave_nothing_readable(tmp_path: Path) -> None:
    """Neither the old password nor the new one, in the file or its log."""
    with opened(tmp_path) as store:
        with store.writer.begin() as connection:
            fill(connection)
            connection.exec_driver_sql("UPDATE cameras SET managed_by = 'api'")
        with store.writer.begin() as connection:
            place = statements.Place(SETUP.url, Credentials(USER, f"{CANARY}-2"), lambda _: True)
            statements.change_camera(connection, FRONT, {}, place, WallUs(1))
        assert CANARY.encode() not in bytes_of(tmp_path)
        with store.writer.begin() as connection:
            statements.delete_camera(connection, FRONT)
            targets.delete_target(connection, TARGET)
        assert CANARY.encode() not in bytes_of(tmp_path)


def test_an_engine_without_a_seal_opens_nothing(tmp_path: Path) -> None:
    """A statement on a foreign connection gets no key by accident."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        assert seal_of(connection) is not NO_SEAL
        foreign = connection.execution_options(nightjar_seal=None)
        assert seal_of(foreign) is NO_SEAL

"""The parts of the installer that need no box."""

import argparse
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.deploy import program
from tests.support.source import ROOT

BOX = program("box")
WHEEL = "nightjar-1.2.3-py3-none-any.whl"


def payload(folder: Path, **more: str) -> Any:
    """Write a payload and return it."""
    files = {WHEEL: "wheel", "constraints.txt": "a==1", "systemd/nightjar.service": "unit", **more}
    lines = []
    for name, text in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        lines.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}")
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")
    return BOX.Payload(folder)


def test_a_whole_payload_is_accepted(tmp_path: Path) -> None:
    """With wheels and without."""
    payload(tmp_path / "a").verify()
    payload(tmp_path / "b", **{"wheels/numpy.whl": "n"}).verify()


def damage(folder: Path) -> None:
    """Change one byte."""
    (folder / "wheels/numpy.whl").write_text("m")


def lose(folder: Path) -> None:
    """Leave a file out."""
    (folder / "wheels/numpy.whl").unlink()


def add(folder: Path) -> None:
    """Put a file there that nobody has listed."""
    (folder / "wheels/evil.whl").write_text("e")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (damage, "numpy.whl is not the file"),
        (lose, "numpy.whl is missing"),
        (add, "evil.whl is not the file"),
    ],
)
def test_one_that_is_not_as_it_was_packed_is_refused(
    harm: Callable[[Path], None],
    words: str,
    tmp_path: Path,
) -> None:
    """Before anything of it is installed; the file is named."""
    broken = payload(tmp_path, **{"wheels/numpy.whl": "n"})
    harm(tmp_path)
    with pytest.raises(BOX.Stop, match=words):
        broken.verify()


def test_the_same_files_make_the_same_release(tmp_path: Path) -> None:
    """Whether their wheels came with them or were fetched; another unit or another extra makes another."""
    name = payload(tmp_path / "a").release_id("none")
    assert name.startswith("1.2.3-")
    assert payload(tmp_path / "b", **{"wheels/numpy.whl": "n"}).release_id("none") == name
    assert payload(tmp_path / "c", **{"systemd/nightjar.service": "other"}).release_id("none") != name
    assert payload(tmp_path / "a").release_id("gpu") == f"{name}-gpu"


@pytest.mark.parametrize(
    ("extra", "wheels", "expected"),
    [
        ("gpu", ("torch-2.13.0.whl",), "gpu"),
        ("gpu", ("numpy-2.4.whl", "openvino-2026.4.1.whl"), "none"),
        ("openvino", ("openvino-2026.4.1.whl",), "openvino"),
        ("openvino", ("numpy-2.4.whl",), "none"),
        ("openvino", (), "openvino"),
        ("none", ("torch-2.13.0.whl",), "none"),
    ],
)
def test_a_bundle_gives_the_extra_that_it_has_the_wheels_for(
    extra: str, wheels: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    """Without wheels everything is fetched, hence can be had."""
    packed = payload(tmp_path, **{f"wheels/{name}": "w" for name in wheels})
    assert BOX.choose({"extra": extra, "reason": "so"}, packed) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((True, True, ()), None, True),
        ((False, True, ("storage",)), None, False),
        ((False, True, ("storage",)), (True, True, ()), False),
        ((False, True, ("storage",)), (False, True, ("storage", "gpu")), True),
        ((False, True, ("storage", "web")), (False, True, ("storage",)), False),
        ((False, False, ()), (False, False, ()), False),
    ],
)
def test_a_release_is_judged_by_what_was_broken_before(
    now: tuple[bool, bool, tuple[str, ...]],
    before: tuple[bool, bool, tuple[str, ...]] | None,
    expected: bool,
) -> None:
    """A disk that had failed already does not send it back; a part that fails anew does."""
    then = None if before is None else BOX.Health(before[0], before[1], frozenset(before[2]))
    assert BOX.Health(now[0], now[1], frozenset(now[2])).is_as_good_as(then) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("127.0.0.1", 8080)),
        ("[server]\nport = 9000\n", ("127.0.0.1", 9000)),
        ('[server]\nhost = "0.0.0.0"\n', ("127.0.0.1", 8080)),
        ('[server]\nhost = "::"\n', ("::1", 8080)),
        ('[server]\nhost = "192.168.1.5"\nport = 443\n', ("192.168.1.5", 443)),
    ],
)
def test_the_service_is_asked_where_it_listens(
    text: str, expected: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the configuration, from the box itself."""
    file = tmp_path / "nightjar.toml"
    file.write_text(text)
    monkeypatch.setattr(BOX, "CONFIG", file)
    assert BOX.address() == expected


def releases(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> list[Path]:
    """Make releases, the last one newest."""
    monkeypatch.setattr(BOX, "RELEASES", folder)
    made = []
    for age, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        told = folder / name / "release.json"
        told.write_text("{}")
        os.utime(told, (1000 + age, 1000 + age))
        made.append(folder / name)
    return made


def test_three_releases_are_kept_and_those_in_use_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that runs, the one to go back to, and the newest besides; unfinished ones go first."""
    a, _, c, *_ = releases(tmp_path, monkeypatch, *"abcde")
    (tmp_path / "unfinished").mkdir()
    BOX.prune({BOX.Release(a), BOX.Release(c)})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c", "e"]


def test_a_link_is_changed_in_one_step(tmp_path: Path) -> None:
    """Nobody ever finds it missing, and it names the release below its own folder."""
    for name in ("old", "new"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    link = tmp_path / "current"
    for name in ("old", "new"):
        BOX.point(link, BOX.Release(tmp_path / "releases" / name))
    assert link.readlink() == Path("releases/new")
    assert BOX.linked(link) == BOX.Release(tmp_path / "releases/new")
    assert BOX.linked(tmp_path / "previous") is None


def database(path: Path, epoch: str, sessions: int) -> Path:
    """Write a database with an epoch and so many sessions."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (epoch,))
        connection.execute("CREATE TABLE sessions (id INTEGER)")
        connection.executemany("INSERT INTO sessions VALUES (?)", [(i,) for i in range(sessions)])
    return path


def facts(path: Path) -> tuple[str, int]:
    """Return a database's epoch and how many sessions it has."""
    with closing(sqlite3.connect(path)) as connection:
        (epoch,) = connection.execute("SELECT value FROM meta").fetchone()
        (sessions,) = connection.execute("SELECT count(*) FROM sessions").fetchone()
    return epoch, sessions


def test_a_copy_takes_the_database_s_place_and_nobody_is_logged_in(tmp_path: Path) -> None:
    """A session that was ended since the copy was made must not live again; what was there is kept."""
    now = database(tmp_path / "nightjar.db", "now", 1)
    before = database(tmp_path / "nightjar.db.before-0008", "before", 2)
    assert BOX.database_restore(now, before) == 0
    epoch, sessions = facts(now)
    assert (epoch in {"now", "before"}, sessions) == (False, 0)
    (aside,) = tmp_path.glob("nightjar.db.set-aside-*")
    assert facts(aside) == ("now", 1)


def test_a_copy_that_is_no_database_leaves_the_one_that_is_there(tmp_path: Path) -> None:
    """Else the next start would find none, and begin an empty one."""
    now = database(tmp_path / "nightjar.db", "now", 1)
    copy = tmp_path / "nightjar.db.before-0008"
    copy.write_text("the disk was full")
    with pytest.raises(sqlite3.DatabaseError):
        BOX.database_restore(now, copy)
    assert facts(now) == ("now", 1)


def test_a_step_that_fails_leaves_a_service_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was: a box that records with the new release is better than one that does not."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(BOX, "systemctl", lambda *words: asked.append(words))
    with pytest.raises(BOX.Stop), BOX.stopped():
        raise BOX.Stop("no copy")
    assert asked == [("stop", "nightjar.service"), ("start", "--no-block", "nightjar.service")]
    asked.clear()
    with BOX.stopped():
        pass
    assert asked == [("stop", "nightjar.service")]


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda path: path.write_text("a" * 43 + "\n"), "a" * 43),
        (lambda path: path.symlink_to("/etc/hostname"), None),
        (os.mkfifo, None),
        (lambda path: path.write_text("\x1b]0;evil\x07" + "a" * 30), None),
        (str, None),
    ],
)
def test_only_a_token_is_read_where_a_token_should_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], shown: str | None
) -> None:
    """Its folder belongs to the service's user, and root reads and prints it."""
    token = tmp_path / "setup-token"
    make(token)
    monkeypatch.setattr(BOX, "TOKEN", token)
    assert BOX.setup_token() == shown


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may reach, as pytest's own may not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write as another user")
def test_models_are_written_by_the_service_s_user(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that user has put a link, root does not write at its end."""
    made = payload(open_folder / "payload", **{"models/a.onnx": "a", "models/b.onnx": "b"})
    data, prey = open_folder / "data", open_folder / "prey"
    (data / "models").mkdir(parents=True)
    (data / "models/b.onnx").symlink_to(prey)
    for path in (data, data / "models"):
        shutil.chown(path, "nobody", "nogroup")
    monkeypatch.setattr(BOX, "DATA", data)
    monkeypatch.setattr(BOX, "USER", "nobody")
    monkeypatch.setattr(BOX, "GROUP", "nogroup")
    BOX.put_models(made)
    assert not prey.exists()
    assert (data / "models/a.onnx").read_text() == "a"
    assert (data / "models/a.onnx").owner() == "nobody"


def test_a_damaged_release_that_is_in_use_is_not_built_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on to run until another is whole; a whole one is found again, also in the second place."""
    current, previous, _ = releases(tmp_path / "releases", monkeypatch, "1.0-a", "1.0-b", "1.0-c")
    for name, folder in (("CURRENT", current), ("PREVIOUS", previous)):
        monkeypatch.setattr(BOX, name, tmp_path / name)
        BOX.point(tmp_path / name, BOX.Release(folder))
    assert [BOX.place_for(name).name for name in ("1.0-a", "1.0-b", "1.0-c", "1.0-d")] == [
        *("1.0-a.2", "1.0-b.2"),
        *("1.0-c", "1.0-d"),
    ]
    program = tmp_path / "releases/1.0-a.2/bin/nightjar"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "releases/1.0-a.2/release.json").write_text("{}")
    assert BOX.place_for("1.0-a").is_whole


def with_schema(path: Path) -> Path:
    """Write a database of the schema 0007."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0007')")
    return path


@pytest.mark.parametrize(
    ("make", "printed"),
    [
        (str, ""),
        (lambda path: path.touch(), ""),
        (with_schema, "0007\n"),
        (lambda path: path.write_text("no database, only so many letters" * 100), "damaged\n"),
    ],
)
def test_a_schema_is_told_from_none_and_from_damage(
    make: Callable[[Path], object], printed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged database must not keep a release away that may save it."""
    make(tmp_path / "nightjar.db")
    assert BOX.database_schema(tmp_path / "nightjar.db") == 0
    assert capsys.readouterr().out == printed


def test_a_locked_database_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the release before would start on a schema that it may not know."""
    monkeypatch.setattr(BOX, "LOCKED_S", 0.05)
    path = with_schema(tmp_path / "nightjar.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert BOX.database_schema(path) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{path} cannot be read: database is locked\n")


@pytest.mark.parametrize(
    ("before", "now", "is_left"),
    [
        (None, "9999", True),
        ("0007", "0007", True),
        ("damaged", "damaged", True),
        ("damaged", "0007", True),
        ("damaged", "9999", False),
        ("0007", "9999", False),
        ("0007", "damaged", False),
    ],
)
def test_the_old_release_starts_only_on_a_database_that_it_may_know(
    before: str | None, now: str, is_left: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a copy of a moment ago nothing is given back, and it is said so."""
    (tmp_path / "release.json").write_text('{"schemas": ["0006", "0007"]}')
    monkeypatch.setattr(BOX, "DATABASE", tmp_path / "nightjar.db")
    monkeypatch.setattr(BOX, "schema", lambda: now)
    if is_left:
        assert BOX.give_back(BOX.Release(tmp_path), before, 0.0) == ""
    else:
        with pytest.raises(BOX.Stop, match="no copy of a moment ago"):
            BOX.give_back(BOX.Release(tmp_path), before, 0.0)


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("damaged", "the database is damaged, and there is no copy"),
        ("9999", "does not know the database's schema, and there is no copy"),
    ],
)
def test_nobody_goes_back_on_a_database_that_the_release_before_may_not_know(
    revision: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on a newer one nor on one of which nobody can say what it is."""
    current, previous = releases(tmp_path / "releases", monkeypatch, "a", "b")
    for name, folder in (("CURRENT", current), ("PREVIOUS", previous)):
        (folder / "release.json").write_text('{"schemas": ["0007"]}')
        monkeypatch.setattr(BOX, name, tmp_path / name)
        BOX.point(tmp_path / name, BOX.Release(folder))
    monkeypatch.setattr(BOX, "DATABASE", tmp_path / "nightjar.db")
    monkeypatch.setattr(BOX, "health", lambda: None)
    monkeypatch.setattr(BOX, "schema", lambda: revision)
    with pytest.raises(BOX.Stop, match=words):
        BOX.rollback(argparse.Namespace(with_database_copy=False, health_s=1.0))


def test_a_start_that_fails_leaves_the_release_of_before_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as on a full disk, which takes no unit."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(BOX, "systemctl", lambda *words: asked.append(words))
    monkeypatch.setattr(BOX, "UNITS", tmp_path)
    (tmp_path / "nightjar.service").touch()
    with pytest.raises(FileNotFoundError):
        BOX.start(BOX.Release(tmp_path / "without-units"))
    assert asked == [("stop", "nightjar.service"), ("start", "--no-block", "nightjar.service")]


def test_a_lost_connection_ends_nothing_half_way() -> None:
    """Neither its signal nor Ctrl-C, nor that nobody reads what is said; afterwards both count again."""
    code = (
        "import os, signal, sys; sys.path.insert(0, '.'); from tests.support.deploy import program\n"
        "box = program('box'); read, write = os.pipe(); os.close(read); os.dup2(write, 1)\n"
        "with box.undisturbed():\n"
        "    os.kill(os.getpid(), signal.SIGHUP); os.kill(os.getpid(), signal.SIGINT); box.say('on')\n"
        "    os.dup2(2, 1)\n"
        "print('done', file=sys.stderr, flush=True); os.kill(os.getpid(), signal.SIGHUP)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr.splitlines()[-1:], done.returncode) == (["done"], -signal.SIGHUP)


@pytest.mark.parametrize("is_link", [False, True])
def test_what_a_purge_leaves_is_said_and_keeps_its_user(
    is_link: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data at the end of a link is not followed, and not said to be gone."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(BOX, "run", lambda *words: asked.append(words))
    monkeypatch.setattr(BOX, "_is_user", lambda: True)
    for name in ("disk", "etc", "backups"):
        (tmp_path / name).mkdir()
    (tmp_path / "disk/nightjar.db").touch()
    data = tmp_path / "data"
    data.symlink_to(tmp_path / "disk") if is_link else data.mkdir()
    monkeypatch.setattr(BOX, "DATA", data)
    monkeypatch.setattr(BOX, "CONFIG", tmp_path / "etc/nightjar.toml")
    monkeypatch.setattr(BOX, "BACKUPS", tmp_path / "backups")
    if is_link:
        with pytest.raises(BOX.Stop, match=f"but not {data}: "):
            BOX.purge()
    else:
        BOX.purge()
    assert asked == ([] if is_link else [("userdel", "nightjar")])
    assert (tmp_path / "disk/nightjar.db").exists()
    assert not (tmp_path / "etc").exists()

"""From a bare box to a running service and back, as deploy/README.md says, on a Debian without a network.

What is not real in it: systemd (tests/support/box/systemctl.py starts, watches and stops the service instead,
without the sandbox) and ssh (which enters the box by its namespaces). The service and its health are real.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import __version__
from appliance.store.migrate import newest_revision
from tests.support.box import wheels
from tests.support.box.debian import CHECKOUT, Box, Unavailable, box, debootstrap
from tests.support.source import ROOT

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

NEWER, BROKEN = "99.0.1", "99.0.2"
CAMERA = '[server]\nhost = "0.0.0.0"\nport = 8081\n\n[[cameras]]\nid = "door"\nname = "Door"\nurl = "rtsp://10.0.0.1/door"\n'
UNITS = "/etc/systemd/system"
HEALTH_S = "20"
ASK = (
    "import ssl, sys, urllib.request as u; url, body = sys.argv[1], ''.join(sys.argv[2:]).encode() or None; "
    "asked = u.Request(url, body, {'Content-Type': 'application/json'}); "
    "print(u.urlopen(asked, context=ssl._create_unverified_context()).read().decode()[:200])"
)
ROWS = (
    "import sqlite3; c = sqlite3.connect('/var/lib/nightjar/nightjar.db'); "
    "print(*c.execute('SELECT version_num FROM alembic_version').fetchone(), "
    "*c.execute('SELECT value FROM meta WHERE key = \\'epoch\\'').fetchone(), "
    "*c.execute('SELECT name FROM cameras').fetchone(), "
    "*c.execute('SELECT count(*) FROM sqlite_master WHERE name = \\'of_the_broken_release\\'').fetchone())"
)


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a fresh Debian."""
    folder = tmp_path_factory.mktemp("debian")
    try:
        yield debootstrap(folder / "root")
    except Unavailable as err:
        pytest.skip(str(err))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def bundles(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Return bundles for a box without a network: of this version, of a newer and of a broken one."""
    folder = tmp_path_factory.mktemp("bundles")
    wheel = wheels.build(folder / "own")
    made = {__version__: wheel}
    made[NEWER] = wheels.newer(wheel, folder / "newer", NEWER)
    made[BROKEN] = wheels.broken(wheel, folder / "broken", BROKEN)
    python = (debian / "usr/bin/python3").readlink().name.removeprefix("python")
    first = folder / "first.tar"
    pack(wheel, first, PYTHONS=python, ARCHS=platform.machine(), PYTHON=sys.executable)
    subprocess.run(["tar", "-x", "-C", str(folder), "--strip-components=1", "-f", str(first)], check=True)
    first.unlink()
    for version, one in made.items():
        pack(one, folder / f"{version}.tar", WHEELS=str(folder / "wheels"))
    yield {version: folder / f"{version}.tar" for version in made}
    shutil.rmtree(folder)


def pack(wheel: Path, file: Path, **variables: str) -> None:
    """Make a bundle as ``make bundle`` does."""
    subprocess.run(
        [str(ROOT / "deploy/pack"), str(wheel), str(file)], env={**os.environ, **variables}, check=True
    )


def make(target: str, machine: Box, **variables: object) -> "subprocess.CompletedProcess[str]":
    """Run ``make`` at a desk, with the box as its host."""
    words = [f"{name}={value}" for name, value in {"HOST": "root@box", **variables}.items()]
    environment = {**os.environ, "SSH": str(machine.ssh)}
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), target, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def ask(machine: Box, path: str, body: str = "") -> str:
    """Return the beginning of what the service answers to a GET, or to a POST of that body."""
    return machine.run(f"python3 -c \"{ASK}\" https://127.0.0.1:8081{path} '{body}'")


def running(machine: Box) -> str:
    """Return the version of the program that runs, by its process."""
    (pid,) = re.findall(r'"pid": (\d+)', machine.run("cat /run/fake-systemd/nightjar.service"))
    return machine.run(f"tr '\\0' '\\n' < /proc/{pid}/cmdline | head -1 | cut -d/ -f5 | cut -d- -f1").strip()


def rows(machine: Box) -> list[str]:
    """Return the database's schema and epoch, its camera, and whether the broken release's table is there."""
    return machine.run(f'runuser -u nightjar -- python3 -c "{ROWS}"').split()


def test_a_box_from_bare_to_removed(debian: Path, bundles: dict[str, Path], tmp_path: Path) -> None:
    """Installed twice, upgraded, back by itself from a bad release, back by hand, removed, and purged."""
    with box(debian, tmp_path) as machine:
        _is_installed_from_one_file(machine, bundles[__version__])
        _is_upgraded(machine, bundles[NEWER])
        _is_backed_up(machine)
        _goes_back_by_itself(machine, bundles[BROKEN])
        _goes_back_by_hand(machine)
        _is_removed(machine)


def _is_installed_from_one_file(machine: Box, bundle: Path) -> None:
    """The page is served, the data is the service's alone, and a second time changes nothing."""
    machine.put("/etc/nightjar/nightjar.toml", CAMERA.encode())
    machine.put("/root/bundle.tar", bundle.read_bytes())
    said = machine.run(f"make -C {CHECKOUT} install BUNDLE=/root/bundle.tar 2>&1")
    assert re.search(rf"^release     {__version__}-[0-9a-f]{{8}}$", said, re.MULTILINE)
    assert re.search(r"^running     https://\S+:8081$", said, re.MULTILINE)
    (token,) = re.findall(r"^setup token (\S+)$", said, re.MULTILINE)
    assert running(machine) == __version__
    assert "<!doctype html>" in ask(machine, "/")
    claim = json.dumps({"name": "owner", "password": "seven grey herons", "token": token})
    assert '"owner"' in ask(machine, "/api/v1/claim", claim)
    assert json.loads(machine.run("cat /run/fake-systemd/nightjar.service"))["state"] == "active"
    owners = machine.run(
        "stat -c '%U %a %n' /var/lib/nightjar /var/lib/nightjar/nightjar.db /var/backups/nightjar"
    )
    assert owners.splitlines() == [
        "nightjar 700 /var/lib/nightjar",
        "nightjar 600 /var/lib/nightjar/nightjar.db",
        "nightjar 700 /var/backups/nightjar",
    ]
    assert machine.run("ls /run/fake-systemd/enabled").split() == [
        "nightjar-backup.timer",
        "nightjar.service",
    ]
    before = machine.run("cat /run/fake-systemd/nightjar.service.pid; cat /etc/nightjar/nightjar.toml")
    again = machine.run(f"make -C {CHECKOUT} install BUNDLE=/root/bundle.tar 2>&1")
    assert "runs this release already" in again
    assert (
        machine.run("cat /run/fake-systemd/nightjar.service.pid; cat /etc/nightjar/nightjar.toml") == before
    )


def _is_upgraded(machine: Box, bundle: Path) -> None:
    """From a desk, over ssh; nothing of the copy stays on the box."""
    done = make("deploy", machine, BUNDLE=bundle)
    assert done.returncode == 0, done.stdout
    assert running(machine) == NEWER
    assert machine.run("ls /var/tmp") == ""


def _is_backed_up(machine: Box) -> None:
    """What the timer starts each night, as the service's user: a copy that was restored for a try."""
    (program,) = re.findall(
        r"^ExecStart=(.*)$", machine.run(f"cat {UNITS}/nightjar-backup.service"), re.MULTILINE
    )
    said = machine.run(f"runuser -u nightjar -- {program.replace('%S', '/var/lib')} 2>&1")
    assert said.rstrip().endswith("restored for a try"), said
    assert re.fullmatch(r"nightjar-\d{8}T\d{6}Z\.backup\n", machine.run("ls /var/backups/nightjar"))


def _goes_back_by_itself(machine: Box, bundle: Path) -> None:
    """A release that never turns green: the one before runs again, on the database of before."""
    schema, epoch, camera, _ = rows(machine)
    assert (schema, camera) == (newest_revision(), "Door")
    done = make("deploy", machine, BUNDLE=bundle, HEALTH_S=HEALTH_S)
    assert done.returncode != 0
    assert f"not green   after {HEALTH_S} s; back to {NEWER}" in done.stdout
    assert "runs again on the database of before" in done.stdout
    assert running(machine) == NEWER
    restored = rows(machine)
    assert (restored[0], restored[2:]) == (schema, [camera, "0"])
    assert restored[1] != epoch, "the same epoch would let clients take up what never was"
    owner = machine.run("stat -c '%U %a' /var/lib/nightjar/nightjar.db")
    assert owner == "nightjar 600\n"


def _goes_back_by_hand(machine: Box) -> None:
    """And forth again: each is the other's release before."""
    for version in (__version__, NEWER, __version__):
        done = make("rollback", machine)
        assert done.returncode == 0, done.stdout
        assert running(machine) == version


def _is_removed(machine: Box) -> None:
    """The data stays until it is asked for as well."""
    machine.run(f"make -C {CHECKOUT} uninstall 2>&1")
    assert machine.run("ls /opt /etc/systemd/system | grep nightjar || true") == ""
    assert machine.run("find /proc -maxdepth 1 -user nightjar") == ""
    assert "nightjar.db" in machine.run("ls /var/lib/nightjar")
    machine.run(f"make -C {CHECKOUT} uninstall PURGE=1 2>&1")
    assert (
        machine.try_("ls -d /var/lib/nightjar /etc/nightjar /var/backups/nightjar").stdout.count("No such")
        == 3
    )
    assert machine.try_("id nightjar").returncode != 0

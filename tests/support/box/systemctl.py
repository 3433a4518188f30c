#!/usr/bin/python3
"""A fake ``systemctl`` for a root in which no systemd runs: it starts, watches and stops a service for real.

It does what Nightjar's deployment relies on: ``Type=notify`` (active only after READY=1), the watchdog,
restarts, the user and its groups, of which each must exist. The sandbox of the unit it leaves out.
``service.log`` in its folder is the journal. It is put into the root as it is, hence uses the standard
library alone.
"""

import grp
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("/run/fake-systemd")
UNITS = Path("/etc/systemd/system")
NOTIFY = FOLDER / "notify"
LOG = FOLDER / "service.log"
LOOK_S = 0.1


class Unit:
    """A unit file with its drop-ins; of a key that is there several times every value counts."""

    def __init__(self, name: str) -> None:
        self.lists: dict[str, list[str]] = {}
        drop_ins = sorted((UNITS / f"{name}.d").glob("*.conf"))
        for line in "\n".join(path.read_text() for path in [UNITS / name, *drop_ins]).splitlines():
            key, found, value = line.partition("=")
            if found and not line.startswith("#"):
                self.lists.setdefault(key, []).append(value)

    def one(self, key: str, default: str = "") -> str:
        """Return the last value of a key."""
        return self.lists.get(key, [default])[-1]

    def words(self, key: str) -> list[str]:
        """Return all words of all values of a key."""
        return " ".join(self.lists.get(key, [])).split()


def seconds(text: str) -> float:
    """Return a time span; the fake knows seconds and minutes."""
    return float(text.removesuffix("min")) * 60 if text.endswith("min") else float(text or "0")


class Keeper:
    """Runs one service until it is told to end; a process of its own."""

    def __init__(self, name: str) -> None:
        self.unit = Unit(name)
        self.name = name
        self.stopping = False
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        NOTIFY.unlink(missing_ok=True)
        self.socket.bind(str(NOTIFY))
        NOTIFY.chmod(0o777)
        self.socket.settimeout(LOOK_S)

    def run(self) -> None:
        """Start it, and again whenever it ends, until SIGTERM."""
        signal.signal(signal.SIGTERM, self._stop)
        while not self.stopping:
            self._life()
            if not self.stopping:
                note(self.name, "activating")
                time.sleep(seconds(self.unit.one("RestartSec")))
        note(self.name, "inactive")

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _life(self) -> None:
        unit = self.unit
        groups = [grp.getgrnam(group).gr_gid for group in unit.words("SupplementaryGroups")]
        watchdog_s = seconds(unit.one("WatchdogSec"))
        with LOG.open("ab") as log:
            process = subprocess.Popen(
                unit.one("ExecStart").replace("%S", "/var/lib").split(),
                stdout=log,
                stderr=log,
                cwd="/",
                env={
                    "PATH": "/usr/bin:/bin",
                    "NOTIFY_SOCKET": str(NOTIFY),
                    "WATCHDOG_USEC": str(round(watchdog_s * 1e6)),
                },
                user=unit.one("User"),
                group=unit.one("Group"),
                extra_groups=groups,
                umask=int(unit.one("UMask", "0022"), 8),
            )
        note(self.name, "activating", process.pid)
        self._watch(process, watchdog_s)

    def _watch(self, process: "subprocess.Popen[bytes]", watchdog_s: float) -> None:
        fed, is_active = time.monotonic(), False
        while process.poll() is None:
            if self.stopping:
                process.terminate()
                process.wait(seconds(self.unit.one("TimeoutStopSec", "90")))
                return
            try:
                said = self.socket.recv(4096).decode().splitlines()
            except TimeoutError:
                said = []
            if "READY=1" in said:
                is_active, fed = True, time.monotonic()
            if "WATCHDOG=1" in said:
                fed = time.monotonic()
            status = [line.removeprefix("STATUS=") for line in said if line.startswith("STATUS=")]
            if said:
                note(self.name, "active" if is_active else "activating", process.pid, *status)
            if is_active and watchdog_s and time.monotonic() - fed > watchdog_s:
                process.send_signal(signal.SIGABRT)


def note(name: str, state: str, pid: int = 0, status: str = "") -> None:
    """Write down how a unit is doing."""
    new = FOLDER / f"{name}.new"
    new.write_text(json.dumps({"state": state, "pid": pid, "status": status}))
    new.replace(FOLDER / name)


def state(name: str) -> str:
    """Return how a unit is doing."""
    file = FOLDER / name
    return str(json.loads(file.read_text())["state"]) if file.exists() else "inactive"


def start(name: str, wait: bool) -> int:
    """Start a unit, and wait until it is active or has ended."""
    if not (UNITS / name).exists():
        sys.stderr.write(f"Failed to start {name}: Unit {name} not found.\n")
        return 5
    if state(name) != "inactive":
        return 0
    if not name.endswith(".service"):
        note(name, "active")
        return 0
    note(name, "activating")
    if os.fork() == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        keeper = Keeper(name)
        (FOLDER / f"{name}.pid").write_text(str(os.getpid()))
        keeper.run()
        os._exit(0)
    while wait and state(name) == "activating":
        time.sleep(LOOK_S)
    return 0


def stop(name: str) -> int:
    """Stop a unit, and wait until it has ended."""
    file = FOLDER / f"{name}.pid"
    if state(name) != "inactive" and name.endswith(".service"):
        while not file.exists():
            time.sleep(LOOK_S)
        os.kill(int(file.read_text()), signal.SIGTERM)
        while state(name) != "inactive":
            time.sleep(LOOK_S)
        file.unlink()
    note(name, "inactive")
    return 0


def main(words: list[str]) -> int:
    """Do what ``systemctl`` would do with these words."""
    FOLDER.mkdir(exist_ok=True)
    options = {word for word in words if word.startswith("--")}
    command, *units = [word for word in words if not word.startswith("--")]
    if command == "is-active":
        return 0 if all(state(unit) == "active" for unit in units) else 3
    for unit in units:
        if command in {"stop", "restart"} or (command == "disable" and "--now" in options):
            stop(unit)
        if command in {"start", "restart"} and (status := start(unit, "--no-block" not in options)):
            return status
        if command in {"enable", "disable"}:
            wanted = FOLDER / "enabled" / unit
            wanted.parent.mkdir(exist_ok=True)
            wanted.touch() if command == "enable" else wanted.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

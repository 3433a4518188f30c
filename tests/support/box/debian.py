"""A fresh Debian in a folder, and a box of it: its own files, its own processes, loopback."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.source import ROOT

SYSTEMCTL = Path(__file__).with_name("systemctl.py")
PACKAGES = "ca-certificates,make,python3-venv"
APT_SOURCES = ("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)")
CHECKOUT = "/root/nightjar"
ROOM_BYTES = 10 * 1024**3
"""Where so much memory is free, what the box writes stays in it: three releases are a gigabyte and a half."""
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}

SET_UP = f"""\
set -e
[ -z "$IN_MEMORY" ] || mount -t tmpfs -o size=6g tmpfs "$FOLDER"
mkdir -p "$ROOT" "$FOLDER/work" "$FOLDER/upper{CHECKOUT}" "$FOLDER/upper/dev/shm"
mount -t overlay overlay -o lowerdir="$LOWER",upperdir="$FOLDER/upper",workdir="$FOLDER/work" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/run"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
mount --bind "$CHECKOUT" "$ROOT{CHECKOUT}"
mount -o remount,bind,ro "$ROOT{CHECKOUT}"
ip link set lo up
echo ready
exec sleep infinity
"""

ENTER = """\
#!/bin/sh
# ssh, as far as deploy/send uses it, but into the box.
[ "$1" != -t ] || shift
shift
exec {enter} sh -c "$*"
"""


class Unavailable(Exception):
    """There can be no fresh Debian here; the message says why."""


def debootstrap(target: Path) -> Path:
    """Make a fresh Debian of the source that this machine's own apt uses.

    Raises:
        Unavailable: it cannot be made here.
    """
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise Unavailable("making a fresh Debian takes root and debootstrap")
    listed = subprocess.run(
        [*APT_SOURCES, "Created-By: Packages", "Origin: Debian"],
        *(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    sources = [line.split() for line in listed.stdout.splitlines() if line.count(" ") == 1]
    source = next((one for one in sources if "-" not in one[1]), None)
    if source is None:
        raise Unavailable("this machine's apt has no source of Debian")
    uri, suite = source
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(target), uri]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"debootstrap: {done.stdout.strip().splitlines()[-1]}")
    return target


class Box:
    """A machine to install on.

    Attributes:
        ssh: a program that stands in for ssh and ends up in this box, whatever host it is told.
        root: the box's files, seen from outside; only what is not mounted there.
    """

    def __init__(self, folder: Path, holder: int, root: Path) -> None:
        self._enter = ["nsenter", f"--target={holder}", "--mount", "--net", "--pid", "chroot", str(root)]
        self.ssh = folder / "ssh"
        words = [*self._enter, "env", "-i", *(f"{k}={v}" for k, v in ENVIRONMENT.items())]
        self.ssh.write_text(ENTER.format(enter=" ".join(words)))
        self.ssh.chmod(0o755)

    def run(self, command: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a shell's line as root in the box and return what it printed.

        Raises:
            AssertionError: it failed; the message has its output.
        """
        done = self.try_(command, environment)
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def try_(
        self, command: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a shell's line that may fail; its output has both streams."""
        return subprocess.run(
            [*self._enter, "sh", "-c", command],
            env={**ENVIRONMENT, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file in the box."""
        line = f"mkdir -p {Path(path).parent} && cat > {path} && chmod {mode:o} {path}"
        subprocess.run([*self._enter, "sh", "-c", line], env=ENVIRONMENT, input=data, check=True)


def memory_available() -> int:
    """Return how many bytes of memory programs could still get."""
    (line,) = [one for one in Path("/proc/meminfo").read_text().splitlines() if "MemAvailable" in one]
    return int(line.split()[1]) * 1024


@contextmanager
def box(debian: Path, folder: Path) -> Iterator[Box]:
    """Start a box on a copy of a fresh Debian that costs nothing; everything in it ends with the block."""
    root = folder / "root"
    environment = {"LOWER": str(debian), "FOLDER": str(folder), "ROOT": str(root), "CHECKOUT": str(ROOT)}
    environment["IN_MEMORY"] = "yes" if memory_available() > ROOM_BYTES else ""
    holder = subprocess.Popen(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", SET_UP],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "ready\n", "the namespaces of the box could not be made"
        child = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()[0]
        made = Box(folder, int(child), root)
        made.put("/usr/bin/systemctl", SYSTEMCTL.read_bytes(), 0o755)
        yield made
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()

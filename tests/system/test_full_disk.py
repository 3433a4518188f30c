"""The disk of the database runs full: everything waits in memory, and is stored when there is room again."""

import asyncio
import math
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from io import FileIO
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.time import US_PER_S
from appliance.store.times import us_of_iso
from tests.support.listener import Heard, Listener, database_is
from tests.support.passer import ROUND_S, write_passer
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

CONFIG = '[detector]\nmodel = "builtin"\n'
STOP_S = 5.0
TICK_S = 2
"""How often ``gpu_stats`` is said."""
MOUNT = 'mount -t tmpfs -o size=24m none "$0" && exec "$@"'
"""A disk of its own in a mount namespace of its own, which goes with the process."""


def private_disk(folder: Path) -> list[str]:
    """Return a wrapper that gives the service a small disk at that folder, or skip the test."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    command = [*namespace, "sh", "-c", MOUNT, str(folder), "true"]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except FileNotFoundError:
        pytest.skip("no disk of our own: the command unshare is absent (util-linux)")
    if tried.returncode != 0:
        pytest.skip(f"no disk of our own: mount namespaces are not allowed here ({tried.stderr.strip()})")
    return command[:-1]


class Disk:
    """The disk of a running service, reached from outside of its namespace."""

    def __init__(self, server: Server) -> None:
        self._filler = Path(f"/proc/{server.process.pid}/root{server.data}/filler")

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            write_for_ever(file)

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()


def write_for_ever(file: FileIO) -> None:
    """Write until that fails."""
    while True:
        file.write(bytes(4096))


@asynccontextmanager
async def on_a_small_disk(folder: Path) -> AsyncIterator[Server]:
    """Run a service whose data lie on a disk of their own, with a camera past which figures go for ever."""
    data = folder / "data"
    data.mkdir()
    wrapper = private_disk(data)
    url = write_passer(folder / "passer.mp4").as_uri()
    config = f'{CONFIG}[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with nightjar(data, config, wrapper=wrapper) as server:
        yield server


async def filled(disk: Disk, listener: Listener) -> Heard:
    """Fill the disk after the first event began, and return the message that says what that means."""
    await listener.first(lambda heard: heard.type == "event_created")
    disk.fill()
    return await listener.first(database_is("failed"))


async def test_events_wait_for_room_and_none_is_lost(tmp_path: Path) -> None:
    """Meanwhile the page answers and the trouble is named; then every passage is an event of its time."""
    async with on_a_small_disk(tmp_path) as server, server.listener("events,system") as listener:
        disk = Disk(server)
        full = await filled(disk, listener)
        await passages_go_by(server, listener)
        disk.free()
        good = await listener.first(lambda heard: heard.at_us > full.at_us and database_is("ok")(heard))
        await listener.first(lambda heard: heard.type == "event_created" and starts_us(heard) > good.at_us)
        starts = [starts_us(heard) for heard in listener.of("event_created")]
        metrics = await server.text("metrics")
        check = await nightjar_command("check", "--data", str(server.data), wrapper=inside(server))
        assert await server.stop() == 0
    assert any(full.at_us < start < good.at_us for start in starts)
    gaps = [(later - earlier) / US_PER_S for earlier, later in pairwise(starts)]
    assert gaps == pytest.approx([ROUND_S] * len(gaps), abs=1.0)
    lost = ("nightjar_changes_lost_total", "nightjar_commit_dropped_total")
    assert [line for line in metrics.splitlines() if line.startswith(lost) and not line.endswith(" 0")] == []
    assert check[0] == 0, check[1]


async def test_it_stops_in_time_and_says_what_could_not_be_stored(tmp_path: Path) -> None:
    """A disk that stays full keeps the service no longer than any other, and no line claims otherwise."""
    async with on_a_small_disk(tmp_path) as server, server.listener("events,system") as listener:
        await filled(Disk(server), listener)
        async with asyncio.timeout(STOP_S):
            assert await server.stop() == 0
    assert re.search(r"^stopped; \d+ changes could not be stored$", server.output.decode(), re.MULTILINE)


async def passages_go_by(server: Server, listener: Listener) -> None:
    """Wait until somebody must have passed, while the page and the list answer all the time."""
    said = len(listener.of("gpu_stats"))
    for tick in range(1, math.ceil((ROUND_S + 3) / TICK_S)):
        assert await listener.until(partial(has_heard, said + tick), 10)
        async with asyncio.timeout(1.0):
            assert "<html" in await server.text("")
            assert (await server.get("events"))["items"]


def has_heard(ticks: int, listener: Listener) -> bool:
    """Return whether that many ticks were heard."""
    return len(listener.of("gpu_stats")) >= ticks


def starts_us(created: Heard) -> int:
    """Return when the event of a message began."""
    return us_of_iso(created.data["started_at"])


def inside(server: Server) -> list[str]:
    """Return a wrapper that runs a command in the namespaces of a running service."""
    pid = str(server.process.pid)
    return ["nsenter", "--target", pid, "--user", "--mount", "--preserve-credentials"]

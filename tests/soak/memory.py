"""What a box of so many cameras holds in memory: ``make soak NAME=memory``.

Each box is a ``nightjar run`` in a control group of its own, so that what is counted is what the unit's
``MemoryMax`` bounds but cannot take back: the service with its workers, without the cache of their files.
``CAMERAS=1,8`` says how many cameras, ``SECONDS=`` how long each box is watched, ``MODEL=`` with which model.
It ends with 1 where a box holds more than deploy/README.md declares.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.camera_simulator.process import simulator_process
from tests.support.fire import workers_of
from tests.support.memory_group import MemoryGroup, memory_group, refusal
from tests.support.server import Server, nightjar

BASE_MIB, CAMERA_MIB = 300, 40
"""The budget that is declared: for the service with its worker, and for each camera of 1080p."""

SPEC = ClipSpec(7, 40, 1920, 1080, 15, busy=True)
ONLINE_WITHIN_S = 60.0
LOOK_EVERY_S = 1.0


async def main() -> int:
    """Measure each box and say what it held; return the exit status."""
    if why := refusal():
        say(why)
        return 1
    clip = await asyncio.to_thread(cached, SPEC, None, say)
    model = os.environ.get("MODEL", "builtin")
    over = False
    for count in map(int, os.environ.get("CAMERAS", "1,4,8,16").split(",")):
        with tempfile.TemporaryDirectory() as folder:
            held = await measured(Path(folder), clip, count, model)
        budget = BASE_MIB + CAMERA_MIB * count
        over = over or max(held) > budget
        tail = held[len(held) // 2 :]
        say(
            f"{count} cameras, {model}: {max(held)} MiB at most, {tail[0]} MiB at half time, {tail[-1]} MiB "
            f"at the end; declared {budget} MiB"
        )
    return int(over)


async def measured(folder: Path, clip: Path, count: int, model: str) -> list[int]:
    """Run a box with so many cameras and return what it held in each second, in MiB."""
    with memory_group("nightjar-soak") as group, simulator_process([clip], count) as simulator:
        config = config_of(simulator.urls, model)
        async with nightjar(folder / "data", config, wrapper=group.enter) as server:
            async with asyncio.timeout(ONLINE_WITHIN_S):
                while (await server.text("metrics")).count("nightjar_packets_total{") < count:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)
            return await watched(server, group)


async def watched(server: Server, group: MemoryGroup) -> list[int]:
    """Return what the group held in each second, in MiB, and say what each process has in the end."""
    held = []
    for _ in range(int(os.environ.get("SECONDS", "60"))):
        await asyncio.sleep(LOOK_EVERY_S)
        held.append(group.held_bytes() >> 20)
    service = server.process.pid
    for name, process in (("service", service), *(("worker", one) for one in workers_of(service))):
        say(f"  {name}: {status_of(process, 'RssAnon') >> 10} MiB, {status_of(process, 'Threads')} threads")
    return held


def status_of(process_id: int, name: str) -> int:
    """Return a number of a process's ``status`` (proc(5)): its threads, or KiB that belong to no file."""
    return int(Path(f"/proc/{process_id}/status").read_text().partition(f"{name}:")[2].split()[0])


def config_of(urls: list[str], model: str) -> str:
    """Return the configuration: as shipped, but for the model."""
    lines = ["[detector]", f'model = "{model}"', "fetch = false"]
    for number, url in enumerate(urls):
        lines += ["[[cameras]]", f'id = "cam{number}"', f'url = "{url}"']
    return "\n".join(lines) + "\n"


def say(line: str) -> None:
    """Print how far it is."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

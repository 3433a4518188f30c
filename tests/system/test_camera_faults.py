"""Cameras in every fault state at once: before readers, cycle after cycle, and before the whole appliance."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.domain.camera import CameraState
from appliance.packets.settings import Settings
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.camera_watch import QUICK, CameraWatch
from tests.support.clips import walking_square, write_clip
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = pytest.mark.system

FPS = 10
CYCLES = 20
PASSWORD, WRONG = "canary-right-77", "canary-wrong-88"
Do = Callable[[SimulatedCamera], object]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds without B-frames, a keyframe each second."""
    return write_clip(tmp_path_factory.mktemp("clips") / "yard.mp4", walking_square(2 * FPS), FPS, FPS)


def end_hang(camera: SimulatedCamera) -> None:
    """Answer again, on new connections."""
    camera.hang(None)


def answer(camera: SimulatedCamera) -> None:
    """Be well."""
    camera.answer(None)


def hang(camera: SimulatedCamera) -> None:
    """Lose the clients, and answer no PLAY."""
    camera.hang("before_play")
    camera.cut()


def be_busy(camera: SimulatedCamera) -> None:
    """Lose the clients, and have no session to spare."""
    camera.answer(453)
    camera.cut()


FAULTS: dict[str, tuple[Do, Do]] = {
    "stalls": (SimulatedCamera.stall, SimulatedCamera.resume),
    "unplugged": (SimulatedCamera.unplug, SimulatedCamera.plug),
    "hangs": (hang, end_hang),
    "busy": (be_busy, answer),
    "closes": (SimulatedCamera.end_stream, answer),
}


def failures(watch: CameraWatch) -> int:
    """Return how often a camera went offline, or stayed so for another reason."""
    return watch.states().count(CameraState.OFFLINE)


def has_failed_again(before: int, watch: CameraWatch) -> bool:
    """Return whether it did once more."""
    return failures(watch) > before


def descriptors() -> int:
    """Return how many file descriptors the process has."""
    return len([*Path("/proc/self/fd").iterdir()])


def memory_bytes() -> int:
    """Return the process's resident memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_cycle_after_cycle_of_every_fault_leaves_nothing_behind(clip: Path) -> None:
    """F1, F3, F4, F12, I4: 20 cycles of 5 faults: threads and descriptors as before, memory with no trend."""
    used: list[tuple[int, int]] = []
    memory: list[int] = []
    with simulator() as sim, ExitStack() as stack:
        cameras = {name: sim.camera(name, clip) for name in FAULTS}
        quicker = replace(QUICK, silence_timeout_s=0.6, retry_longest_s=0.2)
        watches = {
            name: stack.enter_context(CameraWatch(camera.url, settings=quicker))
            for name, camera in cameras.items()
        }
        for _ in range(CYCLES):
            for watch in watches.values():
                watch.wait_online()
                watch.packets.clear()
                watch.frames.clear()
            used.append((threading.active_count(), descriptors()))
            memory.append(memory_bytes())
            failed = {name: failures(watch) for name, watch in watches.items()}
            for name, (fail, _) in FAULTS.items():
                fail(cameras[name])
            for name, watch in watches.items():
                watch.wait(partial(has_failed_again, failed[name]))
            for name, (_, mend) in FAULTS.items():
                mend(cameras[name])
        states = {name: watch.states() for name, watch in watches.items()}
    assert {threads for threads, _ in used} == {used[0][0]}
    assert max(open_now for _, open_now in used) <= used[0][1] + 2 * len(FAULTS)
    assert used[-1][1] <= used[0][1] + 2
    trend_bytes = float(np.polyfit(range(CYCLES // 2), memory[CYCLES // 2 :], 1)[0])
    assert trend_bytes < 100_000, memory
    assert all(said.count(CameraState.OFFLINE) >= CYCLES for said in states.values())


def config(sim: Simulator, clip: Path) -> str:
    """Return the configuration of cameras in every state; each one's name says which."""
    bad: dict[str, Do] = {
        "stalled": lambda c: c.stall(),
        "hanging": lambda c: c.hang("before_describe"),
        "silent": lambda c: c.hang("after_play"),
        "refusing": lambda c: c.refuse(),
        "missing": lambda c: c.answer(404),
        "busy": lambda c: c.answer(503),
        "keyless": lambda c: c.drop_keyframes(),
        "broken": lambda c: c.send_broken_nal_units(2_000),
        "flipped": lambda c: c.flip_bits(0.5),
        "lossy": lambda c: c.lose_packets(0.2),
        "jumping": lambda c: c.jump_timestamps(-3600.0),
        "absurd": lambda c: c.describe_as(b"v=0\r\nm=video 0 RTP/AVP 96\r\n" + b"a=" + b"x" * 1_000_000),
    }
    for name, misbehave in bad.items():
        misbehave(sim.camera(name, clip))
    sim.camera("locked", clip, user="root", password=PASSWORD)
    for name in ("healthy1", "healthy2"):
        sim.camera(name, clip, user="root", password=PASSWORD)
    lines = ['[detector]\nmodel = "builtin"\n']
    for name, camera in sim.cameras.items():
        password = WRONG if name == "locked" else PASSWORD
        url = camera.url.replace("//", f"//root:{password}@") if camera.habits.user else camera.url
        lines.append(f'[[cameras]]\nid = "{name}"\nurl = "{url}"\n')
    return "".join(lines)


async def slowest_answer_s(server: Server, until_s: float) -> float:
    """Ask for health, cameras and the page in turn until that moment; return the longest time of one."""
    slowest = 0.0
    while time.monotonic() < until_s:
        for ask, path in ((server.get, "system/health"), (server.get, "cameras"), (server.text, "")):
            begun = time.monotonic()
            await ask(path)
            slowest = max(slowest, time.monotonic() - begun)
    return slowest


async def test_an_appliance_of_which_most_cameras_misbehave_is_as_quick_as_ever(
    clip: Path, tmp_path: Path
) -> None:
    """I1 to I3, I5 to I7, F34 before thirteen faults: nothing lost, slow, leaked or said twice."""
    with simulator() as sim:
        async with nightjar(tmp_path / "data", config(sim, clip)) as server:
            async with server.listener("system") as listener:
                for name in ("healthy1", "healthy2"):
                    await listener.first(
                        lambda h, of=name: (
                            h.type == "camera_status"  # type: ignore[misc]
                            and (h.data["id"], h.data["status"]) == (of, "online")
                        )
                    )
                assert await slowest_answer_s(server, time.monotonic() + 25.0) < 1.0
                changes = [(h.data["id"], h.data["status"]) for h in listener.of("camera_status")]
                said = repr([heard.message for heard in listener.heard])
            said += repr(await server.get("cameras")) + await server.text("metrics")
            assert await server.stop() == 0
            said += server.output.decode()
        for name in ("healthy1", "healthy2"):
            healthy = sim.cameras[name]
            assert [status for camera, status in changes if camera == name][-1] == "online"
            assert len(healthy.seen.attempts) == 1
            assert healthy.seen.dropped == 0
            healthy.wait(lambda c: c.seen.teardowns == 1)
            assert received(said, name) >= healthy.seen.pictures - 2 * FPS
    first = sorted(camera.seen.attempts[0] for camera in sim.cameras.values())
    assert first[-1] - first[0] >= (len(first) - 1) * Settings().connect_interval_s * 0.9
    states = {camera: [s for c, s in changes if c == camera and s != "connecting"] for camera, _ in changes}
    assert states["locked"] == ["auth_failed"]
    assert "no_video" in states["keyless"]
    assert all(states[name] == ["offline"] for name in ("hanging", "silent", "refusing", "missing", "busy"))
    assert all({*states[name]} == {"online"} for name in ("lossy", "jumping"))
    assert all(len(of_one) <= 4 for of_one in states.values()), states
    assert "Traceback" not in said
    assert PASSWORD not in said
    assert WRONG not in said
    assert all(len([*lines]) <= 10 for lines in lines_by_camera(server, sim).values())
    assert (await nightjar_command("check", "--data", str(tmp_path / "data")))[0] == 0


def received(metrics: str, camera: str) -> int:
    """Return how many packets of a camera were counted."""
    mark = f'nightjar_packets_total{{camera="{camera}"}} '
    return int(float(metrics.split(mark)[1].partition("\n")[0]))


def lines_by_camera(server: Server, sim: Simulator) -> dict[str, list[str]]:
    """Return the lines of the log that name each camera."""
    lines = server.output.decode().splitlines()
    return {name: [line for line in lines if name in line] for name in sim.cameras}

"""A fault inside one part of the real service: that part begins anew, and the others lose nothing."""

import asyncio
import logging
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from tests.support import fault_switch, stub_service
from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.fault_switch import SAID, reader_of, switch_on
from tests.support.fire import workers_of
from tests.support.footage import digests_of, files_of, ledger, play, unaccounted
from tests.support.listener import Heard, Listener
from tests.support.passer import write_passer
from tests.support.server import Server, nightjar, nightjar_command
from tests.support.stub_worker import FULL, tell

log = logging.getLogger(__name__)

BUILTIN = '[detector]\nmodel = "builtin"\nfetch = false\n'
BACK_WITHIN_S = 3.0
LOOKED_FOR_S = 20.0
FIRST_GPU = "Detection worker on GPU 0"


async def test_a_fault_in_a_web_handler_is_one_answer_and_one_line_of_the_log(tmp_path: Path) -> None:
    """The client reads a problem like any other, without a word of the inside; the next request is answered.

    A WebSocket in whose handler something fails ends, and no other one does.
    """
    switches = tmp_path / "switches"
    async with (
        nightjar(tmp_path / "data", BUILTIN, wrapper=fault_switch.wrapper(switches)) as server,
        server.listener("system") as listener,
        ClientSession() as http,
    ):
        # Once it hears something it is subscribed: the fault in that is meant for the other one.
        assert await listener.until(lambda so_far: len(so_far.heard) > 0, LOOKED_FOR_S)
        switch_on(switches, fault_switch.LIST_OF_EVENTS)
        await _is_a_defect(http, "GET", f"{server.url}/api/v1/events")
        assert await server.get("events") == {"items": [], "next": None}
        switch_on(switches, fault_switch.CHANGE_OF_EVENT)
        await _is_a_defect(http, "PATCH", f"{server.url}/api/v1/events/none", {"reviewed": True})
        switch_on(switches, fault_switch.WEBSOCKET)
        async with http.ws_connect(f"{server.url}/api/v1/ws?channels=events") as socket, asyncio.timeout(5.0):
            while (message := await socket.receive()).type is WSMsgType.TEXT:
                assert SAID not in message.data
        heard = len(listener.heard)
        assert await listener.until(lambda so_far: len(so_far.heard) > heard, LOOKED_FOR_S)
        assert (await server.get("system/health"))["level"] == "ok"
        audited = (await server.get("audit"))["items"]
        assert [(row["what"], row["outcome"]) for row in audited][:1] == [("events.review", "failed")]
        assert await server.stop() == 0
    _is_logged_once(server, fault_switch.LIST_OF_EVENTS, fault_switch.CHANGE_OF_EVENT, fault_switch.WEBSOCKET)


@pytest.mark.parametrize(
    "place",
    [fault_switch.BEFORE_THE_COMMIT, fault_switch.BEHIND_THE_COMMIT, fault_switch.AFTER_TELLING],
)
async def test_a_fault_in_the_committer_loses_no_change_and_writes_none_twice(
    tmp_path: Path, place: str
) -> None:
    """Messages go on within three seconds, each once and in order; what is stored is what was said."""
    switches, data = tmp_path / "switches", tmp_path / "data"
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = f'{BUILTIN}[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with (
        nightjar(data, config, wrapper=fault_switch.wrapper(switches)) as server,
        server.listener("events,detections,alerts,system") as listener,
    ):
        for _ in range(2):
            await _after(listener, lambda heard: heard.type == "event_updated")
            waited_s = await _until_the_next_commit(listener, switches, place)
            log.info("%s: messages went on after %.2f s", place, waited_s)
            assert waited_s < BACK_WITHIN_S
        await _after(listener, lambda heard: heard.type == "event_created")
        assert (await server.get("system/health"))["level"] == "ok"
        assert await server.stop() == 0
        said = [heard.message for heard in listener.heard if "cursor" in heard.message and heard.data]
    cursors = [message["cursor"] for message in said]
    assert cursors == list(range(cursors[0], cursors[0] + len(cursors)))
    with closing(sqlite3.connect(data / "nightjar.db")) as connection:
        stored = connection.execute("SELECT cursor, type FROM outbox ORDER BY cursor").fetchall()
    assert stored[: len(said)] == [(message["cursor"], message["type"]) for message in said]
    assert "could not be stored" not in server.output.decode()
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


async def test_a_fault_in_a_cameras_thread_is_that_cameras_alone(tmp_path: Path) -> None:
    """It is back within three seconds, with its gap in the ledger; of the other one no picture is missing."""
    switches, data = tmp_path / "switches", tmp_path / "data"
    with simulator() as sim:
        cameras = {name: sim.timecode_camera(name, TimecodeSpec(), notes_pictures=True) for name in "ab"}
        config = _of_cameras(cameras)
        async with (
            nightjar(data, config, wrapper=fault_switch.wrapper(switches)) as server,
            server.listener("system") as listener,
        ):
            for name in cameras:
                await listener.first(lambda heard, name=name: _is_online(heard, name))  # type: ignore[misc]
            await _recorded(server, set(cameras))
            await asyncio.sleep(1.0)
            switch_on(switches, reader_of("b"))
            back_s = await _offline_for(listener, "b")
            log.info("the camera was back after %.2f s", back_s)
            assert back_s < BACK_WITHIN_S
            await asyncio.sleep(4.0)
            for camera in cameras.values():
                camera.stall()
            await asyncio.sleep(1.0)
            assert await server.stop() == 0
    _judge_footage(data, cameras)
    _is_logged_once(server, reader_of("b"))
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


async def test_a_killed_worker_is_back_and_the_footage_has_not_noticed(tmp_path: Path) -> None:
    """The supervisor starts it again within three seconds; after five deaths in a row it says degraded."""
    data = tmp_path / "data"
    with simulator() as sim:
        cameras = {"a": sim.timecode_camera("a", TimecodeSpec(), notes_pictures=True)}
        async with (
            nightjar(data, _of_cameras(cameras)) as server,
            server.listener("system,detections") as listener,
        ):
            await _recorded(server, set(cameras))
            killed: set[int] = set()
            backs_s = [await _worker_back_after_kill(server, listener, killed) for _ in range(2)]
            log.info("the worker was back after %.2f s and %.2f s", *backs_s)
            assert min(backs_s) < BACK_WITHIN_S
            for _ in range(3):
                await _kill_the_next_worker(server, killed)
            await _after(listener, lambda heard: _part(heard, "worker") == "degraded")
            assert (await server.get("cameras/a"))["status"] == "online"
            cameras["a"].stall()
            await asyncio.sleep(1.0)
            assert await server.stop() == 0
    stored = [digest for file in files_of(data, "a") for digest in digests_of(file)]
    assert stored == [picture.digest for picture in cameras["a"].sent]


async def test_gpus_that_fail_are_said_to_and_the_footage_has_not_noticed(tmp_path: Path) -> None:
    """One of two is lost, the other one goes on; when that has no memory left, detection pauses."""
    data, told = tmp_path / "data", tmp_path / "told"
    first, second = (stub_service.told_at(told, gpu) for gpu in range(stub_service.GPUS))
    with simulator() as sim:
        cameras = {"a": sim.timecode_camera("a", TimecodeSpec(), notes_pictures=True)}
        async with nightjar(data, _of_cameras(cameras), wrapper=stub_service.wrapper(told)) as server:
            await _recorded(server, set(cameras))
            await _looked_at_more(server)
            for words, reason in (
                ("illegal", "RuntimeError: CUDA error: an illegal memory access was encountered"),
                ("lost", "DeviceLost: the GPU has fallen off the bus (Xid 79)"),
            ):
                tell(second, words)
                await _said(server, "worker on GPU 1", reason)
                await _looked_at_more(server)
            tell(first, "full 0")
            await _said(server, f"memory of {FIRST_GPU}", f"detection is paused: {FULL}")
            tell(second, "")
            await _looked_at_more(server)
            assert (await server.get("cameras/a"))["status"] == "online"
            cameras["a"].stall()
            await asyncio.sleep(1.0)
            assert await server.stop() == 0
    stored = [digest for file in files_of(data, "a") for digest in digests_of(file)]
    assert stored == [picture.digest for picture in cameras["a"].sent]


async def _said(server: Server, part: str, reason: str) -> None:
    """Wait until a part says that it is not well, and why."""
    async with asyncio.timeout(LOOKED_FOR_S):
        while not any(  # noqa: ASYNC110 - asked until the list says so, as a page would
            one["part"] == part and one["level"] != "ok" and reason in one["reason"]
            for one in (await server.get("system/health"))["parts"]
        ):
            await asyncio.sleep(0.02)


async def _looked_at_more(server: Server) -> None:
    """Wait until the detector has looked at five frames more than now."""
    before = await _looked_at(server)
    async with asyncio.timeout(LOOKED_FOR_S):
        while await _looked_at(server) < before + 5:  # noqa: ASYNC110 - no message says so
            await asyncio.sleep(0.05)


async def _looked_at(server: Server) -> int:
    done = re.search(
        r'detection_frames_total\{camera="a",outcome="done"\} (\d+)', await server.text("metrics")
    )
    return int(done[1]) if done else 0


async def _is_a_defect(http: ClientSession, method: str, url: str, body: object = None) -> None:
    """Fail unless the answer is the problem that says nothing of the inside."""
    async with http.request(method, url, json=body) as answer:
        problem = await answer.json(content_type="application/problem+json")
        assert answer.status == 500
    assert problem == {
        "type": "urn:nightjar:problem:defect",
        "title": "Something went wrong inside Nightjar",
        "status": 500,
        "detail": "the log of the service says more",
    }


def _is_logged_once(server: Server, *places: str) -> None:
    """Fail unless the log has one entry for each of these faults, and no other error."""
    output = server.output.decode()
    for place in places:
        assert output.count(f"RuntimeError: {SAID}: {place}\n") == 1, output
    assert output.count(" ERROR ") == len(places), output


async def _after(
    listener: Listener, wanted: Callable[[Heard], bool], within_s: float = LOOKED_FOR_S
) -> Heard:
    """Wait for a message that comes from now on."""
    seen = len(listener.heard)
    found = await listener.until(lambda so_far: any(map(wanted, so_far.heard[seen:])), within_s)
    assert found, [heard.message for heard in listener.heard[seen:]]
    return next(filter(wanted, listener.heard[seen:]))


async def _until_the_next_commit(listener: Listener, switches: Path, place: str) -> float:
    """Let a commit fail, and return the seconds until something is said that was committed after that."""
    switch_on(switches, place)
    began = time.monotonic()
    while fault_switch.is_on(switches, place):
        assert time.monotonic() - began < LOOKED_FOR_S, "nothing was committed"
        await asyncio.sleep(0.01)
    failed = time.monotonic()
    await _after(listener, lambda heard: "cursor" in heard.message)
    return time.monotonic() - failed


def _part(heard: Heard, name: str) -> str:
    """Return how a part is by a message of health; empty for any other message."""
    if heard.type != "health":
        return ""
    return next((part["level"] for part in heard.data["parts"] if part["part"] == name), "")


def _of_cameras(cameras: dict[str, SimulatedCamera]) -> str:
    lines = [BUILTIN, "[recordings]", "segment_s = 10.0"]
    for name, camera in cameras.items():
        lines += ["[[cameras]]", f'id = "{name}"', f'url = "{camera.url}"', "detect_fps = 5.0"]
    return "\n".join(lines) + "\n"


def _is_state(heard: Heard, camera: str, state: str) -> bool:
    return (
        heard.type == "camera_status"
        and heard.message["camera_id"] == camera
        and heard.data["status"] == state
    )


def _is_online(heard: Heard, camera: str) -> bool:
    return _is_state(heard, camera, "online")


async def _offline_for(listener: Listener, camera: str) -> float:
    """Wait until a camera has been offline and is online again, and return for how many seconds it was."""
    gone = await _after(listener, lambda heard: _is_state(heard, camera, "offline"))
    assert "inside Nightjar" in gone.data["status_reason"]
    back = await _after(listener, lambda heard: _is_online(heard, camera))
    return (back.at_us - gone.at_us) / 1e6


async def _recorded(server: Server, cameras: set[str]) -> None:
    """Wait until the ledger has a segment of each camera."""
    async with asyncio.timeout(LOOKED_FOR_S):
        while not cameras <= {piece.camera_id for piece in ledger(server.data) if not piece.cause}:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


def _judge_footage(data: Path, cameras: dict[str, SimulatedCamera]) -> None:
    """Fail unless all of camera a is stored, and of b all but what its gap says; and both can be played."""
    pieces = ledger(data)
    assert unaccounted(pieces) == []
    stored = {
        name: [digest for file in files_of(data, name) for digest in digests_of(file)] for name in cameras
    }
    sent = {name: [picture.digest for picture in camera.sent] for name, camera in cameras.items()}
    assert stored["a"] == sent["a"]
    assert len(cameras["a"].seen.attempts) == 1
    lost = len(sent["b"]) - len(stored["b"])
    gaps = [piece for piece in pieces if piece.camera_id == "b" and piece.cause][1:]
    log.info("%d pictures of b were lost, its gaps are %s", lost, gaps)
    assert 0 < lost <= 40
    assert len(gaps) == 1
    for name in cameras:
        assert sum(play(file) for file in files_of(data, name)) == len(stored[name])


async def _kill_the_next_worker(server: Server, killed: set[int]) -> None:
    """Kill the detection worker as soon as there is one that was not killed yet, and note it."""
    worker = await _next_worker(server, killed)
    os.kill(worker, signal.SIGKILL)
    killed.add(worker)


async def _next_worker(server: Server, killed: set[int]) -> int:
    """Wait for a detection worker that was not killed yet."""
    async with asyncio.timeout(LOOKED_FOR_S):
        while not (workers := set(workers_of(server.process.pid)) - killed):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return workers.pop()


async def _worker_back_after_kill(server: Server, listener: Listener, killed: set[int]) -> float:
    """Kill the worker, and return the seconds until another one has found something, or nothing."""
    await _kill_the_next_worker(server, killed)
    began = time.monotonic()
    await _next_worker(server, killed)
    await _after(listener, lambda heard: heard.type == "detection_created")
    return time.monotonic() - began

"""Kill the appliance at random moments while four cameras record, and compare what was sent and stored.

The cameras are simulated in this process: each picture is made when it is sent, and remembered. What must
hold after each kill: of what a camera had sent at least ``ON_ITS_WAY_S`` before, at most one fragment is not
in the files, the last one, and the ledger is whole; and after the next start, beside the recording, every
file plays in full and the check finds nothing.
"""

import asyncio
import contextlib
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.camera_simulator.camera import SimulatedCamera
from tests.support.camera_simulator.simulator import Simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.footage import complaints, digests_of, ledger, missing, play, unaccounted
from tests.support.server import nightjar_command
from tests.support.source import ROOT

NAMES = ("north", "east", "south", "west")
SPEC = TimecodeSpec(fps=10, gop=10)
FRAGMENT_PICTURES = 10
"""A fragment is a GOP or a second: with these cameras both are ten pictures."""

BACK_WITHIN_S = 10.0
ON_ITS_WAY_S = 0.5
"""What was sent later than that before the kill may still have been on its way to the disk."""

LONGEST_LIFE_S = 4.0
KILLED_EARLY_RATIO = 0.2
LOOK_EVERY_S = 0.05
STOP_S = 20.0


def config_of(cameras: dict[str, SimulatedCamera]) -> str:
    """Return the configuration: files of a few seconds, and nothing that is not needed here."""
    lines = ["[detector]", 'model = "builtin"', "fetch = false", "[recordings]", "segment_s = 5.0"]
    for name, camera in cameras.items():
        lines += ["[[cameras]]", f'id = "{name}"', f'url = "{camera.url}"', 'decode = "keyframes"']
    return "\n".join(lines) + "\n"


@dataclass
class FootageCampaign:
    """Many lives of the appliance on one data directory, each but the last ended by SIGKILL.

    Attributes:
        back_s: how long each life took from its start until all cameras were recorded.
        lost: how many pictures of each camera each kill cost, of those that were not on their way.
        pictures: found in the files and compared so far.
    """

    data: Path
    simulator: Simulator
    rng: random.Random
    lives: int = 0
    back_s: list[float] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    pictures: int = 0
    _cameras: dict[str, SimulatedCamera] = field(default_factory=dict)
    _compared: set[Path] = field(default_factory=set)
    _played: set[Path] = field(default_factory=set)

    async def run(self, kills: int, say: Callable[["FootageCampaign"], None] = lambda _: None) -> None:
        """Kill that often and look after each; then end a last life in order, and look at everything."""
        for name in NAMES:
            self._cameras[name] = self.simulator.timecode_camera(name, SPEC, notes_pictures=True)
        self.data.with_suffix(".toml").write_text(config_of(self._cameras))
        for _ in range(kills):
            await self._killed()
            say(self)
        await self._last()

    def __str__(self) -> str:
        back = sorted(self.back_s) or [0.0]
        return (
            f"{self.lives} kills, {len(self._compared)} files, {self.pictures} pictures; a kill cost one "
            f"at most {max(self.lost, default=0)} of the {FRAGMENT_PICTURES} pictures of a fragment; "
            f"back recording after {back[len(back) // 2]:.1f} s, at most {back[-1]:.1f} s"
        )

    async def _killed(self) -> None:
        self.lives += 1
        marks = {name: len(camera.sent) for name, camera in self._cameras.items()}
        async with self._life() as process:
            if self.lives > 1 and self.rng.random() < KILLED_EARLY_RATIO:
                await _ends(process, self.rng.uniform(0.0, 3.0))
            else:
                await self._records(process)
                await self._restored()
                await _ends(process, self.rng.uniform(0.0, LONGEST_LIFE_S))
            assert process.returncode is None, f"it ended by itself:\n{self._said()}"
            killed_s = time.time()
            process.kill()
            await process.wait()
        for camera in self._cameras.values():
            # Else a picture sent to the dead would count as sent to the next life.
            await asyncio.to_thread(camera.wait, lambda one: not one.seen.connections)
        await asyncio.to_thread(self._compare, marks, killed_s)
        self._account()

    async def _last(self) -> None:
        """Start once more, let the cameras pause, and stop in order: then nothing at all may be missing."""
        marks = {name: len(camera.sent) for name, camera in self._cameras.items()}
        async with self._life() as process:
            await self._records(process)
            for camera in self._cameras.values():
                camera.stall()
            await asyncio.sleep(2.0)
            process.terminate()
            async with asyncio.timeout(STOP_S):
                assert await process.wait() == 0, self._said()
        await asyncio.to_thread(self._compare, marks, time.time())
        assert self.lost[-len(NAMES) :] == [0] * len(NAMES), "an end in order lost something"
        await asyncio.to_thread(self._play, self._compared)
        await self._check()
        self._account()
        named = {piece.file for piece in ledger(self.data) if piece.file is not None}
        assert named == set(self._files()), (
            f"files without a row, or the reverse: {named ^ set(self._files())}"
        )

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[asyncio.subprocess.Process]:
        arguments = ("run", "--config", self.data.with_suffix(".toml"), "--data", self.data, "--port", "0")
        with self.data.with_suffix(".log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "appliance", *map(str, arguments)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _records(self, process: asyncio.subprocess.Process) -> None:
        """Wait until every camera has a fragment in a file of this life."""
        begun, known = time.monotonic(), set(self._files())
        waiting = set(NAMES)
        while waiting:
            await asyncio.sleep(LOOK_EVERY_S)
            assert process.returncode is None, f"it ended by itself:\n{self._said()}"
            assert time.monotonic() - begun < BACK_WITHIN_S, f"{waiting} not recorded:\n{self._said()}"
            new = [file for file in self._files() if file not in known and b"mdat" in file.read_bytes()]
            waiting -= {file.parent.parent.name for file in new}
        self.back_s.append(time.monotonic() - begun)

    async def _restored(self) -> None:
        """Wait until the files of former lives are what their rows say, and look at all of them."""
        async with asyncio.timeout(BACK_WITHIN_S):
            while not self._compared & set(self._files()) <= _closed(self.data):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.to_thread(self._play, self._compared)
        self._account()
        await self._check()

    def _files(self) -> list[Path]:
        return sorted(self.data.glob("footage/*/*/*.mp4"))

    def _compare(self, marks: dict[str, int], killed_s: float) -> None:
        """Compare what each camera sent in a life with the files that are new since the last one."""
        new = [file for file in self._files() if file not in self._compared]
        for name, camera in self._cameras.items():
            stored = [
                digest for file in new if file.parent.parent.name == name for digest in digests_of(file)
            ]
            sent = [one for one in camera.sent[marks[name] :] if one.at_s <= killed_s - ON_ITS_WAY_S]
            lost = missing(sent, stored)
            assert lost == sent[len(sent) - len(lost) :], f"{name}: pictures are missing in the midst: {lost}"
            assert len(lost) <= FRAGMENT_PICTURES, f"{name}: {len(lost)} pictures of {len(sent)} are lost"
            assert len(set(stored)) == len(stored), f"{name}: pictures are stored twice"
            self.pictures += len(stored)
            self.lost.append(len(lost))
        self._compared.update(new)

    def _play(self, files: set[Path]) -> None:
        """Decode files of former lives, each once: the start has looked after them."""
        for file in sorted(files - self._played):
            if file.exists():
                play(file)
                assert not (said := complaints(file)), said
        self._played |= files

    async def _check(self) -> None:
        """Have ``nightjar check`` find nothing; what it finds only once was being replaced just then."""
        found = await self._found()
        if found:
            found &= await self._found()
        assert not found, "\n".join(sorted(found))

    async def _found(self) -> set[str]:
        status, output = await nightjar_command(
            "check", "--config", str(self.data.with_suffix(".toml")), "--data", str(self.data)
        )
        return set(output.splitlines()[:-1] or [output]) if status else set()

    def _account(self) -> None:
        """Fail unless the ledger has neither hole nor overlap, and its gaps come of the kills."""
        pieces = ledger(self.data)
        holes = unaccounted(pieces)
        assert not holes, "\n".join(holes)
        causes = {piece.cause for piece in pieces} - {"", "service_down", "camera_down"}
        assert not causes, f"gaps of other causes than the kills: {causes}"

    def _said(self) -> str:
        return self.data.with_suffix(".log").read_text()[-4000:]


def _closed(data: Path) -> set[Path]:
    return {piece.file for piece in ledger(data) if piece.file is not None and piece.state == "closed"}


async def _ends(process: asyncio.subprocess.Process, within_s: float) -> None:
    """Return when it has ended, or after that time."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), within_s)

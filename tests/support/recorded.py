"""What a service has recorded: its rows, and the files that they speak of, as anybody can read them."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from appliance.domain.time import US_PER_S

LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Told:
    """A time of a camera: ``what`` is ``recorded`` or the cause of a gap; ``path`` is that of the file."""

    start_us: int
    end_us: int
    what: str
    path: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end_us - self.start_us) / US_PER_S


class Recorded:
    """Looks into a data directory from outside, while its service runs or afterwards."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def told(self, camera_id: str) -> list[Told]:
        """Return all that the database tells of a camera's time, in order."""
        with closing(sqlite3.connect(f"file:{self._data / 'nightjar.db'}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT start_us, end_us, 'recorded', path FROM segments WHERE camera_id = :id "
                "UNION ALL SELECT start_us, end_us, cause, '' FROM gaps WHERE camera_id = :id ORDER BY 1, 2",
                {"id": camera_id},
            ).fetchall()
        return [Told(*row) for row in rows]

    def story(self, camera_id: str) -> list[str]:
        """Return what happened, in order: files that follow each other as one."""
        words = [told.what for told in self.told(camera_id)]
        return [word for before, word in pairwise(["", *words]) if word != before]

    def recorded_s(self, camera_id: str) -> float:
        """Return how many seconds of a camera are recorded."""
        return sum(told.seconds for told in self.told(camera_id) if told.what == "recorded")

    async def wait(self, until: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until that holds.

        Raises:
            TimeoutError: it did not in that time.
        """
        async with asyncio.timeout(timeout_s):
            while not until():  # noqa: ASYNC110 - the rows of another process say nothing by themselves
                await asyncio.sleep(LOOK_EVERY_S)

    def expect_whole(self, camera_id: str) -> list[Told]:
        """Assert that a camera's time adds up, and return it."""
        told = self.told(camera_id)
        assert [(a, b) for a, b in pairwise(told) if a.end_us != b.start_us] == []
        return told

    def expect_playable(self, camera_id: str) -> None:
        """Assert that every file of a camera plays from its beginning to its end."""
        for told in self.told(camera_id):
            if told.what != "recorded":
                continue
            times = [at for at, _ in self.pictures(told.path)]
            step_s = times[1] - times[0] if len(times) > 1 else 0.1
            assert times[0] == 0, told
            assert abs(times[-1] + step_s - told.seconds) < 0.15, (told, times[-1])

    def pictures(self, path: str) -> list[tuple[float, "np.typing.NDArray[np.uint8]"]]:
        """Return position in seconds and luma of every picture of a file."""
        with av.open(str(self.file(path))) as container:
            return [
                (float(frame.time or 0), np.asarray(frame.to_ndarray(format="gray"), np.uint8))
                for frame in container.decode(container.streams.video[0])
            ]

    def sound_s(self, path: str) -> float:
        """Return how many seconds of sound a file has."""
        with av.open(str(self.file(path))) as container:
            return sum(
                frame.samples / frame.sample_rate for frame in container.decode(container.streams.audio[0])
            )

    def file(self, path: str) -> Path:
        """Return where a file lies."""
        return self._data / "footage" / path

"""The replays of several cameras in a few processes: each decides on one camera after the other."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeAlias

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.errors import NightjarError, NotFound, TemporaryFailure
from appliance.replay.archive import Archive
from appliance.replay.repeat import Repeated, repeat
from appliance.replay.supposition import NOTHING, Supposition

Tell: TypeAlias = Callable[[int], None]
"""Gets the number of frames that were decided on since it was told last."""
Line: TypeAlias = "Connection[Any, Any]"
"""Cameras go one way; numbers of frames, and then a result or an error, the other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be replayed.

    Attributes:
        data: the data directory.
        cameras: in the order of the answer.
        from_us: what began before does not count,
        to_us: nor what began then or later.
        supposition: other settings to be tried beside those of the day.
    """

    data: Path
    cameras: tuple[CameraId, ...]
    from_us: WallUs
    to_us: WallUs
    supposition: Supposition = NOTHING


def replay(wanted: Wanted, processes: int, tell: Tell = lambda _: None) -> list[Repeated]:
    """Make the decisions of several cameras again; a camera of which that time is not stored is left out.

    Args:
        wanted: which cameras, and what of them.
        processes: at most so many at once; a single one is this one.
        tell: is told how far it has come.

    Raises:
        NotFound: that time is stored of none of them.
        TemporaryFailure: a process ended before it was done.
    """
    processes = min(processes, len(wanted.cameras))
    done = dict(_alone(wanted, tell) if processes <= 1 else _together(wanted, processes, tell))
    found = [one for camera in wanted.cameras if isinstance(one := done[camera], Repeated)]
    for failure in done.values():
        if isinstance(failure, NightjarError) and not (found and isinstance(failure, NotFound)):
            raise failure
    return found


def _alone(wanted: Wanted, tell: Tell) -> Iterator[tuple[CameraId, Repeated | NightjarError]]:
    for camera in wanted.cameras:
        yield camera, _repeated(wanted, camera, tell)


def _together(
    wanted: Wanted, processes: int, tell: Tell
) -> Iterator[tuple[CameraId, Repeated | NightjarError]]:
    waiting = deque(wanted.cameras)
    busy: dict[Line, CameraId] = {}
    with _hands(wanted, processes) as lines:
        for line in lines:
            busy[line] = _hand_over(line, waiting)
        while busy:
            for ready in wait(list(busy)):
                line = next(one for one in busy if one is ready)
                said = _hear(line)
                if isinstance(said, int):
                    tell(said)
                    continue
                yield busy.pop(line), said
                if waiting:
                    busy[line] = _hand_over(line, waiting)


@contextmanager
def _hands(wanted: Wanted, processes: int) -> Iterator[list[Line]]:
    """Run so many processes until the block ends."""
    context = multiprocessing.get_context("spawn")
    lines: list[Line] = []
    started: list[SpawnProcess] = []
    try:
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, wanted), daemon=True)
            process.start()
            theirs.close()
            lines.append(ours)
            started.append(process)
        yield lines
    finally:
        for line in lines:
            line.close()
        for process in started:
            process.terminate()
            process.join()


def _hand_over(line: Line, waiting: deque[CameraId]) -> CameraId:
    camera = waiting.popleft()
    line.send(camera)
    return camera


def _hear(line: Line) -> int | Repeated | NightjarError:
    try:
        said: int | Repeated | NightjarError = line.recv()
    except EOFError as err:
        raise TemporaryFailure("a process that made decisions again ended before it was done") from err
    return said


def _work(line: Line, wanted: Wanted) -> None:
    """Be one of the processes: take cameras until the other side hangs up."""
    # The program itself lives as long as the process: the collector need not look through it again and again.
    gc.freeze()
    try:
        while True:
            camera: CameraId = line.recv()
            line.send(_repeated(wanted, camera, line.send))
    except (EOFError, BrokenPipeError):
        return


def _repeated(wanted: Wanted, camera: CameraId, tell: Tell) -> Repeated | NightjarError:
    try:
        with Archive(wanted.data) as archive:
            return repeat(archive, camera, wanted.from_us, wanted.to_us, wanted.supposition, tell)
    except NightjarError as err:
        return err

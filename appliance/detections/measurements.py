"""What was measured of the models on this machine, kept in their folder: which back end is the fastest."""

import contextlib
import logging
from pathlib import Path

import msgspec

from appliance.detections.working import finish, locked, part_in
from detectors.reports import Machine, Timing

log = logging.getLogger(__name__)

FILE = "calibration.json"
MOST = 200
"""Measurements that are kept; the oldest go first."""


class Measured(msgspec.Struct, frozen=True):
    """One back end, measured with one model.

    Attributes:
        back_end: its name in ``detectors.registry``.
        timings: by size of batch, in rising order; empty where it cannot be used.
        problem: why it cannot be used, or why not all sizes were measured; else empty.
    """

    back_end: str
    timings: tuple[Timing, ...] = ()
    problem: str = ""

    @property
    def picture_ms(self) -> float | None:
        """Milliseconds for one picture at the best size of batch; ``None`` where it cannot be used."""
        return min((timing.median_ms / timing.batch for timing in self.timings), default=None)


class Measurement(msgspec.Struct, frozen=True):
    """A model file, measured on a machine.

    Attributes:
        sha256: of the file.
        machine: it holds as long as nothing of it has changed.
        back_ends: in the order in which they were measured.
    """

    sha256: str
    machine: Machine
    back_ends: tuple[Measured, ...]

    @property
    def ranked(self) -> tuple[Measured, ...]:
        """The back ends that can be used, the fastest first."""
        usable = [(one.picture_ms, place) for place, one in enumerate(self.back_ends) if one.timings]
        return tuple(self.back_ends[place] for _, place in sorted(usable, key=lambda pair: pair[0] or 0.0))

    @property
    def has_problems(self) -> bool:
        """Whether a back end could not be measured, or not in all sizes."""
        return any(one.problem for one in self.back_ends)

    @property
    def words(self) -> str:
        """One line for a person."""
        told = [f"{one.back_end} {one.picture_ms:.1f} ms" for one in self.ranked]
        told += [f"{one.back_end} not usable: {one.problem}" for one in self.back_ends if not one.timings]
        chosen = f": {self.ranked[0].back_end} is used" if self.ranked else ""
        return ", ".join(told) + chosen


class Measurements:
    """The file. Every method blocks on the disk: on the event loop call them through a thread.

    Args:
        folder: of the models.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: tuple[int, int] | None = None

    def all(self) -> tuple[Measurement, ...]:
        """Return what is kept; nothing where there is no such file, or none that can be read."""
        path = self._folder / FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=tuple[Measurement, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError) as err:
            self._tell(path, err)
            return ()

    def find(self, sha256: str, machine: Machine) -> Measurement | None:
        """Return what was measured of a model on this very machine, if it was."""
        for one in reversed(self.all()):
            if (one.sha256, one.machine) == (sha256, machine):
                return one
        return None

    def keep(self, measurement: Measurement) -> None:
        """Keep a measurement in the place of the older one of that model on that machine."""
        of = (measurement.sha256, measurement.machine)
        self._folder.mkdir(parents=True, exist_ok=True)
        with locked(self._folder), part_in(self._folder) as part:
            others = [one for one in self.all() if (one.sha256, one.machine) != of]
            part.write(msgspec.json.format(msgspec.json.encode([*others, measurement][-MOST:])))
            finish(part)
            Path(part.name).replace(self._folder / FILE)

    def _tell(self, path: Path, err: Exception) -> None:
        """Say that the file is damaged, once for each state of it."""
        with contextlib.suppress(OSError):
            found = path.stat()
            state = (found.st_size, found.st_mtime_ns)
            if state != self._told:
                self._told = state
                log.warning("%s: what was measured cannot be read, and is measured anew: %s", path, err)

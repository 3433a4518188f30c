"""Finds out which back end runs a model fastest here: by measuring each, once, in a process of its own."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.detections.beside import Program, run_beside
from appliance.detections.file_hashes import FileHashes
from appliance.detections.measurements import Measured, Measurement, Measurements
from appliance.detections.settings import Settings
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import ModelError, WorkerLost
from appliance.runtime.clock import Clock
from appliance.runtime.first_of import first_of
from detectors.reports import Candidates, Machine, Report, Timing

log = logging.getLogger(__name__)

PROGRAM: Program = ("-m", "detectors.measure")
SUFFIXES = (".onnx", ".pt", ".engine")
BATCHES = (1, 2, 4, 8)
SECONDS = 1.5
"""How long each size of batch is measured, about."""
LOOK_DEADLINE_S = 60.0
MEASURE_DEADLINE_S = 180.0
"""Of one back end: loading a model with TensorRT or torch may take a minute."""
PROBE_DEADLINE_S = 60.0
LOOK_AGAIN_S = 60.0
"""After a look that failed, or a measurement that could not be kept."""
GPU_AGAIN_S = 600.0
"""Where there are signs of a GPU, and its driver does not answer."""
MEASURE_AGAIN_S = 86_400.0
"""What failed may have failed for a passing reason."""
GPU_SIGNS = tuple(map(Path, ("/dev/nvidia0", "/dev/nvhost-gpu", "/dev/nvgpu", "/dev/dxg")))
"""Of a card, of the boards with one built in, and of one that a host lends."""

CPU = "CPU"
"""The accelerator of what computes on the processor."""

Wish = tuple[str, str]
"""The path of a model, and its SHA-256."""
OnStep = Callable[[str], None]
"""Is told what is going on, for a person."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is installed here.

    Attributes:
        machine: what measurements and engines depend on.
        back_ends: that can run a kind of file, by its suffix.
    """

    machine: Machine
    back_ends: Mapping[str, tuple[str, ...]]

    @classmethod
    def unknown(cls) -> "Surroundings":
        """Return what is known where nobody has looked."""
        return cls(Machine(), {})

    def candidates(self, path: str) -> tuple[str, ...]:
        """Return the names of the back ends that can run a file, the first choice first."""
        return self.back_ends.get(Path(path).suffix.lower(), ())


class Calibrator:
    """Measures in the background what it is asked for. Used from the event loop's thread alone.

    Args:
        measurements: where results are kept.
        clock: for deadlines.
        settings: of the stage.
        device: the number of the GPU.
        program: what measures; a test has one of its own.
        signs: files that are there where there is a GPU.
    """

    def __init__(
        self,
        measurements: Measurements,
        clock: Clock,
        settings: Settings,
        device: int = 0,
        program: Program = PROGRAM,
        signs: Sequence[Path] = GPU_SIGNS,
    ) -> None:
        self._measurements = measurements
        self._clock = clock
        self._settings = settings
        self._device = device
        self._program = program
        self._signs = signs
        self._surroundings: Surroundings | None = None
        self._seen_signs: frozenset[Path] = frozenset()
        self._look_at = MonotonicNs(0)
        self._looking = asyncio.Lock()
        self._asked: list[Wish] = []
        self._wake = asyncio.Event()
        self._now = ""
        self._hashes = FileHashes()
        self._measured_now: dict[str, Measurement] = {}
        self._again: dict[Wish, MonotonicNs] = {}

    @property
    def now(self) -> str:
        """What is being measured, for a person; empty most of the time."""
        return self._now

    async def surroundings(self) -> Surroundings:
        """Return what is installed here, found out by a process of its own the first time.

        Where that cannot be found out, nothing is known to be there and nothing is measured until the next
        look. It is looked again, too, where a GPU may have come since.
        """
        async with self._looking:
            signs = await asyncio.to_thread(self._signs_now)
            if self._is_stale(signs):
                found = await self._look()
                again_s = LOOK_AGAIN_S if found is None else GPU_AGAIN_S
                self._look_at, self._seen_signs = self._in(again_s), signs
                self._surroundings = found or self._surroundings
            return self._surroundings or Surroundings.unknown()

    def _signs_now(self) -> frozenset[Path]:
        return frozenset(sign for sign in self._signs if sign.exists())

    def _is_stale(self, signs: frozenset[Path]) -> bool:
        """Return whether what is known of this machine may not be all."""
        is_due = self._clock.monotonic_ns() >= self._look_at
        if self._surroundings is None or self._surroundings.machine.gpu:
            return self._surroundings is None and is_due
        return bool(signs) and (is_due or signs != self._seen_signs)

    def _in(self, seconds: float) -> MonotonicNs:
        return MonotonicNs(self._clock.monotonic_ns() + round(seconds * NS_PER_S))

    async def known(self, sha256: str) -> Measurement | None:
        """Return what was measured of a model on this machine, if it was."""
        machine = (await self.surroundings()).machine
        found = await asyncio.to_thread(self._measurements.find, sha256, machine)
        if found is not None and not found.has_problems:
            return found
        measured = self._measured_now.get(sha256)  # what failed in an earlier life is tried again in this one
        return measured if measured is not None and measured.machine == machine else None

    async def known_of(self, path: str, sha256: str) -> Measurement | None:
        """Return the same of a file whose hash may not be recorded."""
        if not sha256:
            try:
                sha256 = await asyncio.to_thread(self._hashes.of, Path(path))
            except OSError:
                return None
        return await self.known(sha256)

    def wish(self, path: str, sha256: str) -> None:
        """Have a model measured; ``run`` does it. One that waits already is not asked for twice."""
        wish = (path, sha256)
        if wish not in self._asked and self._is_due(wish):
            self._asked.append(wish)
            self._wake.set()

    async def run(self) -> None:
        """Measure what is wished for, and again what failed, for ever."""
        while True:
            await self._rest()
            await self.run_once()

    async def run_once(self) -> None:
        """Measure all that was wished for by now, and what failed long ago."""
        self._wake.clear()
        failed = [wish for wish in self._again if wish[1] in self._measured_now and self._is_due(wish)]
        self._asked += [wish for wish in failed if wish not in self._asked]
        while self._asked:
            wish = self._asked[0]
            self._again[wish] = self._in(LOOK_AGAIN_S)
            try:
                await self._fulfil(wish)
            finally:
                self._asked.pop(0)

    async def _fulfil(self, wish: Wish) -> None:
        """Measure one, and decide when that is worth another try."""
        path, sha256 = wish
        try:
            measurement = await self.measure(path, sha256)
        except ModelError as err:
            log.info("%s", err)
            self._measured_now.pop(sha256, None)
            return
        except OSError as err:
            log.warning("%s: what was measured cannot be kept: %s", path, err.strerror)
            measurement = self._measured_now[sha256]
        else:
            log.info("%s: %s", path, measurement.words or "no back end can run it")
        if measurement.has_problems:
            self._again[wish] = self._in(MEASURE_AGAIN_S)
        else:
            del self._again[wish]

    def _is_due(self, wish: Wish) -> bool:
        return self._clock.monotonic_ns() >= self._again.get(wish, MonotonicNs(0))

    async def _rest(self) -> None:
        """Wait for a wish, or until what failed may be worth another try."""
        await first_of(self._clock.sleep(LOOK_AGAIN_S), self._wake.wait())

    async def measure(
        self, path: str, sha256: str, on_step: OnStep = lambda _: None, seconds: float = SECONDS
    ) -> Measurement:
        """Measure a model on each back end that can run it, and keep the result.

        Args:
            path: of the file.
            sha256: of the file.
            on_step: is told what is going on.
            seconds: about so long each size of batch is measured.

        Raises:
            ModelError: the file is not that one, or not any more.
            OSError: the result cannot be kept.
        """
        surroundings = await self.surroundings()
        results = [
            await self._measured(path, sha256, back_end, on_step, seconds)
            for back_end in surroundings.candidates(path)
        ]
        measurement = Measurement(sha256, surroundings.machine, tuple(results))
        await self._check(path, sha256)
        self._measured_now[sha256] = measurement
        if measurement.ranked:
            await asyncio.to_thread(self._measurements.keep, measurement)
        return measurement

    async def _check(self, path: str, sha256: str) -> None:
        """See whether what was measured is what was meant."""
        try:
            found = await asyncio.to_thread(self._hashes.of, Path(path))
        except OSError as err:
            raise ModelError(f"{path}: gone while it was measured: {err.strerror}") from err
        if found != sha256:
            raise ModelError(f"{path}: changed while it was measured")

    async def probe(self, path: str, back_end: str, needs_device: bool = False, sha256: str = "") -> str:
        """Try in a process of its own whether a back end works (again); return why not, or nothing.

        Args:
            path: of a model file.
            back_end: its name; empty for the first that runs such a file.
            needs_device: falling back to the processor does not count.
            sha256: of the file that is meant; what runs code is loaded with it only.
        """
        accelerators: list[str] = []

        def keep(report: Report) -> None:
            if isinstance(report, Timing):
                accelerators.append(report.accelerator)

        try:
            await self._time(path, sha256, back_end, (1,), 0.0, PROBE_DEADLINE_S, keep)
        except (ModelError, WorkerLost) as err:
            return str(err)
        if needs_device and CPU in accelerators:
            return "it computes on the processor"
        return ""

    async def _measured(
        self, path: str, sha256: str, back_end: str, on_step: OnStep, seconds: float
    ) -> Measured:
        timings: list[Timing] = []

        def keep(report: Report) -> None:
            if isinstance(report, Timing):
                timings.append(report)
                on_step(f"{back_end}: batch {report.batch}: {report.median_ms:.1f} ms")

        self._now = f"{Path(path).stem} with {back_end}"
        on_step(f"{back_end}: loading {Path(path).name}")
        problem = ""
        try:
            await self._time(path, sha256, back_end, BATCHES, seconds, MEASURE_DEADLINE_S, keep)
        except (ModelError, WorkerLost) as err:
            problem = str(err)
            on_step(f"{back_end}: {problem}")
        finally:
            self._now = ""
        return Measured(back_end, tuple(timings), problem)

    async def _time(
        self,
        path: str,
        sha256: str,
        back_end: str,
        batches: Sequence[int],
        seconds: float,
        deadline_s: float,
        on_report: Callable[[Report], None],
    ) -> None:
        arguments = [
            *("time", path, back_end, "--batch", *map(str, batches), "--seconds", f"{seconds:g}"),
            *("--threads", str(self._settings.threads), "--device", str(self._device)),
            *("--sha256", sha256),
        ]
        await run_beside(self._program, arguments, self._clock, deadline_s, on_report)

    async def _look(self) -> Surroundings | None:
        machines: list[Machine] = []
        back_ends: dict[str, tuple[str, ...]] = {}

        def keep(report: Report) -> None:
            match report:
                case Machine():
                    machines.append(report)
                case Candidates(suffix, names):
                    back_ends[suffix] = names

        arguments = ("look", *SUFFIXES, "--device", str(self._device))
        try:
            await run_beside(self._program, arguments, self._clock, LOOK_DEADLINE_S, keep)
        except (ModelError, WorkerLost) as err:
            log.error("what can run models here cannot be found out, and nothing is measured: %s", err)
            return None
        return Surroundings(machines[0] if machines else Machine(), back_ends)

"""Builds TensorRT engines of models in the background, one at a time, and anew what does not fit any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.detections.beside import NotStarted, Program, run_beside
from appliance.detections.calibrator import Surroundings
from appliance.detections.models import (
    EXPORT_PREFIX,
    Engine,
    FailedExport,
    Model,
    ModelFolder,
    Recipe,
    sha256_of,
)
from appliance.detections.working import PART_SUFFIX, WorkingFolder, finish
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import Conflict, InvalidInput, ModelError, NotFound, TemporaryFailure, WorkerLost
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock
from appliance.runtime.first_of import first_of
from detectors.reports import Machine, Progress, Report

log = logging.getLogger(__name__)

PROGRAM: Program = ("-m", "detectors.export")
DEADLINE_S = 3600.0
"""A large model on a small GPU takes half an hour."""
CHECK_EVERY_S = 30.0
"""How often it is looked whether an engine still fits its model and this machine."""
AGAIN_FIRST_S = 60.0
AGAIN_LONGEST_S = 3600.0
"""A build that the disk has stopped is tried again by itself, ever more rarely."""
PRECISIONS = ("fp16", "fp32")
MOST_BATCH = 64
MOST_SIDE_PX = 4096

Look = Callable[[], Awaitable[Surroundings]]
OnProgress = Callable[[float, str], None]
"""Is told which part is done, 0 to 1, and what is being done."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """An engine that is being built.

    Attributes:
        name: the model's.
        ratio: which part is done, 0 to 1.
        doing: what is being done, for a person.
    """

    name: str
    ratio: float
    doing: str


@dataclass(slots=True)
class _Held:
    """What failed, and until when it is left alone."""

    backoff: Backoff
    until_ns: MonotonicNs


class Exporter:
    """Used from the event loop's thread alone.

    Args:
        folder: the models of the data directory.
        clock: for deadlines.
        look: tells what is installed here.
        program: what builds; a test has one of its own.
    """

    def __init__(
        self,
        folder: ModelFolder,
        clock: Clock,
        look: Look,
        program: Program = PROGRAM,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._look = look
        self._program = program
        self._now: Exporting | None = None
        self._asked: tuple[str, Recipe] | None = None
        self._wake = asyncio.Event()
        self._good: set[tuple[str, int, int]] = set()
        self._held: dict[tuple[str, Recipe], _Held] = {}

    @property
    def now(self) -> Exporting | None:
        """What is being built; ``None`` most of the time."""
        if self._now is None and self._asked is not None:
            return Exporting(self._asked[0], 0.0, "")
        return self._now

    async def can_build(self, model: Model) -> bool:
        """Return whether this machine has a GPU for an engine of that model."""
        return _is_buildable(model) and bool((await self._look()).machine.gpu)

    async def ask(self, name: str, recipe: Recipe) -> None:
        """Have an engine built of a model; ``run`` does it.

        Raises:
            InvalidInput: nothing can be built of it, or not like that.
            NotFound: there is no such model.
            Conflict: one is being built already.
            ModelError: the manifest is damaged.
        """
        check(recipe)
        _buildable(await asyncio.to_thread(self._folder.find, name))
        if self.now is not None:
            raise Conflict(f"an engine of {self.now.name} is being built; there is one at a time")
        self._asked = name, recipe
        self._wake.set()

    async def run(self) -> None:
        """Build what is asked for, and what does not fit any more, for ever."""
        await asyncio.to_thread(self._folder.remove_builds)
        while True:
            await self.run_once()
            await self._rest()

    async def run_once(self) -> None:
        """Build what was asked for, else one that does not fit any more, if there is any."""
        self._wake.clear()
        asked = self._asked or await self._misfit()
        if asked is None:
            return
        self._asked = asked
        name, recipe = asked
        try:
            path = await self.export(name, recipe)
        except (ModelError, NotFound, InvalidInput, TemporaryFailure) as err:
            log.error("no engine could be built of %s: %s", name, err)
        else:
            log.info("%s was built of %s", path.name, name)
        finally:
            self._asked = None

    async def export(self, name: str, recipe: Recipe, on_progress: OnProgress = lambda *_: None) -> Path:
        """Build an engine of a model and record it, or why that did not work; return its path.

        Raises:
            InvalidInput: nothing can be built of it, or not like that.
            NotFound: there is no such model.
            ModelError: it cannot be built; says why.
            WorkerLost: the builder died or took too long.
            TemporaryFailure: the disk refuses.
        """
        check(recipe)
        try:
            model = _buildable(await asyncio.to_thread(self._folder.record, name))
            path = await self._verified_build(model, recipe, on_progress)
        except OSError as err:
            self._hold((name, recipe))
            raise TemporaryFailure(f"{self._folder.folder}: {err.strerror or err}") from err
        finally:
            self._now = None
        self._held.pop((name, recipe), None)
        return path

    async def _verified_build(self, model: Model, recipe: Recipe, on_progress: OnProgress) -> Path:
        machine = (await self._look()).machine
        try:
            await asyncio.to_thread(self._folder.verified, model)
            return await self._build(model, recipe, machine, on_progress)
        except NotStarted:  # it has failed at nothing
            self._hold((model.name, recipe))
            raise
        except (ModelError, WorkerLost) as err:
            await self._note(model.name, FailedExport(recipe, model.sha256, machine, str(err)))
            raise

    async def _note(self, name: str, failed: FailedExport) -> None:
        """Record why a build failed, if the disk lets us: the failure itself is what counts."""
        try:
            await asyncio.to_thread(self._folder.note_failed_export, name, failed)
        except (OSError, ModelError) as err:
            log.warning("%s: why no engine could be built cannot be recorded: %s", name, err)
            self._hold((name, failed.recipe))

    def _hold(self, asked: tuple[str, Recipe]) -> None:
        """Leave it alone for a while, each time for longer."""
        held = self._held.setdefault(asked, _Held(Backoff(AGAIN_FIRST_S, AGAIN_LONGEST_S), MonotonicNs(0)))
        held.until_ns = MonotonicNs(self._clock.monotonic_ns() + round(held.backoff.next_s() * NS_PER_S))

    def _is_held(self, asked: tuple[str, Recipe]) -> bool:
        held = self._held.get(asked)
        return held is not None and self._clock.monotonic_ns() < held.until_ns

    async def _build(self, model: Model, recipe: Recipe, machine: Machine, on_progress: OnProgress) -> Path:
        def told(report: Report) -> None:
            if isinstance(report, Progress):
                self._now = Exporting(model.name, report.ratio, report.doing)
                on_progress(report.ratio, report.doing)

        self._now = Exporting(model.name, 0.0, "")
        place = await asyncio.to_thread(WorkingFolder.make, self._folder.folder, EXPORT_PREFIX)
        try:
            part = place.path / f"engine{PART_SUFFIX}"
            arguments = [
                *(str(self._folder.folder / model.file), str(part)),
                *("--batch", str(recipe.batch), "--size", str(recipe.size_px)),
                *("--precision", recipe.precision, "--sha256", model.sha256),
            ]
            await run_beside(self._program, arguments, self._clock, DEADLINE_S, told)
            return await asyncio.to_thread(self._record, model, recipe, machine, part)
        finally:
            await asyncio.to_thread(place.remove)

    def _record(self, model: Model, recipe: Recipe, machine: Machine, part: Path) -> Path:
        if not part.is_file():
            raise ModelError(f"{model.name}: the builder said that it was done, and there is no engine")
        with part.open("rb+") as file:
            finish(file)
        sha256 = sha256_of(part)
        size = f"-{recipe.size_px}" if recipe.size_px else ""
        file_name = f"{model.name}-b{recipe.batch}{size}-{recipe.precision}-{sha256[:8]}.engine"
        engine = Engine(
            *(file_name, sha256, part.stat().st_size, recipe, model.sha256),
            *(machine.gpu, machine.compute_capability, machine.tensorrt),
        )
        return self._folder.put_engine(model.name, part, engine)

    async def _misfit(self) -> tuple[str, Recipe] | None:
        """Return a model whose engine is damaged or was built for another machine, and how it was built."""
        try:
            models = await asyncio.to_thread(self._folder.models)
        except ModelError:  # the keeper says so
            return None
        built = [model for model in models if model.engines]
        if not built:
            return None
        machine = (await self._look()).machine
        if not (machine.gpu and machine.tensorrt):  # unknown yet: no reason to part with an engine
            return None
        for model in built:
            if not await asyncio.to_thread(self._has_good_engine, model, machine):
                recipe = model.engines[-1].recipe
                if not _has_failed(model, recipe, machine) and not self._is_held((model.name, recipe)):
                    return model.name, recipe
        return None

    def _has_good_engine(self, model: Model, machine: Machine) -> bool:
        fitting = [engine for engine in model.engines if engine.fits(machine, model.sha256)]
        return any(self._is_whole(engine) for engine in fitting)

    def _is_whole(self, engine: Engine) -> bool:
        """Return whether an engine's bytes are the recorded ones; they are read when the file has changed."""
        try:
            stat = (self._folder.folder / engine.file).stat()
            state = (engine.file, stat.st_size, stat.st_mtime_ns)
            if state not in self._good:
                self._folder.verified_engine(engine)
                self._good.add(state)
        except (OSError, ModelError) as err:
            log.warning("an engine is built anew: %s", err)
            return False
        return True

    async def _rest(self) -> None:
        await first_of(self._clock.sleep(CHECK_EVERY_S), self._wake.wait())


def check(recipe: Recipe) -> None:
    """See whether an engine can be built like that.

    Raises:
        InvalidInput: it cannot; says what was expected.
    """
    if not 1 <= recipe.batch <= MOST_BATCH:
        raise InvalidInput(f"batch: expected 1 to {MOST_BATCH}, got {recipe.batch}")
    if recipe.size_px and (not 32 <= recipe.size_px <= MOST_SIDE_PX or recipe.size_px % 32):
        raise InvalidInput(f"size: expected a multiple of 32 up to {MOST_SIDE_PX}, got {recipe.size_px}")
    if recipe.precision not in PRECISIONS:
        raise InvalidInput(f"precision: expected one of {', '.join(PRECISIONS)}, got {recipe.precision!r}")


def _is_buildable(model: Model) -> bool:
    return Path(model.file).suffix.lower() in {".onnx", ".pt"}


def _buildable(model: Model) -> Model:
    if not _is_buildable(model):
        raise InvalidInput(f"{model.file}: expected a model from which an engine can be built, .onnx or .pt")
    return model


def _has_failed(model: Model, recipe: Recipe, machine: Machine) -> bool:
    """Return whether just that was tried, and nothing has changed since."""
    failed = model.failed
    now = (recipe, model.sha256, machine)
    return failed is not None and (failed.recipe, failed.model_sha256, failed.machine) == now

"""All the ways to run the models that are wanted, the best first: file or engine, and on which back end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.detections.calibrator import Calibrator, Surroundings
from appliance.detections.file_hashes import FileHashes
from appliance.detections.measurements import Measurement
from appliance.detections.models import Engine, Model, ModelFolder
from appliance.detections.passed_over import PassedOver, Way
from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.errors import ModelError

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A path (or ``builtin``), and what the folder knows of it."""

    path: str
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class WayTo:
    """One way to run a model.

    Attributes:
        path: of the file, or ``builtin``.
        back_end: what runs it; empty for the first that runs such a file.
        model: what the folder knows of it.
        engine: what was built of the model, if the file is that.
        has_others: there is another way to run the same model.
        is_unmeasured: which way is the fastest is not known yet, and there is a choice.
        sha256: of the model's file; empty where it cannot be read.
    """

    path: str
    back_end: str = ""
    model: Model | None = None
    engine: Engine | None = None
    has_others: bool = False
    is_unmeasured: bool = False
    sha256: str = ""

    @property
    def key(self) -> Way:
        """What tells it from other ways."""
        return self.path, self.back_end

    @property
    def recorded(self) -> str:
        """The SHA-256 that the file was recorded with; empty where nobody has recorded it."""
        if self.engine is not None:
            return self.engine.sha256
        return "" if self.model is None else self.model.sha256

    @property
    def words(self) -> str:
        """It, for a person."""
        return f"{Path(self.path).name} with {self.back_end}" if self.back_end else Path(self.path).name

    def is_at_work(self, info: DetectorInfo) -> bool:
        """Return whether this is what looks at the pictures."""
        return info.model == self.path and self.back_end in ("", info.back_end)


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose from.

    Attributes:
        ways: the best first.
        passed_over: what would have come before, and why it does not.
        is_full: nothing is left only because memory does not suffice.
    """

    ways: tuple[WayTo, ...]
    passed_over: tuple[str, ...] = ()
    is_full: bool = False


class Ways:
    """Lists the ways.

    Args:
        folder: of the models.
        back_end: the setting: ``auto``, or a name.
        passed_over: what failed, or was too large.
        calibrator: knows what there is and what is the fastest; without one the first back end is all.
    """

    def __init__(
        self, folder: ModelFolder, back_end: str, passed_over: PassedOver, calibrator: Calibrator | None
    ) -> None:
        self._folder = folder
        self._back_end = back_end
        self._passed_over = passed_over
        self._calibrator = calibrator
        self._hashes = FileHashes()

    async def of(self, candidates: Sequence[Candidate]) -> Choice:
        """Return the ways to run the candidates, leaving out what is too large for the memory now.

        A model that is too large gives way to the next smaller one of the folder, and then to what of its
        own ways is left.
        """
        surroundings = await self._look(candidates)
        chosen: list[WayTo] = []
        too_large: list[str] = []
        for candidate in candidates:
            ways = await self._of_one(candidate, surroundings)
            fitting = [way for way in ways if not self._passed_over.why_too_large(way.key)]
            if ways and ways[0] not in fitting:
                too_large.append(f"{ways[0].words}: {self._passed_over.why_too_large(ways[0].key)}")
                for smaller in await asyncio.to_thread(self._smaller, candidate):
                    chosen += await self._fitting(smaller, surroundings)
            chosen += fitting
        unique = tuple({way.key: way for way in reversed(chosen)}.values())[::-1]
        return Choice(unique, tuple(too_large), is_full=bool(too_large) and not unique)

    def verify(self, way: WayTo) -> None:
        """Compare a file's bytes with the recorded ones; blocks on the disk.

        Raises:
            ModelError: they are others.
        """
        if way.engine is not None:
            self._folder.verified_engine(way.engine)
        elif way.model is not None:
            self._folder.verified(way.model)

    async def _look(self, candidates: Sequence[Candidate]) -> Surroundings:
        """Return what is installed here; for the built-in detector nobody has to look."""
        if self._calibrator is None or all(candidate.path == BUILTIN for candidate in candidates):
            return Surroundings.unknown()
        return await self._calibrator.surroundings()

    async def _fitting(self, candidate: Candidate, surroundings: Surroundings) -> list[WayTo]:
        ways = await self._of_one(candidate, surroundings)
        return [way for way in ways if not self._passed_over.why_too_large(way.key)]

    def _smaller(self, candidate: Candidate) -> list[Candidate]:
        """Return the models that are smaller, the largest of them first."""
        if candidate.path == BUILTIN:
            return []
        size_bytes = _size(candidate)
        try:
            smaller = [model for model in self._folder.models() if model.size_bytes < size_bytes]
        except ModelError:
            return []
        smaller.sort(key=lambda model: model.size_bytes, reverse=True)
        return [Candidate(str(self._folder.folder / model.file), model) for model in smaller]

    async def _of_one(self, candidate: Candidate, surroundings: Surroundings) -> list[WayTo]:
        if candidate.path == BUILTIN:
            return [WayTo(BUILTIN)]
        sha256 = await asyncio.to_thread(self._sha256, candidate)
        measurement = None if self._calibrator is None else await self._calibrator.known(sha256)
        names = self._back_ends(candidate.path, surroundings, measurement)
        engines = self._engines(candidate, sha256, surroundings)
        is_choice = self._back_end == AUTO and len(surroundings.candidates(candidate.path)) > 1
        has_others = len(engines) + len(names) > 1
        built = [
            WayTo(str(self._folder.folder / one.file), "", candidate.model, one, has_others)
            for one in engines
        ]
        is_unmeasured = is_choice and measurement is None
        return built + [
            WayTo(candidate.path, name, candidate.model, None, has_others, is_unmeasured, sha256)
            for name in names
        ]

    def _back_ends(
        self, path: str, surroundings: Surroundings, measurement: Measurement | None
    ) -> tuple[str, ...]:
        """Return the back ends for a file, the best first."""
        if self._back_end != AUTO:
            return (self._back_end,)
        there = surroundings.candidates(path)
        ranked = () if measurement is None else tuple(one.back_end for one in measurement.ranked)
        return tuple(name for name in ranked if name in there) or there or ("",)

    def _engines(self, candidate: Candidate, sha256: str, surroundings: Surroundings) -> list[Engine]:
        """Return what was built of the model and fits this machine, where the setting lets it run."""
        there = surroundings.candidates("model.engine")
        if candidate.model is None or not there or self._back_end not in (AUTO, *there):
            return []
        return [one for one in candidate.model.engines if one.fits(surroundings.machine, sha256)]

    def _sha256(self, candidate: Candidate) -> str:
        """Return a file's hash as it was recorded, else its bytes', which are read when they have changed."""
        if candidate.model is not None and candidate.model.sha256:
            return candidate.model.sha256
        try:
            return self._hashes.of(Path(candidate.path))
        except OSError:
            return ""


def _size(candidate: Candidate) -> int:
    if candidate.model is not None:
        return candidate.model.size_bytes
    try:
        return Path(candidate.path).stat().st_size
    except OSError:
        return 0

"""Keeps the worker at the model that its owner wants, and fetches one where they leave it to Nightjar."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.detections.catalogue import YOLOX_NANO, Release
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.models import Model, ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import ModelError, NotFound, TemporaryFailure, WorkerLost
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level

log = logging.getLogger(__name__)

AUTO = "auto"
PART = "model"
"""Under this name health speaks of the model."""
LOOK_EVERY_S = 5.0
"""How often the folder is looked at, for a model that was added meanwhile."""
FETCH_AGAIN_FIRST_S = 60.0
FETCH_AGAIN_LONGEST_S = 3600.0
TRIALS = 3
"""A model that took the worker with it so often is not tried again until its file changes."""


class Worker(Protocol):
    """What changes over to a model: ``WorkerClient``, or a test's fake."""

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work."""
        ...

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work."""
        ...

    async def load(self, model: str, back_end: str = "") -> DetectorInfo:
        """Change over; raises ``ModelError`` or ``WorkerLost``."""
        ...


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What looks at the pictures now, for a person.

    Attributes:
        detector: its name; empty while the worker is started (again).
        accelerator: what it computes on; empty likewise.
        note: what is going on or wrong; empty when the wanted model is at work.
        progress: from 0 to 1 while a model is fetched, else ``None``.
    """

    detector: str
    accelerator: str
    note: str
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class _FileState:
    """Tells whether a file that was refused has been exchanged since."""

    size_bytes: int
    changed_ns: int

    @classmethod
    def of(cls, path: str) -> "_FileState":
        try:
            stat = Path(path).stat()
        except OSError:
            return cls(-1, 0)
        return cls(stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A path (or ``builtin``), and what the folder knows of it."""

    path: str
    model: Model | None = None


class ModelKeeper:
    """Looks after the model in the background. Used from the event loop's thread alone.

    Nothing leaves the box unless ``model`` is ``auto``, ``fetch`` is on and the folder holds no usable model.

    Args:
        worker: changes over.
        folder: the models of the data directory.
        clock: for waiting.
        health: hears whether the wanted model is at work.
        settings: of the stage.
        release: what ``auto`` fetches.
        fetcher: shared with whoever else fetches; one of its own where that is nobody.
    """

    def __init__(
        self,
        worker: Worker,
        folder: ModelFolder,
        clock: Clock,
        health: Health,
        settings: Settings,
        release: Release = YOLOX_NANO,
        fetcher: ModelFetcher | None = None,
    ) -> None:
        self._worker = worker
        self._folder = folder
        self._clock = clock
        self._health = health
        self._settings = settings
        self._release = release
        self._fetcher = ModelFetcher(folder) if fetcher is None else fetcher
        self._refused: dict[str, tuple[_FileState, str]] = {}
        self._deaths: dict[str, int] = {}
        self._backoff = Backoff(FETCH_AGAIN_FIRST_S, FETCH_AGAIN_LONGEST_S)
        self._fetch_at = MonotonicNs(0)
        self._fetch_error = ""
        self._trouble = ""

    @property
    def status(self) -> ModelStatus:
        """What looks at the pictures now, and what is going on."""
        info = self._worker.info
        name, accelerator = (info.name, info.accelerator) if info else ("", "")
        fetching = self._fetcher.now
        return ModelStatus(name, accelerator, self._note(), None if fetching is None else fetching.ratio)

    async def run(self) -> None:
        """Look after the model, for ever."""
        if self._fetcher.now is None:
            await asyncio.to_thread(self._folder.remove_parts)
        while True:
            await self.run_once()
            await self._clock.sleep(LOOK_EVERY_S)

    async def run_once(self) -> None:
        """See what is wanted and there, change over if need be, and fetch if nothing usable is there."""
        if not await self._change_over() and self._may_fetch():
            await self._fetch()
            await self._change_over()
        self._report()

    async def _change_over(self) -> bool:
        """Have the best candidate that can be loaded at work, else built-in; return whether there is one."""
        candidates, trouble = await asyncio.to_thread(self._candidates)
        for candidate in candidates:
            reason = await self._load(candidate)
            if not reason:
                self._trouble = ""
                self._backoff.reset()
                return True
            trouble = trouble or reason
        self._trouble = trouble
        await self._load(_Candidate(BUILTIN))
        return False

    def _candidates(self) -> tuple[list[_Candidate], str]:
        """Return what is wanted and there, the best first, and why it is less than was wanted."""
        wanted = self._settings.model
        if wanted == BUILTIN or "/" in wanted:
            return [_Candidate(wanted)], ""
        try:
            models = self._folder.models() if wanted == AUTO else (self._folder.find(wanted),)
        except (ModelError, NotFound) as err:
            return [], str(err)
        return [_Candidate(str(self._folder.folder / model.file), model) for model in models], ""

    async def _load(self, candidate: _Candidate) -> str:
        """Have a model at work, loading it unless it is known to be bad; return why not, or nothing."""
        path = candidate.path
        info = await self._worker.ready()
        if info.model == path:
            return ""
        state = _FileState.of(path)
        refused_state, reason = self._refused.get(path, (None, ""))
        if state == refused_state:
            return reason
        try:
            if candidate.model is not None:
                await asyncio.to_thread(self._folder.verified, candidate.model)
            await self._worker.load(path)
        except ModelError as err:
            return self._refuse(path, state, str(err))
        except WorkerLost as err:
            self._deaths[path] = self._deaths.get(path, 0) + 1
            reason = f"{path}: {err}"
            return reason if self._deaths[path] < TRIALS else self._refuse(path, state, reason)
        self._deaths.pop(path, None)
        return ""

    def _refuse(self, path: str, state: _FileState, reason: str) -> str:
        log.error("the model is not used: %s", reason)
        self._refused[path] = state, reason
        return reason

    def _may_fetch(self) -> bool:
        wanted = self._settings.model == AUTO and self._settings.fetch and self._fetcher.now is None
        return wanted and self._clock.monotonic_ns() >= self._fetch_at

    async def _fetch(self) -> None:
        log.info(
            "fetching %s from %s, since [detector] model is auto; fetch = false would keep the box silent",
            self._release.name,
            self._release.url,
        )
        try:
            await self._fetcher.fetch(self._release, self._report)
        except (TemporaryFailure, ModelError) as err:
            self._fetch_error = str(err)
            log.warning("the model could not be fetched: %s", err)
        else:
            self._fetch_error = ""
            log.info("%s was fetched and verified", self._release.name)
        # Also after a success: what is complete and yet cannot be loaded is not fetched again and again.
        self._fetch_at = MonotonicNs(self._clock.monotonic_ns() + round(self._backoff.next_s() * NS_PER_S))

    def _report(self) -> None:
        reason = self._explanation()
        self._health.report(PART, Level.DEGRADED if reason else Level.OK, reason)

    def _note(self) -> str:
        """Return the explanation with the numbers that change all the time."""
        fetching = self._fetcher.now
        if fetching is not None:
            return f"fetching {fetching.name}: {fetching.ratio:.0%}"
        explanation = self._explanation()
        if explanation and self._fetch_error:
            left_s = max(0, self._fetch_at - self._clock.monotonic_ns()) / NS_PER_S
            return f"{explanation}; next try in {left_s:.0f} s"
        return explanation

    def _explanation(self) -> str:
        """Return in one sentence why the wanted model is not at work; empty when it is."""
        info = self._worker.info
        if self._settings.model == BUILTIN or (info is not None and info.model != BUILTIN):
            return ""
        if self._fetcher.now is not None:
            return f"no model yet: {self._fetcher.now.name} is being fetched; built-in detection meanwhile"
        reasons = [self._trouble, self._fetch_error and f"fetch failed: {self._fetch_error}"]
        if not self._settings.fetch and not self._trouble:
            reasons = [f"none in {self._folder.folder}, and fetch is off (nightjar model add FILE)"]
        return f"no model, built-in detection: {'; '.join(filter(None, reasons)) or 'none loaded yet'}"

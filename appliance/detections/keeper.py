"""Keeps the worker at the model that its owner wants, and fetches one where they leave it to Nightjar."""

import asyncio
import contextlib
import logging
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.detections.calibrator import CPU, Calibrator
from appliance.detections.catalogue import YOLOX_NANO, Release
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.models import ModelFolder
from appliance.detections.passed_over import PassedOver, Way
from appliance.detections.settings import Settings
from appliance.detections.ways import Candidate, Ways, WayTo
from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import DeviceFull, ModelError, NotFound, TemporaryFailure, WorkerLost
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.first_of import first_of
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
DEATHS = 3
"""A back end under which the worker ended so often"""
DEATHS_WITHIN_S = 60.0
"""within that time gives way to the next one; the supervisor's brake comes later."""


class Worker(Protocol):
    """What changes over to a model: ``WorkerClient``, or a test's fake."""

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work."""
        ...

    @property
    def ends(self) -> int:
        """How often a worker has ended so far."""
        ...

    @property
    def last_end(self) -> str:
        """How one ended the last time; empty before that."""
        ...

    @property
    def refusal(self) -> str:
        """Why the model that was at work could not be loaded again after a restart, if so."""
        ...

    @property
    def lack(self) -> str:
        """Why there was no memory to load the wanted model after a restart, if so; it is tried again."""
        ...

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work."""
        ...

    async def load(self, model: str, back_end: str = "", sha256: str = "") -> DetectorInfo:
        """Change over; raises ``ModelError``, ``DeviceFull`` or ``WorkerLost``."""
        ...


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What looks at the pictures now, for a person.

    Attributes:
        detector: its name; empty while the worker is started (again).
        accelerator: what it computes on; empty likewise.
        note: what is going on or wrong; empty when the wanted model is at work.
        progress: from 0 to 1 while a model is fetched, else ``None``.
        back_end: what runs the model; empty for the built-in detector, and while there is none.
    """

    detector: str
    accelerator: str
    note: str
    progress: float | None = None
    back_end: str = ""


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
        calibrator: knows which back ends there are and which is the fastest; without one the first runs.
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
        calibrator: Calibrator | None = None,
    ) -> None:
        self._worker = worker
        self._folder = folder
        self._clock = clock
        self._health = health
        self._settings = settings
        self._release = release
        self._fetcher = ModelFetcher(folder) if fetcher is None else fetcher
        self._calibrator = calibrator
        self._passed_over = PassedOver(clock)
        self._ways = Ways(folder, settings.back_end, self._passed_over, calibrator)
        self._refused: dict[Way, tuple[_FileState, str]] = {}
        self._deaths: dict[Way, int] = {}
        self._at_work: tuple[WayTo, bool] | None = None
        self._lacking: WayTo | None = None
        self._seen_ends = 0
        self._ends: deque[MonotonicNs] = deque(maxlen=DEATHS)
        self._backoff = Backoff(FETCH_AGAIN_FIRST_S, FETCH_AGAIN_LONGEST_S)
        self._fetch_at = MonotonicNs(0)
        self._fetch_error = ""
        self._trouble = ""
        self._second_best = ""
        self._wake = asyncio.Event()

    @property
    def status(self) -> ModelStatus:
        """What looks at the pictures now, and what is going on."""
        info = self._worker.info
        name, accelerator, back_end = (info.name, info.accelerator, info.back_end) if info else ("", "", "")
        fetching = self._fetcher.now
        ratio = None if fetching is None else fetching.ratio
        return ModelStatus(name, accelerator, self._note(), ratio, back_end)

    def too_large(self, info: DetectorInfo, reason: str) -> None:
        """Hear that the accelerator has no memory for one picture with that detector; returns at once.

        A smaller model is put to work instead, or the same one on another back end; the wanted one is tried
        again after some minutes.
        """
        for way in {(info.model, info.back_end), (info.model, "")}:
            self._passed_over.too_large(way, reason)
        self._wake.set()

    async def run(self) -> None:
        """Look after the model, for ever."""
        if self._fetcher.now is None:
            await asyncio.to_thread(self._folder.remove_parts)
        while True:
            self._wake.clear()
            await self.run_once()
            await self._rest()

    async def run_once(self) -> None:
        """See what is wanted and there, change over if need be, and fetch if nothing usable is there."""
        if not await self._change_over() and self._may_fetch() and await asyncio.to_thread(self._would_help):
            await self._fetch()
            await self._change_over()
        self._report()

    async def _rest(self) -> None:
        """Wait until it is time to look again, or something calls."""
        await first_of(self._clock.sleep(LOOK_EVERY_S), self._wake.wait())

    async def _change_over(self) -> bool:
        """Have the best candidate that can be loaded at work, else built-in; return whether there is one."""
        info = await self._worker.ready()
        self._notice_memory(info)
        self._notice_faults(info)
        candidates, trouble = await asyncio.to_thread(self._candidates)
        choice = await self._ways.of(candidates)
        passed, skipped = list(choice.passed_over), list[WayTo]()
        for way in choice.ways:
            if await self._is_worth_trying(way):
                reason = await self._load(way)
                if not reason:
                    return self._done(way, passed)
                if self._passed_over.why_too_large(way.key):
                    return await self._change_over()  # there is another choice now
                self._trouble = trouble = trouble or reason
                self._report()  # trying the others may take a while
            else:
                skipped.append(way)
                reason = self._passed_over.why(way.key)
            passed.append(f"{way.words}: {reason}")
        for way in skipped:  # better than nothing
            reason = await self._load(way)
            if not reason:
                return self._done(way, passed)
            trouble = trouble or reason
        if choice.is_full:
            self._second_best = f"no memory for any model: {'; '.join(choice.passed_over)}"
            return True
        self._trouble, self._second_best = trouble, ""
        await self._load(WayTo(BUILTIN))
        return False

    def _done(self, way: WayTo, passed: list[str]) -> bool:
        """Remember what is at work, and why it is not the first choice where it is not."""
        self._trouble = ""
        self._second_best = f"{'; '.join(passed)}; {way.words} is used meanwhile" if passed else ""
        self._backoff.reset()
        return True

    def _candidates(self) -> tuple[list[Candidate], str]:
        """Return what is wanted and there, the best first, and why it is less than was wanted."""
        wanted = self._settings.model
        if wanted == BUILTIN or "/" in wanted:
            return [Candidate(wanted)], ""
        try:
            models = self._folder.models() if wanted == AUTO else (self._folder.find(wanted),)
        except (ModelError, NotFound) as err:
            return [], str(err)
        return [Candidate(str(self._folder.folder / model.file), model) for model in models], ""

    def _notice_memory(self, info: DetectorInfo) -> None:
        """See whether a worker came back and had no memory for its model, or has found some since."""
        lack = self._worker.lack
        if lack and self._at_work is not None and not self._at_work[0].is_at_work(info):
            self._lacking, self._at_work = self._at_work[0], None
            self._passed_over.too_large(self._lacking.key, lack)
        if not lack and self._lacking is not None:
            if self._lacking.is_at_work(info):
                self._passed_over.fits(self._lacking.key)
            self._lacking = None

    def _notice_faults(self, info: DetectorInfo) -> None:
        """Pass over what was at work, if it failed there: for good, or again and again."""
        for _ in range(self._seen_ends, self._worker.ends):
            self._ends.append(self._clock.monotonic_ns())
        self._seen_ends = self._worker.ends
        if self._at_work is None:
            return
        way, is_device = self._at_work
        reason = self._fault(way, is_device, info)
        if reason:
            self._ends.clear()
            self._at_work = None
            if way.has_others:
                log.error("%s is passed over: %s", way.words, reason)
                self._passed_over.fault(way.key, reason, is_device)

    def _fault(self, way: WayTo, is_device: bool, info: DetectorInfo) -> str:
        """Return how what was at work has failed; empty when it has not."""
        last_end = self._worker.last_end
        if info.model == BUILTIN and way.path != BUILTIN:
            return self._worker.refusal or last_end or "the worker came back without it"
        if is_device and way.is_at_work(info) and info.accelerator == CPU:
            return "the GPU does not answer, the processor computes"
        if len(self._ends) == DEATHS and seconds_since(self._clock, self._ends[0]) <= DEATHS_WITHIN_S:
            return f"the worker ended {DEATHS} times within {DEATHS_WITHIN_S:g} s: {last_end}"
        return ""

    async def _is_worth_trying(self, way: WayTo) -> bool:
        """Return whether a way has not failed, or works again; that is found out in a process of its own."""
        if not way.has_others or not self._passed_over.why(way.key):
            return True
        if not self._passed_over.is_due(way.key):
            return False
        reason = await self._what_is_still_wrong(way)
        if reason:
            self._passed_over.fault(way.key, reason, is_device=False)
            return False
        self._passed_over.cured(way.key)
        self._refused.pop(way.key, None)
        return True

    async def _what_is_still_wrong(self, way: WayTo) -> str:
        """Return why a way that failed would fail again; other bytes than the recorded ones are not run."""
        try:
            await asyncio.to_thread(self._ways.verify, way)
        except ModelError as err:
            return str(err)
        if self._calibrator is None:
            return ""
        return await self._calibrator.probe(*way.key, self._passed_over.is_device(way.key), way.recorded)

    async def _load(self, way: WayTo) -> str:
        """Have a model at work, loading it unless it is known to be bad; return why not, or nothing."""
        info = await self._worker.ready()
        if way.is_at_work(info):
            self._is_at_work(way, info)
            return ""
        state = _FileState.of(way.path)
        refused_state, reason = self._refused.get(way.key, (None, ""))
        if state == refused_state:
            return reason
        try:
            await asyncio.to_thread(self._ways.verify, way)
            info = await self._worker.load(*way.key, way.recorded)
        except ModelError as err:
            return self._refuse(way, state, str(err))
        except DeviceFull as err:
            log.error("%s is too large for the memory: %s", way.words, err)
            self._passed_over.too_large(way.key, str(err))
            return str(err)
        except WorkerLost as err:
            self._deaths[way.key] = self._deaths.get(way.key, 0) + 1
            reason = f"{way.path}: {err}"
            return reason if self._deaths[way.key] < TRIALS else self._refuse(way, state, reason)
        self._deaths.pop(way.key, None)
        self._ends.clear()
        self._is_at_work(way, info)
        return ""

    def _is_at_work(self, way: WayTo, info: DetectorInfo) -> None:
        self._at_work = way, info.accelerator != CPU
        if way.is_unmeasured and self._calibrator is not None:
            self._calibrator.wish(way.path, way.sha256)

    def _refuse(self, way: WayTo, state: _FileState, reason: str) -> str:
        log.error("the model is not used: %s", reason)
        self._refused[way.key] = state, reason
        if way.has_others:
            self._passed_over.fault(way.key, reason, is_device=False)
        return reason

    def _may_fetch(self) -> bool:
        wanted = self._settings.model == AUTO and self._settings.fetch and self._fetcher.now is None
        return wanted and self._clock.monotonic_ns() >= self._fetch_at

    def _would_help(self) -> bool:
        """Return whether to fetch brings anything: not what is here and whole, nor beside a damaged list."""
        try:
            here = [model for model in self._folder.models() if model.sha256 == self._release.sha256]
        except ModelError:
            return False
        for model in here:
            with contextlib.suppress(ModelError):
                self._folder.verified(model)
                return False
        return True

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
        if not explanation and self._calibrator is not None and self._calibrator.now:
            return f"measuring {self._calibrator.now}, once"
        if explanation and self._fetch_error:
            left_s = max(0, self._fetch_at - self._clock.monotonic_ns()) / NS_PER_S
            return f"{explanation}; next try in {left_s:.0f} s"
        return explanation

    def _explanation(self) -> str:
        """Return in one sentence why the wanted model is not at work; empty when it is."""
        info = self._worker.info
        if self._second_best:
            return self._second_best
        if self._settings.model == BUILTIN or (info is not None and info.model != BUILTIN):
            return ""
        if self._fetcher.now is not None:
            return f"no model yet: {self._fetcher.now.name} is being fetched; built-in detection meanwhile"
        reasons = [self._trouble, self._fetch_error and f"fetch failed: {self._fetch_error}"]
        if not self._settings.fetch and not self._trouble:
            reasons = [f"none in {self._folder.folder}, and fetch is off (nightjar model add FILE)"]
        return f"no model, built-in detection: {'; '.join(filter(None, reasons)) or 'none loaded yet'}"

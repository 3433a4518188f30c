"""The models that are there and those that could be, and having one of these pulled."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.detections.calibrator import Calibrator
from appliance.detections.catalogue import CATALOGUE, Release
from appliance.detections.exporter import Exporter
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.models import Model, ModelFolder, Recipe
from appliance.detections.settings import Settings
from appliance.detections.shelf import known
from appliance.detections.worker_client import DetectorInfo
from appliance.errors import Conflict, FetchOff, ModelError, TemporaryFailure

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownBackEnd:
    """What could run a model, as it was measured here.

    Attributes:
        name: of the back end.
        picture_ms: milliseconds for a picture at the best size of batch; ``None`` where it cannot be used.
        problem: why it cannot be used, or not in every size of batch; else empty.
        is_fastest: it is the one that ``auto`` uses.
    """

    name: str
    picture_ms: float | None
    problem: str
    is_fastest: bool


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that is there, or that could be fetched.

    Attributes:
        source: the address or the path that it came or would come from; empty where nobody knows.
        licence: likewise.
        is_here: its file is in the data directory.
        is_at_work: it looks at the pictures now.
        can_be_pulled: it is in the catalogue, and no model of somebody's own has its name.
        progress: from 0 to 1 while it is fetched, else ``None``.
        problem: why it could not be fetched the last time; empty when it could, and while it is.
        back_end: what runs it, while it is at work.
        back_ends: as they were measured; empty where that was not done.
        engine: how the TensorRT engine was built that is here; empty where there is none.
        can_be_exported: an engine can be built of it on this machine.
        export_ratio: from 0 to 1 while one is built, else ``None``.
        export_note: what is being done for it now.
        export_problem: why the last one could not be built; empty when it could, and while one is.
    """

    name: str
    source: str
    licence: str
    size_bytes: int
    is_here: bool
    is_at_work: bool
    can_be_pulled: bool
    progress: float | None
    problem: str
    back_end: str = ""
    back_ends: tuple[KnownBackEnd, ...] = ()
    engine: str = ""
    can_be_exported: bool = False
    export_ratio: float | None = None
    export_note: str = ""
    export_problem: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All models, and what is set about them.

    Attributes:
        wanted: ``[detector] model``.
        may_fetch: whether ``[detector] fetch`` allows to pull one.
    """

    models: tuple[KnownModel, ...]
    wanted: str
    may_fetch: bool


class ModelLibrary:
    """Used from the event loop's thread alone.

    What was pulled is not put to work from here: the keeper finds it in the folder, and changes over to it
    where the setting lets it.

    Args:
        folder: the models of the data directory.
        fetcher: shared with the keeper, so that there are never two at once.
        settings: of the stage.
        at_work: returns what looks at the pictures, if anything does.
        catalogue: what can be pulled.
        calibrator: knows what was measured; without one nothing was.
        exporter: builds engines; without one none is.
    """

    def __init__(
        self,
        folder: ModelFolder,
        fetcher: ModelFetcher,
        settings: Settings,
        at_work: Callable[[], DetectorInfo | None],
        catalogue: tuple[Release, ...] = CATALOGUE,
        calibrator: Calibrator | None = None,
        exporter: Exporter | None = None,
    ) -> None:
        self._folder = folder
        self._fetcher = fetcher
        self._settings = settings
        self._at_work = at_work
        self._catalogue = catalogue
        self._calibrator = calibrator
        self._exporter = exporter
        self._asked: Release | None = None
        self._wake = asyncio.Event()

    async def read(self) -> Shelf:
        """Return every model: those that are there, then those that could be.

        Raises:
            ModelError: the list of those that are there is damaged.
        """
        there = await asyncio.to_thread(self._folder.models)
        names = {model.name for model in there}
        here = [await self._here(model) for model in there]
        absent = [self._absent(release) for release in self._catalogue if release.name not in names]
        return Shelf((*here, *absent), self._settings.model, self._settings.fetch)

    async def pull(self, name: str) -> None:
        """Have a model of the catalogue fetched, or again where its file was damaged; ``run`` does it.

        Raises:
            FetchOff: the settings forbid to fetch anything.
            NotFound: no model of that name is known.
            Conflict: one is being fetched already, or somebody's own model has the name.
            ModelError: the list of those that are there is damaged.
        """
        if not self._settings.fetch:
            raise FetchOff(
                "[detector] fetch = false in the configuration file keeps this box from fetching models; "
                "`nightjar model add FILE` adds one by hand"
            )
        release = known(name, self._catalogue)
        there = await asyncio.to_thread(self._folder.models)
        if any(model.name == name and not release.is_it(model.sha256, model.source) for model in there):
            raise Conflict(f"another model is named {name!r} already: rename its file, or remove it")
        busy = self._asked.name if self._asked else self._fetcher.now and self._fetcher.now.name
        if busy:
            raise Conflict(f"{busy} is being fetched; there is one at a time")
        self._asked = release
        self._wake.set()

    async def remove(self, name: str) -> None:
        """Remove a model; where it is at work, the keeper takes the next best one within seconds.

        Raises:
            NotFound: it is not here.
            Conflict: it is just being fetched, or an engine is built of it.
            ModelError: the list of those that are there is damaged.
            TemporaryFailure: the disk refuses.
        """
        building = None if self._exporter is None else self._exporter.now
        if self._progress(name) is not None or (building is not None and building.name == name):
            raise Conflict(f"{name} is just being fetched or built: wait until that is done")
        await asyncio.to_thread(self._folder.remove, name)
        log.info("%s was removed, as somebody asked on the page", name)

    async def export(self, name: str, recipe: Recipe) -> None:
        """Have a TensorRT engine built of a model in the background.

        Raises:
            NotFound: it is not here.
            InvalidInput: none can be built of it, or not like that.
            Conflict: one is being built already.
            ModelError: the list of those that are there is damaged.
        """
        if self._exporter is None:
            raise Conflict("no engines are built here")
        await self._exporter.ask(name, recipe)

    async def run(self) -> None:
        """Fetch what is asked for, for ever."""
        while True:
            await self._wake.wait()
            await self.run_once()

    async def run_once(self) -> None:
        """Fetch what was asked for, if anything was."""
        self._wake.clear()
        release = self._asked
        if release is None:
            return
        log.info("fetching %s from %s, as somebody asked on the page", release.name, release.url)
        try:
            await self._fetcher.fetch(release)
        except (TemporaryFailure, ModelError, Conflict) as err:
            log.warning("%s could not be fetched: %s", release.name, err)
        else:
            log.info("%s was fetched and verified", release.name)
        finally:
            self._asked = None

    async def _here(self, model: Model) -> KnownModel:
        info = self._at_work()
        files = {model.file, *(engine.file for engine in model.engines)}
        is_at_work = info is not None and info.model in {str(self._folder.folder / file) for file in files}
        is_published = any(release.is_it(model.sha256, model.source) for release in self._catalogue)
        known = KnownModel(
            *(model.name, model.source, model.licence, model.size_bytes),
            is_here=True,
            is_at_work=is_at_work,
            can_be_pulled=is_published,
            progress=self._progress(model.name),
            problem=self._problem(model.name) if is_published else "",
            back_end=info.back_end if info is not None and is_at_work else "",
            back_ends=await self._measured(model),
        )
        return await self._with_engine(known, model)

    async def _measured(self, model: Model) -> tuple[KnownBackEnd, ...]:
        if self._calibrator is None:
            return ()
        path = str(self._folder.folder / model.file)
        measurement = await self._calibrator.known_of(path, model.sha256)
        if measurement is None:
            return ()
        ranked = measurement.ranked
        unusable = [one for one in measurement.back_ends if not one.timings]
        return tuple(
            KnownBackEnd(one.back_end, one.picture_ms, one.problem, is_fastest=one in ranked[:1])
            for one in (*ranked, *unusable)
        )

    async def _with_engine(self, known: KnownModel, model: Model) -> KnownModel:
        """Return what is known of a model with what is known of its engine."""
        if self._exporter is None:
            return known
        now = self._exporter.now
        building = now if now is not None and now.name == model.name else None
        return replace(
            known,
            engine=model.engines[-1].recipe.words if model.engines else "",
            can_be_exported=await self._exporter.can_build(model),
            export_ratio=None if building is None else building.ratio,
            export_note="" if building is None else building.doing,
            export_problem=model.failed.reason if model.failed and building is None else "",
        )

    def _absent(self, release: Release) -> KnownModel:
        return KnownModel(
            *(release.name, release.url, release.licence, release.size_bytes),
            is_here=False,
            is_at_work=False,
            can_be_pulled=True,
            progress=self._progress(release.name),
            problem=self._problem(release.name),
        )

    def _problem(self, name: str) -> str:
        return self._fetcher.problem(name) if self._progress(name) is None else ""

    def _progress(self, name: str) -> float | None:
        now = self._fetcher.now
        if now is not None and now.name == name:
            return now.ratio
        return 0.0 if self._asked is not None and self._asked.name == name else None

"""The models that are there and those that could be, and having one of these pulled."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.detections.catalogue import CATALOGUE, Release
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.models import Model, ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.shelf import known
from appliance.errors import Conflict, FetchOff, ModelError, TemporaryFailure

log = logging.getLogger(__name__)


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
        at_work: returns the path of the model at work.
        catalogue: what can be pulled.
    """

    def __init__(
        self,
        folder: ModelFolder,
        fetcher: ModelFetcher,
        settings: Settings,
        at_work: Callable[[], str],
        catalogue: tuple[Release, ...] = CATALOGUE,
    ) -> None:
        self._folder = folder
        self._fetcher = fetcher
        self._settings = settings
        self._at_work = at_work
        self._catalogue = catalogue
        self._asked: Release | None = None
        self._wake = asyncio.Event()

    async def read(self) -> Shelf:
        """Return every model: those that are there, then those that could be.

        Raises:
            ModelError: the list of those that are there is damaged.
        """
        there = await asyncio.to_thread(self._folder.models)
        names = {model.name for model in there}
        here = [self._here(model) for model in there]
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

    def _here(self, model: Model) -> KnownModel:
        path = self._folder.folder / model.file
        is_published = any(release.is_it(model.sha256, model.source) for release in self._catalogue)
        return KnownModel(
            *(model.name, model.source, model.licence, model.size_bytes),
            is_here=True,
            is_at_work=Path(self._at_work()) == path,
            can_be_pulled=is_published,
            progress=self._progress(model.name),
            problem=self._problem(model.name) if is_published else "",
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

"""Fetches models one at a time, and says how far that is: for the keeper, and for whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.detections.beside import Program
from appliance.detections.catalogue import Release
from appliance.detections.fetch import fetch
from appliance.detections.fetch_by_program import PROGRAM, fetch_by_program
from appliance.detections.models import ModelFolder
from appliance.errors import Conflict, ModelError, TemporaryFailure
from appliance.runtime.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Fetching:
    """A model that is being fetched.

    Attributes:
        ratio: the part that is there, 0 to 1.
    """

    name: str
    ratio: float


class ModelFetcher:
    """Used from the event loop's thread alone.

    Args:
        folder: where the models are put.
        clock: for the deadline of Ultralytics' download.
        program: that download; a test has one of its own.
    """

    def __init__(self, folder: ModelFolder, clock: Clock | None = None, program: Program = PROGRAM) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._program = program
        self._now: Fetching | None = None
        self._problems: dict[str, str] = {}

    @property
    def now(self) -> Fetching | None:
        """What is being fetched; ``None`` most of the time."""
        return self._now

    def problem(self, name: str) -> str:
        """Return why a model could not be fetched the last time, whoever wanted it; empty when it could."""
        return self._problems.get(name, "")

    async def fetch(self, release: Release, begun: Callable[[], None] = lambda: None) -> Path:
        """Fetch a model into the folder, verify and record it, and return its path.

        Args:
            release: is fetched anew where it is there already.
            begun: called once it counts as being fetched.

        Raises:
            Conflict: one is being fetched already.
            TemporaryFailure: the network or the disk refused.
            ModelError: other bytes came than were published.
        """
        if self._now is not None:
            raise Conflict(f"{self._now.name} is being fetched; there is one at a time")

        def progress(ratio: float) -> None:
            self._now = Fetching(release.name, ratio)

        progress(0.0)
        self._problems.pop(release.name, None)
        begun()
        try:
            if release.by_ultralytics:
                return await fetch_by_program(release, self._folder, progress, self._clock, self._program)
            return await fetch(release, self._folder, progress)
        except (TemporaryFailure, ModelError) as err:
            self._problems[release.name] = str(err)
            raise
        finally:
            self._now = None

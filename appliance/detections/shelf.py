"""What an owner does with models by hand: see them, pull a known one, add a file of their own."""

import asyncio
from pathlib import Path

from appliance.detections.catalogue import CATALOGUE, Release
from appliance.detections.child import Child
from appliance.detections.fetch import Progress, fetch
from appliance.detections.fetch_by_program import fetch_by_program
from appliance.detections.models import Copy, Model, ModelFolder, model_name
from appliance.detections.settings import Settings
from appliance.errors import InvalidInput, ModelError, NotFound
from appliance.runtime.clock import Clock, SystemClock
from detectors.messages import Load, Loaded, Refused


async def pull(
    folder: ModelFolder, name: str, progress: Progress, catalogue: tuple[Release, ...] = CATALOGUE
) -> Path:
    """Fetch the known model of that name, whether it is there already or not, and return its path.

    Raises:
        NotFound: no model of that name is known; the message names those that are.
        TemporaryFailure: the network or the disk refused.
        ModelError: other bytes came than were published.
    """
    release = known(name, catalogue)
    if release.by_ultralytics:
        return await fetch_by_program(release, folder, progress, SystemClock())
    return await fetch(release, folder, progress)


def known(name: str, catalogue: tuple[Release, ...] = CATALOGUE) -> Release:
    """Return the model of the catalogue that has that name.

    Raises:
        NotFound: there is none; the message names those that are.
    """
    for release in catalogue:
        if release.name == name:
            return release
    names = ", ".join(release.name for release in catalogue)
    raise NotFound(f"no model named {name!r} is known: expected one of {names}")


async def add(folder: ModelFolder, file: Path, clock: Clock, settings: Settings, licence: str = "") -> Model:
    """Copy a model file into the folder, try the copy in a worker of its own, and record just these bytes.

    Raises:
        InvalidInput: there is no such file, or its name cannot be a model's.
        ModelError: no detector can be made of it.
        Conflict: another model has that name.
        TemporaryFailure: the disk refuses.
        WorkerLost: the worker ended while it loaded it.
    """
    copy = await asyncio.to_thread(folder.copy, await asyncio.to_thread(_checked, file), licence)
    try:
        await _try(copy, clock, settings)
        return await asyncio.to_thread(folder.record_copy, copy)
    finally:
        await asyncio.to_thread(copy.place.remove)


def _checked(file: Path) -> Path:
    model_name(file)
    if not file.is_file():
        raise InvalidInput(f"{file}: expected a model file, found none")
    return file.resolve()


async def _try(copy: Copy, clock: Clock, settings: Settings) -> None:
    load = Load(*(1, str(copy.path), settings.min_score, settings.threads or None), sha256=copy.model.sha256)
    child = await Child.start()
    try:
        answer = await child.ask(load)
    finally:
        await child.bury(clock)
    if isinstance(answer, Refused):
        raise ModelError(answer.reason.replace(str(copy.path), copy.model.source))
    if not isinstance(answer, Loaded):
        raise ModelError(f"{copy.model.source}: expected it to be loaded, got {answer!r}")

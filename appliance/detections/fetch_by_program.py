"""Has Ultralytics fetch one of its models, in the one process that may go online for it."""

import asyncio
from pathlib import Path

from appliance.detections.beside import Program, run_beside
from appliance.detections.catalogue import Release
from appliance.detections.fetch import TOTAL_TIMEOUT_S, Progress
from appliance.detections.models import FETCH_PREFIX, Model, ModelFolder, sha256_of
from appliance.detections.working import WorkingFolder, finish
from appliance.errors import ModelError, NotFound, TemporaryFailure, WorkerLost
from appliance.runtime.clock import Clock
from detectors.reports import Progress as Ratio
from detectors.reports import Report

PROGRAM: Program = ("-m", "detectors.download")
MOST_TIMES = 2
"""What comes may be so many times as large as it is about: its makers exchange it now and then."""


async def fetch_by_program(
    release: Release, folder: ModelFolder, progress: Progress, clock: Clock, program: Program = PROGRAM
) -> Path:
    """Fetch a model into the folder, record it, and return its path.

    Its bytes have to be the published ones, or where none are published those that were recorded when it was
    first fetched.

    Raises:
        TemporaryFailure: the network or the disk refused; says what happened.
        ModelError: other bytes came.
    """

    def told(report: Report) -> None:
        if isinstance(report, Ratio):
            progress(report.ratio)

    progress(0.0)
    try:
        place = await asyncio.to_thread(WorkingFolder.make, folder.folder, FETCH_PREFIX)
        try:
            arguments = (release.url, str(place.path), release.file, str(MOST_TIMES * release.size_bytes))
            await run_beside(program, arguments, clock, TOTAL_TIMEOUT_S, told)
            return await asyncio.to_thread(_record, release, folder, place.path / release.file)
        finally:
            await asyncio.to_thread(place.remove)
    except _Refused as err:
        raise ModelError(str(err)) from err
    except (ModelError, WorkerLost) as err:  # it says what the network said
        raise TemporaryFailure(str(err)) from err
    except OSError as err:
        raise TemporaryFailure(f"{folder.folder}: {err.strerror or err}") from err


class _Refused(Exception):
    """Other bytes came."""


def _record(release: Release, folder: ModelFolder, file: Path) -> Path:
    with file.open("rb+") as written:
        finish(written)
    sha256 = sha256_of(file)
    expected = release.sha256 or _recorded(release, folder)
    if expected and sha256 != expected:
        raise _Refused(
            f"{release.url}: expected SHA-256 {expected[:12]}…, as it is known here, got {sha256[:12]}…; "
            f"`nightjar model remove {release.name}` forgets the known one"
        )
    model = Model(release.name, release.file, file.stat().st_size, sha256, release.licence, release.url)
    return folder.put(file, model)


def _recorded(release: Release, folder: ModelFolder) -> str:
    """Return the hash of what came from there before; empty where nothing did."""
    try:
        model = folder.find(release.name)
    except NotFound:
        return ""
    return model.sha256 if model.source == release.url else ""

"""Pulling a model when somebody asks for it: from a real server, one at a time, and put to work then."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from appliance.detections.catalogue import Release
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.keeper import ModelKeeper
from appliance.detections.model_library import KnownModel, ModelLibrary
from appliance.detections.models import ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.errors import Conflict, FetchOff, NotFound
from appliance.runtime.health import Health
from detectors.decode import cells
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.file_server import served
from tests.support.tiny_onnx import write_model


@pytest.fixture
async def release(tmp_path: Path) -> AsyncIterator[Release]:
    """Serve a model as its makers would."""
    published = tmp_path / "published"
    published.mkdir()
    file = write_model(published / "big.onnx", np.zeros((1, cells(64, 64), 85), np.float32))
    content = file.read_bytes()
    async with served(published) as address:
        yield Release(
            "big", f"{address}/files/big.onnx", len(content), hashlib.sha256(content).hexdigest(), "MIT"
        )


class Box:
    """A shelf with its keeper, as the service wires them."""

    def __init__(self, folder: Path, release: Release, settings: Settings) -> None:
        self.folder = ModelFolder(folder)
        self.worker = FakeWorker()
        self.clock = SimulatedClock()
        self.fetcher = ModelFetcher(self.folder)
        self.keeper = ModelKeeper(
            self.worker, self.folder, self.clock, Health(), settings, release, self.fetcher
        )
        self.models = ModelLibrary(self.folder, self.fetcher, settings, self.at_work, (release,))

    def at_work(self) -> DetectorInfo | None:
        """Return what is at work."""
        return self.worker.info

    async def only(self) -> KnownModel:
        """Return the one model that is listed."""
        (model,) = (await self.models.read()).models
        return model


async def test_what_could_be_pulled_is_listed_and_not_fetched(tmp_path: Path, release: Release) -> None:
    """Looking at the list fetches nothing; running without being asked does not either."""
    box = Box(tmp_path / "models", release, Settings())
    await box.models.run_once()
    shelf = await box.models.read()
    assert (shelf.wanted, shelf.may_fetch) == ("auto", True)
    assert shelf.models == (
        KnownModel(
            *("big", release.url, "MIT", release.size_bytes),
            is_here=False,
            is_at_work=False,
            can_be_pulled=True,
            progress=None,
            problem="",
        ),
    )
    assert not box.folder.folder.exists()


@pytest.mark.parametrize(("wanted", "is_put_to_work"), [("auto", True), ("big", True), (BUILTIN, False)])
async def test_a_pulled_model_is_put_to_work_where_the_setting_lets_it(
    wanted: str, is_put_to_work: bool, tmp_path: Path, release: Release
) -> None:
    """The keeper finds it as it finds one that it fetched itself; it is shown as here, and as at work."""
    box = Box(tmp_path / "models", release, Settings(model=wanted))
    await box.models.pull("big")
    assert (await box.only()).progress == 0.0
    await box.models.run_once()
    model = await box.only()
    assert (model.is_here, model.is_at_work, model.progress, model.problem) == (True, False, None, "")
    assert (model.source, model.licence) == (release.url, "MIT")
    await box.keeper.run_once()
    assert (await box.only()).is_at_work is is_put_to_work


async def test_there_are_never_two_at_once(tmp_path: Path, release: Release) -> None:
    """Neither two that were asked for, nor one beside that of the keeper; the keeper waits too."""
    box = Box(tmp_path / "models", release, Settings())
    await box.models.pull("big")
    with pytest.raises(Conflict, match="big is being fetched"):
        await box.models.pull("big")
    await box.models.run_once()
    begun = asyncio.Event()
    fetching = asyncio.create_task(box.fetcher.fetch(release, begun.set))
    await begun.wait()
    with pytest.raises(Conflict, match="big is being fetched"):
        await box.models.pull("big")
    with pytest.raises(Conflict, match="big is being fetched"):
        await box.fetcher.fetch(release)
    await box.keeper.run_once()
    await fetching
    await box.models.pull("big")


async def test_settings_that_forbid_fetching_are_kept(tmp_path: Path, release: Release) -> None:
    """The refusal names the setting and what can be done instead; nothing is asked of anybody."""
    box = Box(tmp_path / "models", release, Settings(fetch=False))
    with pytest.raises(FetchOff, match=r"\[detector\] fetch = false.*nightjar model add"):
        await box.models.pull("big")
    await box.models.run_once()
    assert not box.folder.folder.exists()


async def test_an_unknown_model_is_refused(tmp_path: Path, release: Release) -> None:
    """The message names the known ones."""
    box = Box(tmp_path / "models", release, Settings())
    with pytest.raises(NotFound, match=r"'huge'.*big"):
        await box.models.pull("huge")


async def test_a_pull_that_fails_says_why_and_can_be_asked_for_again(
    tmp_path: Path, release: Release
) -> None:
    """Other bytes than the published ones are not kept; the reason goes with the next attempt."""
    box = Box(tmp_path / "models", replace(release, sha256="0" * 64), Settings())
    await box.models.pull("big")
    await box.models.run_once()
    model = await box.only()
    assert "expected" in model.problem
    assert (model.is_here, model.progress) == (False, None)
    await box.models.pull("big")
    assert (await box.only()).problem == ""


async def test_a_failure_is_forgotten_once_the_model_came_another_way(
    tmp_path: Path, release: Release
) -> None:
    """The keeper fetched it meanwhile: nothing says any more that it could not be."""
    wrong = replace(release, sha256="0" * 64)
    box = Box(tmp_path / "models", wrong, Settings())
    await box.models.pull("big")
    await box.models.run_once()
    assert (await box.only()).problem != ""
    await box.fetcher.fetch(release)
    assert box.fetcher.problem("big") == ""


async def test_a_model_of_ones_own_is_not_written_over(tmp_path: Path, release: Release) -> None:
    """A published one of the same name is not offered, and refused to whoever asks for it all the same."""
    box = Box(tmp_path / "models", release, Settings())
    box.folder.folder.mkdir()
    own = box.folder.folder / "big.onnx"
    own.write_bytes(b"trained at home")
    assert not (await box.only()).can_be_pulled
    with pytest.raises(Conflict, match="another model is named 'big'"):
        await box.models.pull("big")
    await box.models.run_once()
    assert own.read_bytes() == b"trained at home"


async def test_a_keeper_that_begins_anew_leaves_a_pull_alone(tmp_path: Path, release: Release) -> None:
    """What is left of an earlier process is removed, not what is just being written."""
    box = Box(tmp_path / "models", release, Settings(model=BUILTIN))
    begun = asyncio.Event()
    fetching = asyncio.create_task(box.fetcher.fetch(release, begun.set))
    await begun.wait()
    with box.folder.part() as part:
        keeping = asyncio.create_task(box.keeper.run())
        await fetching
        assert await asyncio.to_thread(Path(part.name).exists)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert (await box.only()).is_here

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.detections.catalogue import CATALOGUE, YOLOX_NANO
from appliance.detections.keeper import PART, TRIALS, ModelKeeper
from appliance.detections.models import MANIFEST, ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN
from appliance.runtime.health import Health, Level
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker


class Rig:
    """A keeper with a fake worker and a folder; nothing is fetched here."""

    def __init__(self, tmp_path: Path, model: str = "auto") -> None:
        self.folder = ModelFolder(tmp_path / "models")
        self.folder.folder.mkdir()
        self.worker = FakeWorker()
        self.health = Health()
        self.keeper = ModelKeeper(
            self.worker, self.folder, SimulatedClock(), self.health, Settings(model=model, fetch=False)
        )

    def put(self, name: str, content: bytes = b"weights") -> str:
        """Put a model file into the folder by hand and return its path."""
        path = self.folder.folder / f"{name}.onnx"
        path.write_bytes(content)
        return str(path)

    @property
    def model(self) -> str:
        """The model at work."""
        info = self.worker.info
        return info.model if info else ""

    @property
    def reason(self) -> str:
        """What health says of the model; empty when all is well."""
        part = next(part for part in self.health.parts() if part.part == PART)
        assert (part.level is Level.OK) is (part.reason == "")
        return part.reason


async def test_auto_takes_a_model_that_is_there(tmp_path: Path) -> None:
    """Nothing has to be configured for a file in the data directory to be used."""
    rig = Rig(tmp_path)
    path = rig.put("mine")
    await rig.keeper.run_once()
    assert (rig.model, rig.reason, rig.keeper.status.note) == (path, "", "")


async def test_without_a_model_built_in_works_and_health_says_why(tmp_path: Path) -> None:
    """The owner reads that there is no model and how to add one."""
    rig = Rig(tmp_path)
    await rig.keeper.run_once()
    assert rig.model == BUILTIN
    assert "fetch is off" in rig.reason
    assert "nightjar model add" in rig.keeper.status.note


async def test_a_model_added_later_is_taken_without_a_restart(tmp_path: Path) -> None:
    """The next look at the folder finds it."""
    rig = Rig(tmp_path)
    await rig.keeper.run_once()
    path = rig.put("mine")
    await rig.keeper.run_once()
    await rig.keeper.run_once()
    assert (rig.model, rig.reason, rig.worker.loads) == (path, "", [path])


async def test_built_in_is_no_fault_where_it_is_wanted(tmp_path: Path) -> None:
    """Health has nothing to say when the owner has what they asked for."""
    rig = Rig(tmp_path, model="builtin")
    rig.put("mine")
    await rig.keeper.run_once()
    assert (rig.model, rig.reason) == (BUILTIN, "")


@pytest.mark.parametrize("by", ["name", "path"])
async def test_a_named_model_is_taken(by: str, tmp_path: Path) -> None:
    """By its name in the data directory, or by any path."""
    path = str(tmp_path / "models" / "b.onnx")
    rig = Rig(tmp_path, model="b" if by == "name" else path)
    rig.put("a")
    rig.put("b")
    await rig.keeper.run_once()
    assert rig.model == path


async def test_a_name_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """With the names that are; built-in works meanwhile."""
    rig = Rig(tmp_path, model="c")
    rig.put("a")
    await rig.keeper.run_once()
    assert rig.model == BUILTIN
    assert "'c'" in rig.reason
    assert "there is a" in rig.reason


async def test_a_bad_model_is_refused_once_and_the_next_one_taken(tmp_path: Path) -> None:
    """A file that is no model costs one attempt, until it is exchanged."""
    rig = Rig(tmp_path)
    bad, good = rig.put("a"), rig.put("b")
    rig.worker.bad.add(bad)
    for _ in range(3):
        await rig.keeper.run_once()
    assert (rig.model, rig.worker.loads) == (good, [bad, good])
    assert "a.onnx: " in rig.reason
    assert rig.reason.endswith("b.onnx is used meanwhile")
    rig.worker.bad.clear()
    rig.put("a", b"other weights")
    await rig.keeper.run_once()
    assert rig.model == bad


async def test_a_bad_model_leaves_built_in_and_its_reason(tmp_path: Path) -> None:
    """What the worker said of the file is what the owner reads."""
    rig = Rig(tmp_path)
    rig.worker.bad.add(rig.put("a"))
    await rig.keeper.run_once()
    assert rig.model == BUILTIN
    assert "expected a model, got something else" in rig.reason


async def test_damaged_bytes_are_not_even_tried(tmp_path: Path) -> None:
    """The recorded hash is checked before the worker sees the file."""
    rig = Rig(tmp_path)
    source = tmp_path / "mine.onnx"
    source.write_bytes(b"weights")
    rig.folder.copy_in(source)
    (rig.folder.folder / "mine.onnx").write_bytes(b"Weights")
    await rig.keeper.run_once()
    assert rig.worker.loads == []
    assert "expected the recorded bytes" in rig.reason


async def test_a_model_that_takes_the_worker_with_it_is_given_up(tmp_path: Path) -> None:
    """No crash loop: after a few deaths the file is left alone."""
    rig = Rig(tmp_path)
    rig.worker.deadly.add(rig.put("a"))
    for _ in range(TRIALS + 3):
        await rig.keeper.run_once()
    assert len(rig.worker.loads) == TRIALS
    assert "has ended" in rig.reason


async def test_the_status_tells_what_is_at_work(tmp_path: Path) -> None:
    """Detector and accelerator, and nothing invented while there is none."""
    rig = Rig(tmp_path, model="builtin")
    assert (rig.keeper.status.detector, rig.keeper.status.accelerator) == ("fake", "CPU")
    rig.worker.alive.clear()
    assert (rig.keeper.status.detector, rig.keeper.status.accelerator) == ("", "")


def test_what_auto_fetches_is_pinned() -> None:
    """The official release, over TLS, with its size and hash."""
    assert CATALOGUE[0] is YOLOX_NANO
    assert YOLOX_NANO.url.startswith("https://github.com/Megvii-BaseDetection/YOLOX/releases/")
    assert YOLOX_NANO.size_bytes == 3_659_407
    assert len(YOLOX_NANO.sha256) == 64


def test_what_is_here_whole_is_not_fetched_again(tmp_path: Path) -> None:
    """A model that cannot be loaded would not be better for it; a damaged one would."""
    rig = Rig(tmp_path)
    source = tmp_path / "mine.onnx"
    source.write_bytes(b"weights")
    release = replace(YOLOX_NANO, sha256=hashlib.sha256(b"weights").hexdigest())
    keeper = ModelKeeper(
        *(rig.worker, rig.folder, SimulatedClock(), rig.health, Settings(model="auto")), release=release
    )
    assert keeper._would_help()
    rig.folder.copy_in(source)
    assert not keeper._would_help()
    (rig.folder.folder / "mine.onnx").write_bytes(b"wreck")
    assert keeper._would_help()
    (rig.folder.folder / MANIFEST).write_text("no list")
    assert not keeper._would_help()

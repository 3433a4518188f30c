"""Fetching a model with Ultralytics' own download, from a server on this machine."""

import gzip
import hashlib
import importlib.util
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.detections.catalogue import CATALOGUE, Release
from appliance.detections.fetcher import ModelFetcher
from appliance.detections.models import MANIFEST, ModelFolder
from appliance.errors import ModelError, TemporaryFailure
from tests.support.file_server import served

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ultralytics") is None or importlib.util.find_spec("torch") is None,
    reason="the extra gpu is not installed: make back-ends",
)
WEIGHTS = bytes(range(256)) * 800


@dataclass
class Shop:
    """A server with one file, and a box that fetches it."""

    release: Release
    file: Path
    folder: ModelFolder
    fetcher: ModelFetcher

    def left(self) -> list[str]:
        """Return what lies in the folder but for the list and its lock."""
        return sorted(one.name for one in self.folder.folder.iterdir() if one.name not in {MANIFEST, ".lock"})


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Serve a file as Ultralytics does."""
    published = tmp_path / "published"
    published.mkdir()
    file = published / "yolo26n.pt"
    file.write_bytes(WEIGHTS)
    folder = ModelFolder(tmp_path / "models")
    async with served(published) as address:
        release = Release(
            *("yolo26n", f"{address}/files/yolo26n.pt", 5_000_000, "", "AGPL-3.0"), by_ultralytics=True
        )
        yield Shop(release, file, folder, ModelFetcher(folder))


async def test_it_is_fetched_and_its_bytes_are_recorded(shop: Shop) -> None:
    """From then on the recorded hash is what counts."""
    path = await shop.fetcher.fetch(shop.release)
    assert path.read_bytes() == WEIGHTS
    model = shop.folder.find("yolo26n")
    assert (model.file, model.licence, model.source) == ("yolo26n.pt", "AGPL-3.0", shop.release.url)
    assert (model.sha256, model.size_bytes) == (hashlib.sha256(WEIGHTS).hexdigest(), len(WEIGHTS))
    assert shop.left() == ["yolo26n.pt"]
    path.write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelError, match="expected the recorded bytes"):
        shop.folder.verified(model)


async def test_other_bytes_than_the_first_time_are_refused(shop: Shop) -> None:
    """What was recorded on first use is what has to come again; the file that is here stays."""
    path = await shop.fetcher.fetch(shop.release)
    shop.file.write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelError, match=r"as it is known here.*model remove yolo26n"):
        await shop.fetcher.fetch(shop.release)
    assert path.read_bytes() == WEIGHTS
    shop.folder.remove("yolo26n")
    await shop.fetcher.fetch(shop.release)
    assert path.read_bytes() == WEIGHTS[::-1]


async def test_a_known_hash_is_asked_for_from_the_first_time_on(shop: Shop) -> None:
    """Where the makers' hash is in the program's own list, first use decides nothing."""
    known = Release(
        *(shop.release.name, shop.release.url, len(WEIGHTS), "0" * 64, "AGPL-3.0"), by_ultralytics=True
    )
    with pytest.raises(ModelError, match="expected SHA-256 000000000000"):
        await shop.fetcher.fetch(known)
    assert shop.left() == []


async def test_a_file_that_is_not_there_leaves_nothing(shop: Shop) -> None:
    """The reason is what the server said."""
    shop.file.unlink()
    with pytest.raises(TemporaryFailure, match="404"):
        await shop.fetcher.fetch(shop.release)
    assert shop.left() == []
    assert "404" in shop.fetcher.problem("yolo26n")


@pytest.mark.parametrize("is_packed", [False, True])
async def test_more_than_can_be_meant_is_not_fetched(shop: Shop, is_packed: bool) -> None:
    """Neither a disk nor a line is filled by a server that does not end, nor by what is packed."""
    if is_packed:
        shop.file.with_suffix(".pt.gz").write_bytes(gzip.compress(WEIGHTS))
    release = replace(shop.release, size_bytes=len(WEIGHTS) // 2 - 1)
    with pytest.raises(TemporaryFailure, match=r"bytes at most|File too large"):
        await shop.fetcher.fetch(release)
    assert shop.left() == []


def test_the_list_names_where_each_is_from() -> None:
    """The official assets, over TLS, with their licence."""
    by_name = {release.name: release for release in CATALOGUE}
    for letter in "nsm":
        release = by_name[f"yolo26{letter}"]
        assert release.url.startswith("https://github.com/ultralytics/assets/releases/download/")
        assert (release.file, release.licence) == (f"yolo26{letter}.pt", "AGPL-3.0")

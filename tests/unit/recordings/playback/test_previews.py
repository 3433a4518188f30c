"""Preview pictures for scrubbing."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import NotFound, Overloaded
from appliance.recordings.playback.catalogue import Catalogue
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.layouts import Layouts
from appliance.recordings.playback.previews import Previews
from appliance.recordings.playback.settings import PlaybackSettings
from tests.support.clock import SimulatedClock
from tests.support.footage_files import number_of, write_footage
from tests.support.rows import NOON_US


def at(seconds: float) -> WallUs:
    """Return the wall time so many seconds after noon."""
    return WallUs(NOON_US + round(seconds * US_PER_S))


def previews_in(folder: Path, layouts: Layouts, settings: PlaybackSettings) -> Previews:
    """Return previews that nobody sweeps."""
    return Previews(folder, layouts, cast("Catalogue", None), SimulatedClock(), settings)


def read_back(jpeg: bytes) -> np.ndarray:
    """Return the luma of a JPEG."""
    luma = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert luma is not None
    return luma


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
async def test_the_keyframe_at_or_before_is_shown(tmp_path: Path, codec: str) -> None:
    """Made small, as the settings say."""
    file = write_footage(tmp_path, "s1", codec=codec, size=(640, 384))
    async with previews_in(tmp_path, Layouts(), PlaybackSettings()) as previews:
        for seconds, number in ((0, 0), (0.9, 0), (3.0, 30), (3.7, 30), (9, 50), (-1, 0)):
            luma = read_back(await previews.jpeg(file, at(seconds)))
            assert luma.shape == (192, 320)
            assert number_of(luma) == number


async def test_a_picture_is_made_once(tmp_path: Path) -> None:
    """It is kept, over a restart as well; the file is needed only for its layout."""
    file, layouts = write_footage(tmp_path, "s1"), Layouts()
    async with previews_in(tmp_path, layouts, PlaybackSettings()) as previews:
        first = await previews.jpeg(file, at(2))
    file.path.unlink()
    async with previews_in(tmp_path, layouts, PlaybackSettings()) as previews:
        assert await previews.jpeg(file, at(2.5)) == first
        with pytest.raises(NotFound):
            await previews.jpeg(file, at(3))


async def test_the_longest_unseen_go_first(tmp_path: Path) -> None:
    """The folder holds no more than the settings allow."""
    file = write_footage(tmp_path, "s1")
    async with previews_in(tmp_path, Layouts(), PlaybackSettings()) as previews:
        sizes = [len(await previews.jpeg(file, at(seconds))) for seconds in range(4)]
    room = PlaybackSettings(previews_bytes=sum(sizes) - 1)
    async with previews_in(tmp_path / "others", Layouts(), room) as previews:
        for seconds in (0, 1, 2, 0, 3):
            await previews.jpeg(file, at(seconds))
    offsets = [place.offset for place in Layouts().of(file).fragments]
    kept = {path.name for path in (tmp_path / "others" / "previews").iterdir()}
    assert kept == {f"s1-{offsets[i]:x}.jpg" for i in (0, 2, 3)}


async def test_half_a_picture_is_not_given_out(tmp_path: Path) -> None:
    """A crash may have cut it; it is made anew."""
    file = write_footage(tmp_path, "s1")
    async with previews_in(tmp_path, Layouts(), PlaybackSettings()) as previews:
        whole = await previews.jpeg(file, at(0))
    kept = next((tmp_path / "previews").iterdir())
    kept.write_bytes(whole[:100])
    async with previews_in(tmp_path, Layouts(), PlaybackSettings()) as previews:
        assert await previews.jpeg(file, at(0)) == whole


async def test_too_many_at_once_are_refused(tmp_path: Path) -> None:
    """A wild hand on the slider keeps nobody else waiting."""
    file = write_footage(tmp_path, "s1")
    few = PlaybackSettings(previews_waiting=1, preview_threads=1)
    async with previews_in(tmp_path, Layouts(), few) as previews:
        asked = [previews.jpeg(file, at(seconds)) for seconds in (0, 1, 2)]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(outcome, Overloaded) for outcome in outcomes] == [False, False, True]


async def test_a_damaged_keyframe_is_not_found(tmp_path: Path) -> None:
    """The message is for a person."""
    file = write_footage(tmp_path, "s1")
    place = Layouts().of(file).fragments[0]
    data = bytearray(file.path.read_bytes())
    data[place.offset + place.size // 2 : place.offset + place.size] = bytes(place.size - place.size // 2)
    start = data.index(b"mdat", place.offset) + 4
    data[start : place.offset + place.size] = bytes(place.offset + place.size - start)
    file.path.write_bytes(data)
    same = FootageFile(replace(file.segment), tmp_path)
    async with previews_in(tmp_path, Layouts(), PlaybackSettings()) as previews:
        with pytest.raises(NotFound, match="cannot be decoded"):
            await previews.jpeg(same, at(0))

"""The timecode says what was drawn, through an encoder too, or nothing."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.support import timecode
from tests.support.camera_simulator.simulator import simulator
from tests.support.clips import plain, write_clip

TIMES_MS = [0, 1, 1_764_177_156_789, 2**48 - 1]


def blank() -> timecode.Luma:
    """Return a grey picture of 640x360."""
    return plain(640, 360)[:360]


@pytest.mark.parametrize("wall_ms", TIMES_MS)
def test_a_time_is_read_as_it_was_drawn(wall_ms: int) -> None:
    """To the millisecond, over all 48 bits."""
    luma = blank()
    timecode.draw(luma, wall_ms)
    assert timecode.read(luma) == wall_ms


@pytest.mark.parametrize("level", [0, 16, 100, 128, 235, 255])
def test_a_picture_without_a_time_has_none(level: int) -> None:
    """Black and white pictures are no times."""
    assert timecode.read(np.full((360, 640), level, np.uint8)) is None


def test_one_wrong_block_is_noticed() -> None:
    """The check covers every bit, its own as well."""
    for at in range(timecode.COLUMNS * timecode.ROWS):
        luma = blank()
        timecode.draw(luma, TIMES_MS[2])
        row, column = divmod(at, timecode.COLUMNS)
        top, left = (timecode.TOP_PX + row * timecode.BLOCK_PX, timecode.LEFT_PX + column * timecode.BLOCK_PX)
        block = luma[top : top + timecode.BLOCK_PX, left : left + timecode.BLOCK_PX]
        block[:] = 255 - block
        assert timecode.read(luma) is None


@pytest.mark.parametrize("shape", [(359, 100), (100, 640), (360, 640, 3)])
def test_a_picture_that_is_too_small_or_has_colours_is_refused(shape: tuple[int, ...]) -> None:
    """With what was expected and what came."""
    with pytest.raises(ValueError, match=r"expected a picture of at least 576x160, got shape"):
        timecode.read(np.zeros(shape, np.uint8))


def test_a_time_survives_the_encoder(tmp_path: Path) -> None:
    """At the quality that cameras have."""
    pictures = [plain(640, 360) for _ in TIMES_MS]
    for picture, wall_ms in zip(pictures, TIMES_MS, strict=True):
        timecode.draw(picture[:360], wall_ms)
    path = write_clip(tmp_path / "times.mp4", pictures)
    with av.open(str(path)) as container:
        read = [timecode.read(frame.to_ndarray()[:360]) for frame in container.decode(video=0)]
    assert read == TIMES_MS


def test_holes_are_where_times_lie_too_far_apart_or_go_back() -> None:
    """And nowhere else."""
    assert timecode.holes([0, 100, 201, 200, 500], 101) == [(201, 200), (200, 500)]
    assert timecode.holes([], 1) == []


def test_a_simulated_camera_sends_the_time_of_the_moment() -> None:
    """Each picture says when it was sent, and the camera remembers which those were."""
    with simulator() as sim:
        camera = sim.timecode_camera("clock", notes_pictures=True)
        with av.open(camera.url, options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
            read = []
            for frame in container.decode(video=0):
                read.append(timecode.read(frame.to_ndarray()[:360]))
                if len(read) == 25:
                    break
    sent_ms = [round(1e3 * sent.at_s) for sent in camera.sent]
    drawn = [wall_ms for wall_ms in read if wall_ms is not None]
    assert len(drawn) == 25
    assert all(-1 <= later - at <= 1000 for at, later in zip(drawn, sent_ms, strict=False))
    assert [i for i, sent in enumerate(camera.sent[:25]) if sent.is_keyframe] == [0, 10, 20]
    assert len({sent.digest for sent in camera.sent}) == len(camera.sent)

"""libav's own V4L2 code against an imitation of the kernel's side: what a fake of ours cannot show.

How libav reads without waiting hangs on options of it that have no names; a new version must not change that
unnoticed. An imitation is no driver all the same: no real device was read by these tests.
"""

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.device_reading import SILENCE_S
from tests.support.http_camera import jpeg
from tests.support.source import ROOT

DEVICE = "/dev/video87"

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or not Path("/usr/include/linux/videodev2.h").exists(),
    reason="the imitation of a video device needs a C compiler and the kernel's headers",
)


@pytest.fixture(scope="module")
def imitation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that answers for the device."""
    library = tmp_path_factory.mktemp("v4l2") / "imitation.so"
    code = ROOT / "tests/support/v4l2_imitation.c"
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(code), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    return library


def read(imitation: Path, count: int, **environment: object) -> dict[str, Any]:
    """Return what a process says that read the device."""
    said = {f"IMITATION_{name.upper()}": str(value) for name, value in environment.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.device_reading", DEVICE, str(count)],
        env={**os.environ, "LD_PRELOAD": str(imitation), "IMITATION_PATH": DEVICE, **said},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """The picture of a device that gives MJPEG."""
    file = tmp_path / "picture.jpg"
    file.write_bytes(jpeg())
    return file


def test_coded_pictures_are_read_at_their_pace(imitation: Path, picture: Path) -> None:
    """Ten a second, each a keyframe that decodes, and the process sleeps in between."""
    found = read(imitation, 10, jpeg=picture)
    assert found["kind"] == ""
    assert found["codecs"] == ["mjpeg"]
    assert found["keyframes"] == found["frames"] == 10
    assert [b - a for a, b in pairwise(found["shown_s"])] == pytest.approx([0.1] * 9, abs=0.05)
    assert found["cpu_s"] < found["took_s"] / 2


def test_a_device_without_coded_pictures_is_read_uncoded(imitation: Path) -> None:
    """Its YUYV is turned into the format that goes on."""
    found = read(imitation, 5)
    assert found["kind"] == ""
    assert found["codecs"] == ["rawvideo"]
    assert found["keyframes"] == found["frames"] == 5


@pytest.mark.parametrize("pictures", [0, 3])
def test_a_silent_device_is_given_up_in_time_and_costs_no_core(
    imitation: Path, picture: Path, pictures: int
) -> None:
    """From its opening on, or later: libav would wait for ever, or ask in a loop until the open time-out."""
    found = read(imitation, 10, jpeg=picture, silent_after=pictures)
    assert found["kind"] == "timeout"
    assert len(found["shown_s"]) == pictures
    assert found["opened_s"] < 0.5
    assert found["took_s"] < SILENCE_S + 0.1 * pictures + 1.0
    assert found["cpu_s"] < found["took_s"] / 2


def test_a_device_that_is_unplugged_ends_the_stream(imitation: Path, picture: Path) -> None:
    """The driver says so at once, and so does the source."""
    found = read(imitation, 10, jpeg=picture, gone_after=3)
    assert found["kind"] == "ended"
    assert len(found["shown_s"]) == 3

"""What becomes of a camera that is tried."""

from pathlib import Path

import pytest

from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from appliance.packets.probe import probe
from appliance.roster import trial_of
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock


@pytest.mark.parametrize(
    ("codec", "known_as", "trouble"),
    [("libx264", "h264", ""), ("libx265", "hevc", ""), ("mpeg4", "mpeg4", "no MP4 file")],
)
def test_a_trial_shows_a_picture_and_says_what_cannot_be_recorded(
    tmp_path: Path, codec: str, known_as: str, trouble: str
) -> None:
    """The picture is a JPEG, whatever the codec; a codec without a place in MP4 files is named."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(25), codec=codec)
    found = probe(Camera(CameraId("trial"), "trial", f"file://{clip}"), 5.0, SimulatedClock())
    trial = trial_of(found)
    assert trial.facts.codec == known_as
    assert trouble in trial.not_recordable
    assert (trial.not_recordable == "") is (trouble == "")
    assert trial.jpeg is not None
    assert trial.jpeg.startswith(b"\xff\xd8")

"""Motion on real surveillance clips, against the truth that lies beside them."""

import json
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.frames.sampling import Sampler
from appliance.motion.detector import MotionDetector
from tests.support.rtsp import shared_folder

CLIPS = shared_folder() / "media"
CARS, PEOPLE = CLIPS / "car-detection.mp4", CLIPS / "one-by-one-person.mp4"

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not CARS.is_file(), reason=f"no clips in {CLIPS} (NIGHTJAR_SHARED names its parent)"),
]

FRAME_S = 0.2


class Visit(NamedTuple):
    """When something is in view."""

    first_s: float
    last_s: float


def visits(clip: Path) -> list[Visit]:
    """Return the visits of a clip's truth."""
    truth = json.loads(clip.with_suffix(".truth.json").read_text())
    return [Visit(v["t_first"], v["t_last"]) for v in truth["visits"]]


def motion(clip: Path, fps: float = 5.0) -> list[tuple[float, np.ndarray]]:
    """Return time and boxes (parts of the picture, xyxy) of each analysed frame."""
    detector, sampler, found = MotionDetector(), Sampler(fps), []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for picture in container.decode(stream):
            assert picture.pts is not None
            media = MediaTime(picture.pts, stream.time_base)
            if not sampler.take(media.seconds):
                continue
            i420 = picture.to_ndarray().astype(np.uint8, copy=False)
            frame = Frame(CameraId("clip"), i420, media, WallUs(0), MonotonicNs(0))
            size = np.array([frame.width, frame.height] * 2)
            found.append((media.seconds, detector.step(frame).boxes / size))
    return found


@pytest.mark.parametrize("fps", [3.0, 5.0, 10.0])
def test_each_car_is_one_box_while_it_is_in_view(fps: float) -> None:
    """From the frame after its first sight on; the two that pass each other are two boxes."""
    cars = visits(CARS)
    for seconds, boxes in motion(CARS, fps):
        wholly = sum(v.first_s + 2 * FRAME_S <= seconds <= v.last_s - 2 * FRAME_S for v in cars)
        # A car's shadow comes before it and leaves after it.
        at_most = sum(v.first_s - 0.3 <= seconds <= v.last_s + 1.0 for v in cars)
        assert wholly <= len(boxes) <= at_most, f"{len(boxes)} boxes at {seconds:.2f} s"


def test_a_car_s_box_moves_steadily() -> None:
    """Without jumps and fragments: from one frame to the next a box keeps a good part of itself."""
    previous: np.ndarray | None = None
    for seconds, boxes in motion(CARS):
        if len(boxes) == 1 and 4.8 <= seconds <= 8.2:
            if previous is not None:
                assert iou(previous, boxes[0]) > 0.6, f"at {seconds:.2f} s"
            previous = boxes[0]


def test_between_the_cars_nothing_moves() -> None:
    """Exposure recovers and the camera drifts; a car's shadow leaves up to 0.9 s after the car."""
    cars = visits(CARS)
    empty = [
        (seconds, boxes)
        for seconds, boxes in motion(CARS)
        if not any(v.first_s - FRAME_S <= seconds <= v.last_s + 0.9 for v in cars)
    ]
    assert len(empty) > 50
    assert [round(seconds, 2) for seconds, boxes in empty if len(boxes)] == []


def test_everybody_who_enters_is_motion_at_once() -> None:
    """Within a third of a second of each of the six first sights, and in most frames of the way in."""
    found = motion(PEOPLE)
    for person in visits(PEOPLE):
        early = [len(boxes) > 0 for seconds, boxes in found if 0 <= seconds - person.first_s < 1.5]
        first = min(seconds for seconds, boxes in found if len(boxes) and seconds >= person.first_s - 0.5)
        assert abs(first - person.first_s) <= 0.35
        assert sum(early) / len(early) >= 0.8


def test_an_empty_room_is_still() -> None:
    """Before, between and after the six visits, but for the shadow that stays up to 0.7 s."""
    people = visits(PEOPLE)
    for seconds, boxes in motion(PEOPLE):
        if not any(p.first_s - 0.5 <= seconds <= p.last_s + 0.7 for p in people):
            assert len(boxes) == 0, f"at {seconds:.2f} s: {boxes}"


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Return the overlap of two boxes, 0 to 1."""
    inner = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    common = float(np.prod(np.maximum(inner, 0)))
    areas = [float(np.prod(b[2:] - b[:2])) for b in (one, other)]
    return common / (sum(areas) - common)

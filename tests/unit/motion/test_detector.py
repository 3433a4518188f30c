"""What is motion, and what is none; on drawn scenes, at five frames a second."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from appliance.domain.frame import Frame, Motion
from appliance.motion.detector import MotionDetector
from tests.support.street import Box, Street

FPS = 5.0
PERSON = 180.0


class Watch:
    """A detector that has seen its empty street for some seconds."""

    def __init__(self, street: Street | None = None, quiet_s: float = 4.0) -> None:
        self.street = street or Street()
        self.detector = MotionDetector()
        self.now_s = 0.0
        self.quiet = [self.see() for _ in range(round(quiet_s * FPS))]

    def see(self, *boxes: Box, gain: float = 1.0, offset: float = 0.0, shift_px: int = 0) -> Motion:
        """Look at the next frame, with people in these boxes."""
        things = [(box, PERSON) for box in boxes]
        self.now_s += 1 / FPS
        frame = self.street.frame(self.now_s, *things, gain=gain, offset=offset, shift_px=shift_px)
        return self.detector.step(frame)


def person(left: float, top: int = 120, width: int = 40, height: int = 120) -> Box:
    """Return the box of somebody at that place."""
    return round(left), top, round(left) + width, top + height


def iou(found: object, box: Box) -> float:
    """Return the overlap of two boxes, 0 to 1."""
    one, other = np.asarray(found, float), np.asarray(box, float)
    inner = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    if (inner <= 0).any():
        return 0.0
    areas = [float((b[2] - b[0]) * (b[3] - b[1])) for b in (one, other)]
    common = float(inner[0] * inner[1])
    return common / (sum(areas) - common)


def nothing(motion: Motion) -> bool:
    """Return whether nothing moved."""
    return motion.boxes.shape == (0, 4) and motion.boxes.dtype == np.float32 and motion.area_ratio == 0.0


@pytest.mark.parametrize("noise", [0.0, 2.0, 5.0])
def test_an_empty_street_is_still(noise: float) -> None:
    """A sensor's noise is no motion, not even in the first frames."""
    assert all(nothing(motion) for motion in Watch(Street(noise=noise), quiet_s=20).quiet)


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (704, 576), (352, 240), (130, 98)])
def test_somebody_who_walks_is_one_box_that_fits(size: tuple[int, int]) -> None:
    """In the frame's own pixels, whatever the size of the frame."""
    width, height = size
    watch = Watch(Street(width, height))
    for step in range(12):
        left = width * (0.1 + 0.06 * step)
        box = person(left, height // 3, width // 16, height // 3)
        motion = watch.see(box)
        assert len(motion.boxes) == 1
        assert iou(motion.boxes[0], box) > 0.55
        assert 0.005 < motion.area_ratio < 0.08


def test_somebody_who_enters_is_seen_at_the_edge() -> None:
    """The first frame in which a fifth of the person is in view has motion."""
    watch = Watch()
    assert len(watch.see(person(632)).boxes) == 1
    box = watch.see(person(600)).boxes[0]
    assert box[2] == 640.0


def test_somebody_who_stands_still_is_no_motion_after_a_moment() -> None:
    """Following them is the detector's task; motion says what moves."""
    watch = Watch()
    for step in range(10):
        watch.see(person(100 + 10 * step))
    assert all(nothing(watch.see(person(190))) for _ in range(20) if watch.now_s > 7.0)


def test_somebody_who_stood_for_half_a_minute_leaves_no_hole() -> None:
    """Where they stood is as it was before, and is known."""
    watch = Watch(quiet_s=10)
    for _ in range(150):
        watch.see(person(300))
    for step in range(12):
        motion = watch.see(person(310 + 20 * step))
        if step > 2:
            assert len(motion.boxes) == 1
            assert motion.boxes[0][0] > 320
    assert all(nothing(watch.see()) for _ in range(10))


def test_the_next_one_at_the_same_place_is_whole() -> None:
    """Somebody in the same clothes who comes where another one stood is not half invisible."""
    watch = Watch(quiet_s=10)
    for _ in range(150):
        watch.see(person(300))
    for _ in range(10):
        watch.see()
    for step in range(10):
        box = person(200 + 12 * step)
        motion = watch.see(box)
        assert len(motion.boxes) == 1
        assert iou(motion.boxes[0], box) > 0.55


def test_two_people_are_two_boxes() -> None:
    """Side by side and apart."""
    watch = Watch()
    for step in range(6):
        boxes = [person(100 + 10 * step), person(400 - 10 * step)]
        motion = watch.see(*boxes)
        assert len(motion.boxes) == 2
        assert sorted(max(iou(found, box) for found in motion.boxes) > 0.5 for box in boxes) == [True, True]


def daylight(watch: Watch, i: int) -> Motion:
    """Let the day go by: from noon to half the light in a minute."""
    return watch.see(gain=1.0 - i / 600)


def exposure(watch: Watch, i: int) -> Motion:
    """Let the camera's automatic exposure hunt by some percent."""
    return watch.see(gain=1.0 + 0.08 * np.sin(i / 2))


def drift(watch: Watch, i: int) -> Motion:
    """Let the mount give way by a pixel every two seconds."""
    return watch.see(shift_px=i // 10)


@pytest.mark.parametrize("change", [daylight, exposure, drift])
def test_what_the_whole_picture_does_is_no_motion(change: Callable[[Watch, int], Motion]) -> None:
    """Daylight, automatic exposure and a mount that gives way move nothing in the scene."""
    watch = Watch()
    assert all(nothing(change(watch, i)) for i in range(150))


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (1.6, 0.0), (1.0, 60.0), (0.4, 20.0)])
def test_a_lamp_is_no_motion_and_the_next_frames_neither(gain: float, offset: float) -> None:
    """A sudden change of the whole picture says nothing; the detector is back within a second."""
    watch = Watch()
    assert all(nothing(watch.see(gain=gain, offset=offset)) for _ in range(5))
    motion = [watch.see(person(100 + 20 * i), gain=gain, offset=offset) for i in range(5)]
    assert all(len(m.boxes) == 1 for m in motion[1:])


def test_somebody_who_walks_while_the_exposure_changes_is_still_seen() -> None:
    """Compensation does not take the object for the light."""
    watch = Watch()
    for step in range(10):
        box = person(100 + 20 * step)
        motion = watch.see(box, gain=1.0 - 0.03 * step)
        assert len(motion.boxes) == 1
        assert iou(motion.boxes[0], box) > 0.5


def test_a_camera_that_was_turned_begins_anew() -> None:
    """Another scene is an upheaval, not one great motion."""
    watch = Watch()
    watch.street = Street(seed=8)
    assert all(nothing(watch.see()) for _ in range(10))
    assert len(watch.see(person(200)).boxes) == 1


def test_leaves_are_left_out_after_a_while() -> None:
    """What comes and goes in every other frame is no visitor; somebody elsewhere still is."""
    watch = Watch()
    leaves = (500, 40, 560, 100)
    motions = [watch.see(*([leaves] if i % 2 else [])) for i in range(100)]
    assert all(nothing(motion) for motion in motions[40:])
    assert len(watch.see(leaves, person(100)).boxes) == 1


def test_something_tiny_is_no_motion() -> None:
    """An insect of a few pixels."""
    watch = Watch()
    assert all(nothing(watch.see((100 + 9 * i, 100, 106 + 9 * i, 106))) for i in range(10))


def test_another_size_and_a_jump_of_time_begin_anew() -> None:
    """No comparison with a picture that does not fit."""
    watch = Watch()
    watch.street = Street(320, 180)
    assert nothing(watch.see())
    watch.now_s -= 100.0
    assert nothing(watch.see())
    watch.now_s += 100.0
    assert nothing(watch.see(person(20, 20, 30, 60)))


def test_boxes_lie_within_the_frame() -> None:
    """Even padded, and at every edge."""
    watch = Watch()
    for box in ((0, 0, 60, 90), (580, 270, 640, 360), (0, 270, 60, 360), (580, 0, 640, 90)):
        (found,) = watch.see(box).boxes[-1:]
        assert found[0] >= 0
        assert found[1] >= 0
        assert found[2] <= 640
        assert found[3] <= 360
        assert found[0] < found[2]
        assert found[1] < found[3]


def test_the_frame_is_not_changed() -> None:
    """Other stages look at the same array."""
    watch = Watch()
    frame: Frame = watch.street.frame(99.0, (person(100), PERSON))
    before = frame.i420.copy()
    frame.i420.setflags(write=False)
    watch.detector.step(frame)
    assert (frame.i420 == before).all()


def test_a_frame_costs_little() -> None:
    """The budget is 2 ms of processor time for 640×360, so that 32 cameras share one core at 5 fps."""
    watch = Watch()
    frames = [watch.street.frame(10 + i / FPS, (person(100 + 4 * i), PERSON)) for i in range(60)]
    spent = []
    for frame in frames:
        begun = time.thread_time()
        watch.detector.step(frame)
        spent.append(time.thread_time() - begun)
    assert sorted(spent)[len(spent) // 2] < 0.004


def test_a_copy_goes_on_from_where_it_was_made() -> None:
    """A look that must not have happened is taken back, whatever was learnt by it."""
    watch = Watch()
    saved, then_s = watch.detector.saved(), watch.now_s
    first = watch.see(person(300))
    for step in range(20):
        watch.see(person(300 + 10 * step))
    watch.detector, watch.now_s = saved, then_s
    assert np.allclose(watch.see(person(300)).boxes, first.boxes, atol=4)
    assert len(first.boxes) == 1


def test_nothing_moves_under_a_mask() -> None:
    """Whatever size the picture is looked at in; beside the mask everything still moves."""
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    watch = Watch()
    watch.now_s += 1 / FPS
    frame = watch.street.frame(watch.now_s, (person(100), PERSON), (person(450), PERSON))
    (box,) = watch.detector.step(frame, (left_half,)).boxes
    assert iou(box, person(450)) > 0.5

"""What is looked at, what of it is learnt, and what of it is told."""

from dataclasses import replace

import numpy as np
import pytest

from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.scene import Mask, MaskId, MaskKind, Scene
from appliance.domain.tampering import Tampering, TamperingReport
from appliance.domain.time import WallUs
from appliance.eye import Eye
from appliance.motion.detector import MotionDetector
from appliance.motion.tampering import TamperingDetector
from appliance.runtime.metrics import Metrics
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.street import Street

CAMERA = Camera(CameraId("front"), "Front", "demo:")
SOMEBODY = (300, 120, 340, 240)
PERSON = 180.0


async def nothing(_frame: Frame, _found: Detections) -> None:
    """Stand in for what is done with detections."""


class Rig:
    """An eye that has seen its empty street for some seconds."""

    def __init__(self) -> None:
        self.stage = DetectionStage([FakeWorker()], SimulatedClock(), Metrics(), Settings(), nothing)
        self.stage.camera(CAMERA.id)
        self.kept: list[Frame] = []
        self.watched = False
        self.moved: list[WallUs] = []
        self.tampered: list[TamperingReport] = []
        self.eye = Eye(
            *(CAMERA, MotionDetector(), self.stage, self.kept.append),
            lambda: self.watched,
            self.moved.append,
            TamperingDetector(),
            self.tampered.append,
        )
        self._street = Street()
        for i in range(20):
            self.eye.view(self.frame(i / 5))

    def frame(self, at_s: float, somebody: bool = False) -> Frame:
        """Return the street at that second."""
        drawn = self._street.frame(at_s, *([(SOMEBODY, PERSON)] if somebody else []))
        return replace(drawn, camera_id=CAMERA.id)

    def bare(self, at_s: float) -> Frame:
        """Return what is seen through a cover at that second."""
        whole = (0, 0, self._street.width, self._street.height)
        return replace(self._street.frame(at_s, (whole, 90.0)), camera_id=CAMERA.id)

    @property
    def offered(self) -> int:
        """How many frames the stage was offered."""
        return self.stage.ledger(CAMERA.id).offered


def test_a_quiet_keyframe_is_offered_and_kept() -> None:
    """For the page, and for a detector that looks at whole pictures now and then."""
    rig = Rig()
    assert not rig.eye.glance(rig.frame(6.0))
    assert (rig.offered, len(rig.kept)) == (21, 21)


def test_a_keyframe_with_motion_is_as_if_it_had_not_been_seen() -> None:
    """It comes again in its place among the frames that lead up to it."""
    rig = Rig()
    assert rig.eye.glance(rig.frame(6.0, somebody=True))
    assert (rig.offered, len(rig.kept)) == (20, 20)
    assert rig.eye.view(rig.frame(4.0)) == 0.0
    assert rig.eye.view(rig.frame(4.2, somebody=True)) > 0.0


def test_a_peek_is_told_to_nobody_and_nothing_is_learnt_of_it() -> None:
    """However often: what is viewed afterwards is judged as if there had been none."""
    rig, other = Rig(), Rig()
    for i in range(10):
        rig.eye.peek(rig.frame(4.2 + i / 5, somebody=i > 4))
    assert (rig.offered, len(rig.kept)) == (20, 20)
    peeked, fresh = (one.eye.view(rig.frame(4.2, somebody=True)) for one in (rig, other))
    assert peeked > 0.0
    assert peeked == pytest.approx(fresh)


def test_a_second_peek_at_the_same_time_sees_the_same() -> None:
    """Packets stand out twice in one GOP: it is decoded again from its keyframe."""
    rig = Rig()
    first = [rig.eye.peek(rig.frame(4.0 + i / 5, somebody=i > 2)) for i in range(6)]
    again = [rig.eye.peek(rig.frame(4.0 + i / 5, somebody=i > 2)) for i in range(6)]
    assert again == pytest.approx(first)
    assert again[-1] > 0.0


def test_a_camera_is_attended_while_it_is_watched_or_something_is_followed() -> None:
    """Then no keyframe is left out."""
    rig = Rig()
    assert not rig.eye.is_attended()
    rig.watched = True
    assert rig.eye.is_attended()
    rig.watched = False
    rig.stage.follow(CAMERA.id, np.array([[1, 2, 3, 4]], np.float32))
    assert rig.eye.is_attended()


def test_what_moves_is_told_with_the_time_of_its_picture() -> None:
    """The recording begins some seconds before that; a quiet street tells nothing, nor does a mere peek."""
    rig = Rig()
    rig.moved.clear()
    quiet, busy = rig.frame(4.0), rig.frame(4.2, somebody=True)
    rig.eye.view(quiet)
    rig.eye.peek(busy)
    assert rig.moved == []
    rig.eye.view(busy)
    assert rig.moved == [busy.wall_us]


def test_what_moves_under_a_mask_wakes_nobody() -> None:
    """From the next frame on, and no longer than the mask is there; a mask of objects hides no motion."""
    rig = Rig()
    rig.moved.clear()
    corners = ((0.3, 0.2), (0.7, 0.2), (0.7, 0.9), (0.3, 0.9))
    mask = Mask(MaskId("tree"), "Tree", corners, MaskKind.MOTION)
    rig.eye.draw(Scene(masks=(mask,)))
    assert rig.eye.peek(rig.frame(4.0, somebody=True)) == 0.0
    assert not rig.eye.glance(rig.frame(4.2, somebody=True))
    assert rig.eye.view(rig.frame(4.4, somebody=True)) == 0.0
    assert rig.moved == []
    rig.eye.draw(Scene(masks=(replace(mask, kind=MaskKind.OBJECTS),)))
    assert rig.eye.peek(rig.frame(4.6)) == 0.0
    rig.eye.view(rig.frame(4.6))
    assert rig.eye.view(rig.frame(4.8, somebody=True)) > 0.0


def test_what_is_done_to_the_camera_is_told_when_that_changes() -> None:
    """With the first frame that nothing is; then of viewed and of quiet keyframes alike, never of peeks."""
    rig = Rig()
    nothing_done = TamperingReport(CAMERA.id, None)
    assert rig.tampered == [nothing_done]
    for at_s in range(4, 40, 2):
        rig.eye.glance(rig.frame(at_s))
    for at_s in range(40, 60):
        rig.eye.peek(rig.bare(at_s))
    assert rig.tampered == [nothing_done]
    for at_s in range(40, 60, 2):
        rig.eye.glance(rig.bare(at_s))
    assert rig.tampered == [nothing_done, TamperingReport(CAMERA.id, Tampering.COVERED)]
    for at_s in range(60, 80):
        rig.eye.view(rig.frame(at_s))
    assert rig.tampered[2:] == [nothing_done]

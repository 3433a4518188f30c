"""Somebody small in a large picture, real weights, the real worker."""

import asyncio
from contextlib import AsyncExitStack
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import WorkerClient
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from detectors.boxes import areas, shared_areas
from tests.support.clock import SimulatedClock
from tests.support.pictures import boxes
from tests.support.rtsp import shared_folder

FRONT = CameraId("front")
WIDTH, HEIGHT = 1920, 1080
SCALE = 0.35
"""The clip is laid into the picture that small: a person of it is then about 130 pixels tall."""
LEFT, TOP = 1050, 320
VISITOR_S = 12.8
"""Somebody stands in the clip then,"""
VISITOR = (0.499, 0.037, 0.672, 0.902)
"""there, by its truth, in unit coordinates."""
LOOKS = 4
"""The first is without crops: nobody knows yet how fast the worker is."""


def clip() -> Path:
    """Return the clip of people, or skip the test."""
    path = shared_folder() / "media" / "one-by-one-person.mp4"
    if not path.is_file():
        pytest.skip(f"{path} is absent (NIGHTJAR_SHARED names its folder)")
    return path


def model() -> str:
    """Return YOLOX-Nano, or skip the test."""
    path = shared_folder() / "models" / "yolox_nano.onnx"
    if not path.is_file():
        pytest.skip(f"{path} is absent (NIGHTJAR_SHARED names its folder)")
    return str(path)


def visitor(path: Path) -> npt.NDArray[np.uint8]:
    """Return one picture of the clip in which somebody stands (BGR)."""
    with av.open(path) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= VISITOR_S:
                return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise AssertionError(f"expected a clip of more than {VISITOR_S} s")


def large_picture(of: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a picture of full HD (I420) with that one small in it, on a ground with some noise."""
    random = np.random.default_rng(7)
    coarse = random.integers(80, 150, (18, 32, 3)).astype(np.uint8)
    ground = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    ground += random.normal(0, 2, (HEIGHT, WIDTH, 1)).astype(np.int16)
    picture = np.clip(ground, 0, 255).astype(np.uint8)
    inset = cv2.resize(of, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
    picture[TOP : TOP + inset.shape[0], LEFT : LEFT + inset.shape[1]] = inset
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)


async def looks(
    regions: int, i420: npt.NDArray[np.uint8], somebody: npt.NDArray[np.float32]
) -> list[Detections]:
    """Return what a stage with a real worker finds in a picture, one look a second."""
    seen: list[Detections] = []
    reported = asyncio.Event()

    async def note(_frame: Frame, found: Detections) -> None:
        seen.append(found)
        reported.set()

    settings, clock = Settings(regions=regions), SimulatedClock()
    worker = WorkerClient(SystemClock(), settings)
    stage = DetectionStage([worker], clock, Metrics(), settings, note)
    stage.camera(FRONT)
    async with AsyncExitStack() as stack:
        supervisor = await stack.enter_async_context(Supervisor(SystemClock(), Health()))
        supervisor.start("detection worker", worker.run)
        await worker.load(model())
        supervisor.start("detection stage", stage.run)
        for second in range(LOOKS):
            reported.clear()
            at = MonotonicNs(second * NS_PER_S)
            frame = Frame(FRONT, i420, MediaTime(second, Fraction(1)), WallUs(0), at)
            stage.offer(frame, Motion(somebody, 0.01))
            await asyncio.wait_for(reported.wait(), 20.0)
            await clock.advance(1.0)
    return seen


async def test_somebody_small_in_a_large_picture_is_found_once_with_regions_and_not_without() -> None:
    """130 of 1080 pixels: 28 at the size at which the model looks at all of it, which is too few."""
    picture = visitor(clip())
    height, width = picture.shape[:2]
    where = np.array(VISITOR, np.float32) * ([width, height] * 2) * SCALE + ([LEFT, TOP] * 2)
    somebody = boxes(tuple(where.tolist()))
    i420 = large_picture(picture)
    without = await looks(0, i420, somebody)
    assert [len(found) for found in without] == [0] * LOOKS
    found = await looks(Settings().regions, i420, somebody)
    assert [one.labels for one in found] == [()] + [("person",)] * (LOOKS - 1)
    shared = float(shared_areas(found[-1].xyxy, somebody)[0, 0])
    union = float(areas(found[-1].xyxy)[0] + areas(somebody)[0]) - shared
    assert shared / union > 0.7

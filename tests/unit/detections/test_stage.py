import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from appliance.detections.ledger import Ledger
from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.domain.detection import Detections, DetectorModel
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.look import look
from appliance.runtime.metrics import Metrics
from detectors.builtin import Builtin
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.pictures import boxes, frame, moving

FRONT, BACK = CameraId("front"), CameraId("back")
SOMEBODY = (8, 8, 24, 40)
HERE = moving(SOMEBODY)


class Reports:
    """What the stage reported, and the wish to wait for it."""

    def __init__(self) -> None:
        self.seen: list[tuple[Frame, Detections]] = []
        self._came = asyncio.Condition()

    async def __call__(self, seen: Frame, detections: Detections) -> None:
        """Be the stage's ``on_detections``."""
        async with self._came:
            self.seen.append((seen, detections))
            self._came.notify_all()

    async def wait_for(self, n: int) -> None:
        """Return when n frames were reported."""
        await self.wait_until(lambda: len(self.seen) >= n)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when that holds; it is looked at after each report."""
        async with self._came:
            await self._came.wait_for(condition)

    def times_s(self, camera: CameraId = FRONT) -> list[float]:
        """Return the media seconds of the reported frames of a camera."""
        return [one.media.seconds for one, _ in self.seen if one.camera_id == camera]


class Rig:
    """A stage with a fake worker, running."""

    def __init__(self, settings: Settings | None = None, worker: FakeWorker | None = None) -> None:
        self.worker = worker or FakeWorker()
        self.reports = Reports()
        self.metrics = Metrics()
        self.stage = DetectionStage(
            [self.worker], SimulatedClock(), self.metrics, settings or Settings(), self.reports
        )
        self.stage.camera(FRONT)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rig"]:
        """Run the stage until the block is left."""
        task = asyncio.create_task(self.stage.run())
        await asyncio.sleep(0)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def hold(self) -> None:
        """Have the worker keep the next batch."""
        self.worker.go.clear()


def balance(ledger: Ledger) -> tuple[int, int, int, int, int]:
    """Return (gated out, done, dropped, lost, waiting), which must add up to what was offered."""
    parts = (ledger.gated_out, ledger.done, ledger.dropped, ledger.lost, ledger.waiting)
    assert sum(parts) == ledger.offered
    return parts


async def test_somebody_in_a_frame_is_reported_with_the_frame() -> None:
    """The frame's own time and size, the box in its pixels, and that the whole of it was seen."""
    async with Rig().running() as rig:
        rig.stage.offer(frame(1.0, white=SOMEBODY), HERE)
        await rig.reports.wait_for(1)
    shown, found = rig.reports.seen[0]
    assert found.labels == ("person",)
    np.testing.assert_allclose(found.xyxy, boxes(SOMEBODY))
    assert (found.wall_us, found.arrived_ns) == (shown.wall_us, shown.arrived_ns)
    assert (found.width, found.height, found.searched) == (64, 48, None)
    assert found.model == DetectorModel("sha256 of builtin", rig.worker.detector.name)


async def test_a_frame_in_which_nobody_was_found_is_reported_too() -> None:
    """A tracker must learn that its object was looked for and not found."""
    async with Rig().running() as rig:
        rig.stage.offer(frame(1.0), HERE)
        await rig.reports.wait_for(1)
    assert len(rig.reports.seen[0][1]) == 0


async def test_frames_without_motion_go_no_further() -> None:
    """An empty yard costs one look every few seconds."""
    async with Rig().running() as rig:
        for tenth in range(31):
            rig.stage.offer(frame(tenth / 10), moving())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await rig.reports.wait_for(2)
        assert rig.reports.times_s() == [0.0, 3.0]
        assert balance(rig.stage.ledger(FRONT)) == (29, 2, 0, 0, 0)


async def test_a_damaged_frame_is_never_looked_at() -> None:
    """What a decoder makes up to fill a hole is no visitor."""
    async with Rig().running() as rig:
        rig.stage.offer(frame(1.0, white=SOMEBODY, is_corrupt=True), HERE)
        rig.stage.offer(frame(1.2, white=SOMEBODY), HERE)
        await rig.reports.wait_for(1)
    assert rig.reports.times_s() == [1.2]


async def test_boxes_and_resting_places_come_with_their_looks() -> None:
    """The tracker knows by them what still stands there without a detector's word."""
    place = boxes((4, 4, 30, 44), (40, 8, 60, 40))
    async with Rig().running() as rig:
        rig.stage.follow(FRONT, boxes(), place)
        rig.stage.offer(frame(1.0, white=SOMEBODY), HERE)
        await rig.reports.wait_for(1)
        rig.stage.follow(FRONT, boxes())
        rig.stage.offer(frame(1.2), HERE)
        await rig.reports.wait_for(2)
    (shown, found), (_, later) = rig.reports.seen
    assert found.looks.tolist() == [look(shown.luma, SOMEBODY)]
    assert found.probes.xyxy.tolist() == place.tolist()
    assert found.probes.looks.tolist() == [look(shown.luma, box) for box in place]
    assert (len(later.looks), len(later.probes)) == (0, 0)


async def test_built_in_says_where_it_looked() -> None:
    """What lies elsewhere was not looked for, hence is not missed."""
    async with Rig(worker=FakeWorker(Builtin())).running() as rig:
        rig.stage.offer(frame(0.0), HERE)
        await rig.reports.wait_for(1)
        rig.stage.follow(FRONT, boxes((40, 8, 60, 40)))
        rig.stage.offer(frame(1.0), moving(SOMEBODY))
        await rig.reports.wait_for(2)
    first, second = (found for _, found in rig.reports.seen)
    np.testing.assert_array_equal(first.searched, boxes(SOMEBODY))
    np.testing.assert_array_equal(second.searched, boxes(SOMEBODY, (40, 8, 60, 40)))
    assert second.labels == ("motion",)


async def test_only_the_labels_that_count_at_a_camera_are_reported() -> None:
    """Each camera has its own; the default ones are the domain's."""
    async with Rig().running() as rig:
        rig.stage.camera(BACK, frozenset({"giraffe"}))
        rig.stage.offer(frame(1.0, "back", white=SOMEBODY), HERE)
        await rig.reports.wait_for(1)
        rig.stage.camera(BACK, frozenset({"giraffe", "person"}))
        rig.stage.offer(frame(2.0, "back", white=SOMEBODY), HERE)
        await rig.reports.wait_for(2)
    assert [found.labels for _, found in rig.reports.seen] == [(), ("person",)]


async def test_a_busy_worker_sees_the_newest_frame_of_each_camera_in_order() -> None:
    """Old frames are dropped and counted; what is reported never goes back in time."""
    async with Rig().running() as rig:
        rig.stage.camera(BACK)
        rig.hold()
        rig.stage.offer(frame(0.0), HERE)
        await rig.worker.held.wait()
        for tenth in range(1, 6):
            rig.stage.offer(frame(tenth / 10), HERE)
            rig.stage.offer(frame(tenth / 10, "back"), HERE)
        assert balance(rig.stage.ledger(FRONT)) == (0, 0, 4, 0, 2)
        rig.worker.go.set()
        await rig.reports.wait_for(3)
        assert rig.reports.times_s(FRONT) == [0.0, 0.5]
        assert rig.reports.times_s(BACK) == [0.5]
        assert rig.worker.batches == [1, 2]
        assert balance(rig.stage.ledger(FRONT)) == (0, 2, 4, 0, 0)


async def test_under_load_every_camera_gets_its_turn() -> None:
    """With more cameras than fit into a batch, none is looked at twice before each was looked at once."""
    cameras = [CameraId(f"cam{i}") for i in range(10)]
    async with Rig(Settings(max_batch=3)).running() as rig:
        for camera in cameras:
            rig.stage.camera(camera)
        rig.hold()
        for turn in range(3):
            for camera in cameras:
                rig.stage.offer(frame(turn / 10, camera), HERE)
        rig.worker.go.set()
        await rig.reports.wait_for(10)
    assert [seen.camera_id for seen, _ in rig.reports.seen] == cameras
    assert max(rig.worker.batches) == 3


async def test_a_dropped_frames_look_at_whom_it_follows_is_made_up_for() -> None:
    """Load must not make somebody who stands still disappear."""
    async with Rig(worker=FakeWorker(Builtin())).running() as rig:
        rig.hold()
        rig.stage.offer(frame(0.0), HERE)
        await rig.worker.held.wait()
        rig.stage.follow(FRONT, boxes((40, 8, 60, 40)))
        rig.stage.offer(frame(1.0), moving())
        rig.stage.offer(frame(1.1), HERE)
        rig.worker.go.set()
        await rig.reports.wait_for(2)
    np.testing.assert_array_equal(rig.reports.seen[1][1].searched, boxes(SOMEBODY, (40, 8, 60, 40)))


async def test_the_workers_death_costs_the_frames_in_flight_and_no_other() -> None:
    """They are counted as lost, and the stage goes on with what waits."""
    async with Rig().running() as rig:
        rig.hold()
        rig.stage.offer(frame(0.0), HERE)
        await rig.worker.held.wait()
        rig.stage.offer(frame(0.2), HERE)
        rig.worker.kill()
        await rig.reports.wait_for(1)
        assert rig.reports.times_s() == [0.2]
        assert balance(rig.stage.ledger(FRONT)) == (0, 1, 0, 1, 0)


async def test_while_there_is_no_worker_the_newest_frame_waits() -> None:
    """Nothing is lost for want of a worker; frames grow old and are dropped, as under load."""
    rig = Rig()
    rig.worker.alive.clear()
    async with rig.running():
        for tenth in range(5):
            rig.stage.offer(frame(tenth / 10), HERE)
        assert balance(rig.stage.ledger(FRONT)) == (0, 0, 4, 0, 1)
        rig.worker.alive.set()
        await rig.reports.wait_for(1)
    assert rig.reports.times_s() == [0.4]


async def test_a_forgotten_camera_is_silent() -> None:
    """After its removal nothing is reported, not even what was under way, and nothing is counted."""
    async with Rig().running() as rig:
        rig.stage.camera(BACK)
        rig.hold()
        rig.stage.offer(frame(0.0), HERE)
        rig.stage.offer(frame(0.0, "back"), HERE)
        await rig.worker.held.wait()
        rig.stage.offer(frame(0.1), HERE)
        rig.stage.forget(FRONT)
        rig.stage.offer(frame(0.2), HERE)
        rig.stage.follow(FRONT, boxes(SOMEBODY))
        rig.worker.go.set()
        await rig.reports.wait_for(1)
        rig.stage.offer(frame(0.3, "back"), HERE)
        await rig.reports.wait_for(2)
    assert rig.reports.times_s(BACK) == [0.0, 0.3]
    assert rig.reports.times_s(FRONT) == []
    assert rig.stage.ledger(FRONT) == Ledger()
    assert 'camera="front"' not in rig.metrics.exposition()


async def test_what_cannot_be_delivered_is_counted_as_lost() -> None:
    """An error of whoever is told ends the run, and leaves the ledger exact."""
    rig = Rig()

    async def failing(_frame: Frame, _found: Detections) -> None:
        raise RuntimeError("the tracker has a fault")

    rig.stage = DetectionStage([rig.worker], SimulatedClock(), rig.metrics, Settings(), failing)
    rig.stage.camera(FRONT)
    rig.stage.offer(frame(0.0), HERE)
    with pytest.raises(RuntimeError, match="fault"):
        await rig.stage.run_once()
    assert balance(rig.stage.ledger(FRONT)) == (0, 0, 0, 1, 0)


async def test_frames_come_from_other_threads() -> None:
    """Readers never wait, and the ledger adds up whoever was faster."""
    cameras = [CameraId(f"cam{i}") for i in range(4)]
    async with Rig().running() as rig:
        for camera in cameras:
            rig.stage.camera(camera)
        offers: list[Callable[[], None]] = [reader_of(rig.stage, camera) for camera in cameras]
        threads = [threading.Thread(target=offer) for offer in offers]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        await rig.reports.wait_until(lambda: all(9.9 in rig.reports.times_s(camera) for camera in cameras))
        for camera in cameras:
            ledger = rig.stage.ledger(camera)
            balance(ledger)
            assert ledger.offered == 100
            assert rig.reports.times_s(camera)[-1] == 9.9


def reader_of(stage: DetectionStage, camera: CameraId) -> Callable[[], None]:
    """Return what one reader's thread does."""

    def offer() -> None:
        for tenth in range(100):
            stage.offer(frame(tenth / 10, camera), HERE)

    return offer


async def test_the_ledger_is_in_the_metrics() -> None:
    """Every outcome of every camera, as it is at the moment of asking."""
    async with Rig().running() as rig:
        rig.stage.offer(frame(0.0), HERE)
        rig.stage.offer(frame(0.1), moving())
        await rig.reports.wait_for(1)
        await asyncio.sleep(0)
    text = rig.metrics.exposition()
    assert 'nightjar_detection_frames_total{camera="front",outcome="done"} 1' in text
    assert 'nightjar_detection_frames_total{camera="front",outcome="gated_out"} 1' in text
    assert "nightjar_detection_batches_total 1" in text


async def test_who_must_lose_no_frame_is_told_when_the_next_one_fits() -> None:
    """Frames of the past are decoded as fast as the detector takes them, and no faster."""
    told: list[str] = []
    rig = Rig()
    rig.hold()
    async with rig.running():
        assert rig.stage.is_free(FRONT, lambda: told.append("never"))
        rig.stage.offer(frame(0.0), HERE)
        await rig.worker.held.wait()
        rig.stage.offer(frame(0.2), HERE)
        assert not rig.stage.is_free(FRONT, lambda: told.append("free"))
        assert told == []
        rig.worker.go.set()
        await rig.reports.wait_for(2)
    assert told == ["free"]
    assert rig.stage.is_free(FRONT, lambda: told.append("never"))
    assert rig.stage.is_free(BACK, lambda: told.append("never"))


async def test_what_is_followed_is_known_to_who_decodes() -> None:
    """A camera at which something is followed is looked at more often."""
    stage = Rig().stage
    assert not stage.is_following(FRONT)
    stage.follow(FRONT, boxes(SOMEBODY))
    assert stage.is_following(FRONT)
    stage.follow(FRONT, boxes())
    assert not stage.is_following(FRONT)
    assert not stage.is_following(BACK)

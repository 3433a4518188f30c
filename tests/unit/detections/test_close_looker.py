"""Close looks: crops in the same batch as the frames, and one answer for each frame."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction

from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.errors import DeviceFull
from appliance.runtime.metrics import Metrics
from detectors import contract
from detectors.contract import ModelInput, Picture
from tests.support.clock import SimulatedClock
from tests.support.fake_detector import FakeDetector
from tests.support.fake_worker import FakeWorker
from tests.support.pictures import boxes, i420, moving

FRONT = CameraId("front")
WIDTH, HEIGHT = 1920, 1080
SMALL = (900, 500, 940, 600)
LARGE = (900, 300, 1100, 700)
Box = tuple[int, int, int, int]


class ShortSighted(FakeDetector):
    """Sees no person of less than 48 pixels at the size of its input."""

    input = ModelInput(416, 416, centred=False)

    def detect(self, pictures: Sequence[Picture]) -> list[contract.Detections]:
        """Return who is large enough in each picture."""
        return [
            self._near(picture, found)
            for picture, found in zip(pictures, super().detect(pictures), strict=True)
        ]

    def _near(self, picture: Picture, found: contract.Detections) -> contract.Detections:
        scale = min(1.0, self.input.width / picture.width, self.input.height / picture.height)
        is_near = ((found.xyxy[:, 2:] - found.xyxy[:, :2]).max(axis=1) * scale) >= 48
        return contract.Detections(found.xyxy[is_near], found.scores[is_near], found.class_ids[is_near])


class TimedWorker(FakeWorker):
    """Takes its time on a simulated clock, and its memory has an end.

    Attributes:
        tile_s: what a picture takes.
        most: pictures at once.
    """

    def __init__(self, clock: SimulatedClock, detector: contract.Detector) -> None:
        super().__init__(detector)
        self._clock = clock
        self.tile_s = 0.001
        self.most = 99

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[contract.Detections]]:
        """Look, later."""
        if len(pictures) > self.most:
            self.batches.append(len(pictures))
            raise DeviceFull(f"no memory for {len(pictures)}")
        await self._clock.sleep(self.tile_s * len(pictures))
        return await super().detect(pictures)


class Yard:
    """A camera of full HD in front of a stage."""

    def __init__(self, settings: Settings | None = None, detector: contract.Detector | None = None) -> None:
        self.clock = SimulatedClock()
        self.worker = TimedWorker(self.clock, detector or ShortSighted())
        self.seen: list[Detections] = []
        self.metrics = Metrics()
        self.stage = DetectionStage(
            [self.worker], self.clock, self.metrics, settings or Settings(), self._note
        )
        self.stage.camera(FRONT)

    async def _note(self, _frame: Frame, found: Detections) -> None:
        self.seen.append(found)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Yard"]:
        """Run the stage until the block is left."""
        task = asyncio.create_task(self.stage.run())
        await self.clock.advance(0)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def offer(self, white: Box = SMALL, *others: Box) -> None:
        """Bring a frame in which a white person is where something moves; nobody is at the other places."""
        frame = Frame(
            FRONT,
            i420(WIDTH, HEIGHT, white),
            MediaTime(self.clock.monotonic_ns(), Fraction(1, 1_000_000_000)),
            WallUs(0),
            MonotonicNs(self.clock.monotonic_ns()),
        )
        self.stage.offer(frame, moving(white, *others))

    async def look(self, times: int, white: Box = SMALL, *others: Box) -> list[Detections]:
        """Bring a frame each second, wait until each was looked at, and return what was found in them."""
        for _ in range(times):
            done = len(self.seen)
            self.offer(white, *others)
            for _ in range(100):  # crops are cut on a thread
                if len(self.seen) > done:
                    break
                await self.clock.advance(0.01)
                await asyncio.to_thread(int)
            await self.clock.advance(1.0)
        return self.seen[-times:]


async def test_somebody_small_in_a_large_frame_is_found_by_a_close_look() -> None:
    """In pixels of the frame, once, and the frame counts as looked at everywhere."""
    async with Yard().open() as yard:
        found = await yard.look(4)
        assert [len(one) for one in found] == [0, 1, 1, 1]
        assert found[-1].xyxy.tolist() == [list(SMALL)]
        assert found[-1].labels == ("person",)
        assert found[-1].searched is None
        assert (found[-1].width, found[-1].height) == (WIDTH, HEIGHT)
        assert len(found[-1].looks) == 1


async def test_without_regions_nobody_so_small_is_found() -> None:
    """The setting switches them off; then only whole frames are looked at."""
    async with Yard(Settings(regions=0)).open() as yard:
        found = await yard.look(5)
    assert [len(one) for one in found] == [0] * 5
    assert yard.worker.batches == [1] * 5


async def test_a_frame_counts_once_however_many_crops_it_has() -> None:
    """The ledger is about frames; the metrics tell the crops apart."""
    async with Yard().open() as yard:
        await yard.look(5, SMALL, (100, 900, 140, 1000), (1700, 100, 1740, 200))
        ledger = yard.stage.ledger(FRONT)
        assert (ledger.offered, ledger.done, ledger.dropped, ledger.lost) == (5, 5, 0, 0)
        assert yard.worker.batches == [1, 2, 3, 4, 4]
        assert "nightjar_detection_crops_total 9" in yard.metrics.exposition()
        assert [len(one) for one in yard.seen[-2:]] == [1, 1]


async def test_what_is_large_enough_needs_no_close_look() -> None:
    """The whole frame shows it well, and is all that is looked at."""
    async with Yard().open() as yard:
        found = await yard.look(4, LARGE)
    assert found[-1].xyxy.tolist() == [list(LARGE)]
    assert yard.worker.batches == [1] * 4


async def test_where_something_is_followed_is_looked_at_closely_too() -> None:
    """Who stands still does not move, and is small all the same."""
    async with Yard().open() as yard:
        yard.stage.follow(FRONT, boxes(SMALL))
        await yard.look(3, LARGE)
    assert yard.worker.batches == [1, 2, 2]


async def test_a_batch_with_its_crops_is_no_larger_than_a_batch_may_be() -> None:
    """An accelerator's memory holds so many pictures, whatever they show."""
    places = [(x, 500, x + 40, 600) for x in (100, 700, 1300, 1800)]
    async with Yard(Settings(max_batch=3)).open() as yard:
        await yard.look(6, *places)
        assert max(yard.worker.batches) == 3


async def test_each_place_has_its_turn_where_there_is_no_room_for_all() -> None:
    """Somebody at the fourth place is seen in every fourth look."""
    places = [(x, 500, x + 40, 600) for x in (700, 1300, 1800)]
    async with Yard(Settings(max_batch=2)).open() as yard:
        found = await yard.look(9, (100, 500, 140, 600), *places)
    assert [len(one) for one in found[1:]].count(1) == 2


async def test_memory_that_is_full_takes_the_crops_away_before_the_frames() -> None:
    """Every frame is looked at, with fewer crops."""
    places = [(x, 500, x + 40, 600) for x in (100, 700, 1300, 1800)]
    async with Yard().open() as yard:
        await yard.look(6, *places)
        yard.worker.most = 2
        await yard.look(2, *places)
        assert yard.worker.batches[-3:] == [5, 2, 2]
        assert yard.stage.ledger(FRONT).done == 8


async def test_there_are_no_crops_while_frames_are_dropped() -> None:
    """Frames that nobody looks at are worse than small things that are not found."""
    async with Yard().open() as yard:
        await yard.look(3)
        assert yard.worker.batches[-1] == 2
        yard.worker.tile_s = 0.3
        for _ in range(12):
            yard.offer()
            await yard.clock.advance(0.1)
            await asyncio.to_thread(int)
        assert yard.stage.ledger(FRONT).dropped > 0
        await yard.clock.advance(1.0)
        assert yard.worker.batches[-1] == 1


async def test_a_detector_that_is_told_where_to_look_is_given_whole_frames() -> None:
    """It looks closely by itself."""
    detector = ShortSighted()
    detector.searches_whole_picture = False
    async with Yard(detector=detector).open() as yard:
        await yard.look(3)
    assert yard.worker.batches == [1] * 3


async def test_a_detector_that_changes_meanwhile_costs_no_frame() -> None:
    """What the new one says of the whole frame counts."""
    async with Yard().open() as yard:
        await yard.look(2)
        yard.worker.tile_s = 0.5
        yard.offer()
        await yard.clock.advance(0.1)
        await asyncio.to_thread(int)
        await yard.clock.advance(0.1)
        yard.worker.detector = FakeDetector()
        while len(yard.seen) < 3:
            await yard.clock.advance(0.1)
        assert yard.worker.batches[-1] == 2
        assert yard.seen[-1].xyxy.tolist() == [list(SMALL)]

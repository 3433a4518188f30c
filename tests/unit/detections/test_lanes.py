"""Several batches with several workers at once: nobody is passed by, and every frame is accounted for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.detections.settings import Settings
from appliance.detections.stage import MAX_LANES, DetectionStage
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from tests.support.clock import SimulatedClock
from tests.support.held_worker import HeldWorker
from tests.support.pictures import frame, moving

HERE = moving((8, 8, 24, 40))
FRONT, BACK, YARD = CameraId("front"), CameraId("back"), CameraId("yard")
CAMERAS = (FRONT, BACK, YARD)


class Chooser:
    """Remembers what was too large."""

    def __init__(self) -> None:
        self.told: list[tuple[DetectorInfo, str]] = []

    def too_large(self, info: DetectorInfo, reason: str) -> None:
        """Be told."""
        self.told.append((info, reason))


class Rig:
    """A stage with workers that the test answers for."""

    def __init__(self, *workers: HeldWorker, max_batch: int = 8) -> None:
        self.workers = workers
        self.clock = SimulatedClock()
        self.health = Health()
        self.metrics = Metrics()
        self.chooser = Chooser()
        self.seen: list[Frame] = []
        self.stage = DetectionStage(
            *(workers, self.clock, self.metrics, Settings(max_batch=max_batch), self._report),
            *(self.health, self.chooser),
        )
        for camera in CAMERAS:
            self.stage.camera(camera)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rig"]:
        """Run the stage until the block is left."""
        task = asyncio.create_task(self.stage.run())
        await settled()
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def offer(self, at_s: float, *cameras: CameraId) -> None:
        """Bring a frame of each of these cameras."""
        for camera in cameras:
            self.stage.offer(frame(at_s, camera), HERE)
        await settled()

    def lost(self) -> int:
        """Return how many frames were lost, of all cameras."""
        return sum(ledger.lost for ledger in self.stage.ledgers().values())

    def paused(self) -> list[str]:
        """Return why detection is paused, if so."""
        return [part.reason for part in self.health.parts() if part.level is Level.DEGRADED]

    async def _report(self, seen: Frame, _found: Detections) -> None:
        await asyncio.sleep(0)
        self.seen.append(seen)


async def settled() -> None:
    """Let everything happen that can happen now."""
    for _ in range(30):
        await asyncio.sleep(0)


async def test_as_many_batches_are_with_a_worker_as_it_has_lanes() -> None:
    """The next frame is prepared while the accelerator is at the one before; more would only wait."""
    worker = HeldWorker(lanes=2)
    async with Rig(worker).running() as rig:
        for at, camera in enumerate(CAMERAS):
            await rig.offer(at, camera)
        assert len(worker.held) == 2
        worker.answer()
        await settled()
        assert [one.camera_id for one in rig.seen] == [FRONT]
        assert len(worker.held) == 2


async def test_a_cameras_next_frame_waits_for_the_one_before_wherever_that_is() -> None:
    """Otherwise its track would go back in time."""
    first, second = HeldWorker("first"), HeldWorker("second")
    async with Rig(first, second).running() as rig:
        await rig.offer(0.0, FRONT)
        await rig.offer(0.2, FRONT)
        assert [len(first.held), len(second.held)] == [1, 0]
        first.answer()
        await settled()
        assert [len(first.held), len(second.held)] in ([1, 0], [0, 1])
        assert [one.media.seconds for one in rig.seen] == [0.0]


async def test_whoever_is_free_takes_what_waits() -> None:
    """A GPU that is slower, or busy with something else, gets less to do."""
    quick, slow = HeldWorker("quick"), HeldWorker("slow")
    async with Rig(quick, slow, max_batch=1).running() as rig:
        await rig.offer(0.0, FRONT, BACK)
        held_at_slow = slow.held[0]
        for tenth in range(1, 9):
            quick.answer()
            await rig.offer(tenth / 10, *CAMERAS)
        assert slow.held == [held_at_slow]
        assert (len(slow.sizes), len(quick.sizes)) == (1, 9)
    text = rig.metrics.exposition()
    assert 'nightjar_detection_worker_frames_total{worker="quick"} 8' in text
    assert 'nightjar_detection_worker_batches_total{worker="quick"} 8' in text


async def test_where_there_is_little_to_do_each_gets_its_share() -> None:
    """No GPU is warm all day while its neighbour has nothing to do."""
    workers = [HeldWorker(f"worker {number}") for number in range(3)]
    async with Rig(*workers).running() as rig:
        for second in range(30):
            await rig.offer(second, FRONT)
            for worker in workers:
                while worker.held:
                    worker.answer()
            await settled()
    assert [len(worker.sizes) for worker in workers] == [10, 10, 10]


async def test_a_camera_of_30_frames_a_second_leaves_the_others_their_turn() -> None:
    """While the worker can look at one frame in a tenth of a second, each camera has a third of them."""
    worker = HeldWorker()
    async with Rig(worker, max_batch=1).running() as rig:
        for thirtieth in range(300):
            await rig.offer(thirtieth / 30, FRONT)
            if thirtieth % 6 == 0:
                await rig.offer(thirtieth / 30, BACK, YARD)
            if thirtieth % 3 == 2:
                worker.answer()
                await settled()
        looked = Counter(one.camera_id for one in rig.seen)
        assert looked.total() == 100
        assert all(abs(looked[camera] - 100 / 3) <= 1 for camera in CAMERAS)
        dropped = {camera: rig.stage.ledger(camera).dropped for camera in CAMERAS}
        assert dropped[FRONT] > 5 * dropped[BACK]


async def test_the_death_of_one_worker_costs_its_batch_and_no_time() -> None:
    """The others go on with what waits."""
    first, second = HeldWorker("first"), HeldWorker("second")
    async with Rig(first, second, max_batch=1).running() as rig:
        await rig.offer(0.0, FRONT, BACK)
        await rig.offer(0.2, *CAMERAS)
        second.die()
        await settled()
        assert rig.lost() == 1
        for _ in range(4):
            first.answer()
            await settled()
        assert sorted(one.media.seconds for one in rig.seen) == [0.0, 0.2, 0.2, 0.2]


async def test_where_all_would_share_the_processor_the_first_works_alone() -> None:
    """Two runs at once on the same cores take twice as long each; on GPUs of their own they do not."""
    first, second = HeldWorker("first"), HeldWorker("second")
    for worker in (first, second):
        worker.detector = replace(worker.detector, accelerator="CPU")
    async with Rig(first, second, max_batch=1).running() as rig:
        await rig.offer(0.0, *CAMERAS)
        assert [len(first.held), len(second.held)] == [1, 0]
        second.detector = replace(second.detector, accelerator="a GPU")
        await rig.clock.advance(1.0)
        assert [len(first.held), len(second.held)] == [1, 1]


async def test_built_in_detection_on_the_processor_rests_beside_a_gpu() -> None:
    """A camera's frames would go to one set of labels and the other in turns."""
    came_back, other = HeldWorker("came back"), HeldWorker("other")
    came_back.detector = replace(came_back.detector, accelerator="CPU", searches_whole_picture=False)
    async with Rig(came_back, other, max_batch=1).running() as rig:
        await rig.offer(0.0, *CAMERAS)
        await rig.clock.advance(1.0)
        assert [len(came_back.held), len(other.held)] == [0, 1]
        other.die()
        await rig.clock.advance(1.0)
        assert len(came_back.held) == 1
        other.alive.set()
        came_back.answer()
        await rig.offer(0.2, *CAMERAS)
        await rig.clock.advance(1.0)
        assert [len(came_back.held), len(other.held)] == [0, 1]


async def test_where_the_first_is_away_the_next_one_does_its_work() -> None:
    """Half a detector on the processor is better than none."""
    first, second = HeldWorker("first"), HeldWorker("second")
    first.alive.clear()
    second.detector = replace(second.detector, accelerator="CPU")
    async with Rig(first, second).running() as rig:
        await rig.offer(0.0, FRONT)
        assert len(second.held) == 1


async def test_lanes_open_and_close_with_the_model() -> None:
    """What the new one wants counts, within a second."""
    worker = HeldWorker(lanes=1)
    async with Rig(worker, max_batch=1).running() as rig:
        await rig.offer(0.0, *CAMERAS)
        assert len(worker.held) == 1
        worker.detector = replace(worker.detector, lanes=MAX_LANES + 5)
        await rig.clock.advance(1.0)
        assert len(worker.held) == 3


async def test_too_many_pictures_are_asked_for_again_in_halves() -> None:
    """None of them is lost, and later batches are as small from the start."""
    worker = HeldWorker()
    async with Rig(worker).running() as rig:
        await rig.offer(0.0, FRONT)
        await rig.offer(0.1, *CAMERAS, *CAMERAS)
        worker.answer()
        await settled()
        assert worker.sizes == [1, 3]
        worker.be_full()
        for _ in range(3):
            await settled()
            worker.answer()
        await settled()
        assert worker.sizes == [1, 3, 1, 1, 1]
        assert (rig.lost(), len(rig.seen)) == (0, 4)
        assert rig.paused() == []


async def test_after_a_while_more_are_tried_again() -> None:
    """Whoever took the memory may have gone; the next failure makes it more patient."""
    worker = HeldWorker()
    async with Rig(worker, max_batch=2).running() as rig:
        await rig.offer(0.0, FRONT, BACK)
        await refuse_then_answer(worker)
        await rig.clock.advance(61.0)
        await rig.offer(61.0, FRONT, BACK)
        await refuse_then_answer(worker)
        await rig.clock.advance(61.0)
        await rig.offer(122.0, FRONT, BACK)
        await answer_all(worker)
        await rig.clock.advance(61.0)
        await rig.offer(183.0, FRONT, BACK)
        await answer_all(worker)
        assert worker.sizes == [2, 1, 1, 2, 1, 1, 1, 1, 2]
        assert rig.lost() == 0


async def refuse_then_answer(worker: HeldWorker) -> None:
    """Have no memory for two, and enough for one at a time."""
    worker.be_full()
    await settled()
    await answer_all(worker)


async def answer_all(worker: HeldWorker) -> None:
    """Answer until nothing is held."""
    while worker.held:
        worker.answer()
        await settled()


async def test_no_memory_for_one_picture_is_a_pause_with_the_reason() -> None:
    """No storm of questions: frames grow old meanwhile, and after half a minute it is tried again."""
    worker = HeldWorker(lanes=2)
    async with Rig(worker).running() as rig:
        await rig.offer(0.0, FRONT)
        worker.be_full()
        await settled()
        assert rig.chooser.told == [(worker.detector, "out of memory, tried to allocate 2 GiB")]
        assert rig.paused() == ["detection is paused: out of memory, tried to allocate 2 GiB"]
        for tenth in range(1, 6):
            await rig.offer(tenth / 10, FRONT)
        await rig.clock.advance(29.0)
        assert (worker.sizes, rig.stage.ledger(FRONT).lost, rig.stage.ledger(FRONT).dropped) == ([1], 1, 4)
        await rig.clock.advance(2.0)
        assert worker.sizes == [1, 1]
        assert rig.paused() == []


async def test_another_model_ends_the_pause() -> None:
    """A smaller one has room."""
    worker = HeldWorker()
    async with Rig(worker).running() as rig:
        await rig.offer(0.0, FRONT)
        worker.be_full()
        await rig.offer(0.2, FRONT)
        worker.detector = replace(worker.detector, sha256="sha256 of a smaller one")
        await rig.clock.advance(1.0)
        assert worker.sizes == [1, 1]
        assert rig.paused() == []


async def test_a_death_ends_the_pause() -> None:
    """Health does not go on about the memory of a process that has gone, and the next one starts afresh."""
    worker = HeldWorker()
    async with Rig(worker).running() as rig:
        await rig.offer(0.0, FRONT)
        worker.be_full()
        await rig.offer(0.2, FRONT)
        worker.die()
        await rig.clock.advance(1.0)
        assert rig.paused() == []
        worker.alive.set()
        await settled()
        assert worker.sizes == [1, 1]


@pytest.mark.parametrize("cameras", [(FRONT,), CAMERAS])
async def test_full_memory_with_the_model_before_is_nothing_to_the_new_one(
    cameras: Sequence[CameraId],
) -> None:
    """Its frames are asked for again as they were; nobody pauses, and no model is called too large."""
    worker = HeldWorker()
    async with Rig(worker).running() as rig:
        await rig.offer(0.0, YARD)
        await rig.offer(0.1, *cameras)
        worker.answer()
        await settled()
        worker.detector = replace(worker.detector, sha256="sha256 of a smaller one")
        worker.be_full()
        await settled()
        assert worker.sizes == [1, len(cameras), len(cameras)]
        worker.answer()
        await settled()
        assert (rig.chooser.told, rig.paused(), rig.lost()) == ([], [], 0)


Action = tuple[str, int]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["offer", "answer", "full", "die", "revive", "wait"]), st.integers(0, 5)),
    max_size=60,
)


@given(ACTIONS, st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_the_ledger_is_exact_whatever_happens(actions: Sequence[Action], max_batch: int) -> None:
    """Three workers that die, run out of memory and come back: each frame has one end, and its order."""
    asyncio.run(play(actions, max_batch))


class Tally:
    """Counts independently of the stage, from what the workers were given."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.offered = Counter[CameraId]()

    def check(self) -> None:
        """Compare with the stage's own books."""
        rig = self._rig
        held = [held for worker in rig.workers for held in worker.held]
        done = Counter(one.camera_id for one in rig.seen)
        for camera in CAMERAS:
            ledger = rig.stage.ledger(camera)
            times = [one.media.seconds for one in rig.seen if one.camera_id == camera]
            assert times == sorted(set(times))
            assert (ledger.offered, ledger.done) == (self.offered[camera], done[camera])
            assert min(ledger.dropped, ledger.lost) >= 0
            assert 0 <= ledger.waiting <= 2
        with_workers = sum(len(one.pictures) for one in held)
        waiting = sum(ledger.waiting for ledger in rig.stage.ledgers().values())
        assert with_workers <= waiting
        assert with_workers <= len(CAMERAS)


async def play(actions: Sequence[Action], max_batch: int) -> None:
    """Let it all happen, then let everybody live and answer, and see that nothing is left."""
    workers = [HeldWorker(f"worker {number}", lanes=1 + number % 2) for number in range(3)]
    async with Rig(*workers, max_batch=max_batch).running() as rig:
        tally = Tally(rig)
        for at, (what, which) in enumerate(actions):
            await act(rig, tally, at, what, which)
            tally.check()
        for worker in workers:
            worker.alive.set()
        for _ in range(2 * len(CAMERAS) + 40):
            await rig.clock.advance(1.0)
            for worker in workers:
                while worker.held:
                    worker.answer()
            await settled()
        tally.check()
        for ledger in rig.stage.ledgers().values():
            assert ledger.waiting == 0
            assert ledger.offered == ledger.done + ledger.dropped + ledger.lost


async def act(rig: Rig, tally: Tally, at: int, what: str, which: int) -> None:
    """Do one thing, as far as it can be done."""
    worker = rig.workers[which % len(rig.workers)]
    match what:
        case "offer":
            camera = CAMERAS[which % len(CAMERAS)]
            tally.offered[camera] += 1
            await rig.offer(at / 10, camera)
        case "answer" if worker.held:
            worker.answer()
        case "full" if worker.held:
            worker.be_full()
        case "die":
            worker.die()
        case "revive":
            worker.alive.set()
        case "wait":
            await rig.clock.advance(which * 10.0)
    await settled()

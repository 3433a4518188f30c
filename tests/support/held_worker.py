"""A detection worker that answers, dies and has no memory when the test says so, one batch at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from appliance.detections.worker_client import DetectorInfo
from appliance.errors import DeviceFull, WorkerLost
from detectors.contract import Detections, Picture

HELD = DetectorInfo("model.onnx", "held", "a GPU", ("person",), True, "sha256 of model.onnx", lanes=2)


@dataclass(eq=False)
class Held:
    """A batch that nobody has answered yet."""

    pictures: Sequence[Picture] = field(repr=False)
    answer: "asyncio.Future[None]"


class HeldWorker:
    """Holds every batch until the test decides.

    Args:
        name: what a person calls it.
        lanes: how many batches it wants at once.

    Attributes:
        detector: what it says that it is.
        held: the batches that wait for an answer.
        alive: while it is cleared, nobody is ready.
        sizes: of the batches so far.
    """

    def __init__(self, name: str = "held worker", lanes: int = 1) -> None:
        self.name = name
        self.detector = replace(HELD, lanes=lanes)
        self.held: list[Held] = []
        self.alive = asyncio.Event()
        self.alive.set()
        self.sizes: list[int] = []

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work; ``None`` while dead."""
        return self.detector if self.alive.is_set() else None

    async def ready(self) -> DetectorInfo:
        """Wait until it lives."""
        await self.alive.wait()
        return self.detector

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Detections]]:
        """Hold the batch, and find nothing in it."""
        if not self.alive.is_set():
            raise WorkerLost("the detection worker has ended")
        held = Held(pictures, asyncio.get_running_loop().create_future())
        self.held.append(held)
        self.sizes.append(len(pictures))
        await held.answer
        return self.detector, [Detections.empty()] * len(pictures)

    def answer(self) -> None:
        """Answer the batch that came first."""
        self.held.pop(0).answer.set_result(None)

    def be_full(self) -> None:
        """Have no memory for the batch that came first."""
        self.held.pop(0).answer.set_exception(DeviceFull("out of memory, tried to allocate 2 GiB"))

    def die(self) -> None:
        """Take with it whatever is held, and be away until ``alive`` is set."""
        self.alive.clear()
        while self.held:
            self.held.pop().answer.set_exception(WorkerLost("the detection worker ended in flight"))

"""A detection worker inside the test's own process, which a test can hold back and let die."""

import asyncio
from collections.abc import Sequence

from appliance.detections.worker_client import BUILTIN, DetectorInfo
from appliance.errors import DeviceFull, ModelError, WorkerLost
from detectors.contract import Detections, Detector, Picture
from tests.support.fake_detector import FakeDetector


class FakeWorker:
    """Answers at once with what its detector finds, unless told otherwise.

    Attributes:
        detector: looks at the pictures.
        go: while it is cleared, batches are held.
        alive: while it is cleared, nobody is ready.
        batches: the sizes of the batches so far.
        bad: models that are refused.
        deadly: models that take the worker with them.
        loads: the models that it was asked to load.
        too_large: models for which there is no memory.
        bad_back_ends: those that refuse every model, and their reason.
        accelerators: what each back end computes on, where that is not the detector's.
        ends: how often it has ended.
        last_end: how it ended.
        refusal: why it came back without its model.
        lack: why it has no memory for its model since it came back.
    """

    def __init__(self, detector: Detector | None = None, name: str = "fake worker") -> None:
        self.name = name
        self.detector: Detector = FakeDetector() if detector is None else detector
        self.go = asyncio.Event()
        self.go.set()
        self.alive = asyncio.Event()
        self.alive.set()
        self.held = asyncio.Event()
        self.batches: list[int] = []
        self.pictures: list[Picture] = []
        self.bad: set[str] = set()
        self.deadly: set[str] = set()
        self.loads: list[str] = []
        self.too_large: set[str] = set()
        self.bad_back_ends: dict[str, str] = {}
        self.accelerators: dict[str, str] = {}
        self._model = BUILTIN
        self._back_end = ""
        self._killed = False
        self.ends = 0
        self.last_end = ""
        self.refusal = ""
        self.lack = ""

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work; ``None`` while dead."""
        return self._info() if self.alive.is_set() else None

    async def ready(self) -> DetectorInfo:
        """Wait until it is alive."""
        await self.alive.wait()
        return self._info()

    async def load(self, model: str, back_end: str = "", sha256: str = "") -> DetectorInfo:
        """Change over in name only."""
        self.loads.append(model)
        if model in self.bad:
            raise ModelError(f"{model}: expected a model, got something else")
        if model in self.too_large:
            raise DeviceFull("out of memory while it was loaded")
        if back_end in self.bad_back_ends:
            raise ModelError(f"{model}: {self.bad_back_ends[back_end]}")
        if model in self.deadly:
            raise WorkerLost("the detection worker has ended")
        self._model, self._back_end, self.lack = model, back_end, ""
        return self._info()

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Detections]]:
        """Look at the pictures as soon as it may."""
        if not self.alive.is_set():
            raise WorkerLost("the detection worker has ended")
        self.batches.append(len(pictures))
        self.pictures += pictures
        self.held.set()
        await self.go.wait()
        self.held.clear()
        if self._killed:
            self._killed = False
            raise WorkerLost("the detection worker ended with a request in flight")
        return self._info(), self.detector.detect(pictures)

    def kill(self) -> None:
        """Die with what is in flight; alive again at once, as if the supervisor were quick."""
        self._killed = True
        self.go.set()

    def lose(self, reason: str) -> None:
        """Come back without the model, since its back end does not work any more."""
        self.ends += 1
        self.last_end = "the detection worker ended with exit status 1: DeviceLost"
        self.refusal = reason
        self.bad_back_ends[self._back_end] = reason
        self._model, self._back_end = BUILTIN, ""

    def do_without(self, reason: str) -> None:
        """Come back without the model, since there is no memory for it at the moment."""
        self.ends += 1
        self.last_end = "the detection worker ended by SIGKILL"
        self.lack = reason
        self._model, self._back_end = BUILTIN, ""

    def find_room(self, model: str, back_end: str) -> None:
        """Have the model at work that was wanted all the time."""
        self.lack = ""
        self._model, self._back_end = model, back_end

    def _info(self) -> DetectorInfo:
        detector = self.detector
        return DetectorInfo(
            self._model,
            detector.name,
            self.accelerators.get(self._back_end, detector.accelerator),
            detector.labels,
            detector.searches_whole_picture,
            f"sha256 of {self._model}",
            *(self._back_end, detector.input, detector.lanes),
        )

"""The service's side of the detection worker: starts it, asks it, and knows at once when it has ended."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from appliance import __version__
from appliance.detections.child import PROGRAM, Child
from appliance.detections.memory import FrameMemories, FrameMemory
from appliance.detections.models import sha256_of
from appliance.detections.settings import Settings
from appliance.detections.tiles import Tile, write_all
from appliance.errors import DeviceFull, ModelError, WorkerLost
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock
from appliance.runtime.first_of import first_of
from detectors.contract import Detections, ModelInput, Picture
from detectors.messages import Answer, Detect, Found, Full, Load, Loaded, Place, Refused, Request

log = logging.getLogger(__name__)

BUILTIN = "builtin"
"""The model that needs no file, hence can always be loaded."""


class Wish(NamedTuple):
    """A model that is to be at work.

    Attributes:
        model: ``builtin`` or the path of a model file.
        back_end: what is to run it; empty for the first that runs such a file.
        sha256: of the file that is meant; empty where any bytes will do, which a file that runs code refuses.
    """

    model: str
    back_end: str = ""
    sha256: str = ""


NOTHING_ELSE = Wish(BUILTIN)
"""What is wanted as long as nobody has said otherwise."""

A_THREADS_TILES = 4
"""Of a larger batch other threads write the rest at the same time. A full HD picture takes 0.44 ms into
640×640: a GPU that looks at 2,500 of them a second would wait for one thread."""

NO_ROOM_S = 1.0
"""How long a batch for which this machine has no memory or no descriptor left is held before it is lost."""

LACK_AGAIN_FIRST_S = 4.0
LACK_AGAIN_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What is known of the detector at work.

    Attributes:
        model: ``builtin`` or the path of its file.
        name: for a person.
        accelerator: for a person.
        labels: by class id.
        searches_whole_picture: whether it looks everywhere, not only at the boxes that it is given.
        sha256: of its file; of one without a file its name and the program's version.
        back_end: what runs it, by its name in ``detectors.registry``; empty for the built-in one.
        input: the size that every picture is brought to; ``None`` where they are wanted as they are.
        lanes: how many batches it may be asked for at once.
    """

    model: str
    name: str
    accelerator: str
    labels: tuple[str, ...]
    searches_whole_picture: bool
    sha256: str
    back_end: str = ""
    input: ModelInput | None = None
    lanes: int = 1


class WorkerClient:
    """Holds the worker process and the wish for a model. Used from the event loop's thread alone.

    ``run`` is one life of the process and belongs under the supervisor, which starts it again.

    Args:
        clock: for deadlines.
        settings: of the stage.
        device: the number of the GPU that it is to use, where it uses one.
        name: what a person calls it.
        program: what Python is to run.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        device: int = 0,
        name: str = "Detection worker",
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._device = device
        self._name = name
        self._program = program
        self._wanted = NOTHING_ELSE
        self._loaded: Wish | None = None
        self._wished = asyncio.Event()
        self._child: Child | None = None
        self._info: DetectorInfo | None = None
        self._models: dict[int, tuple[str, str]] = {}
        self._ready = asyncio.Event()
        self._ids = itertools.count(1)
        self._memories = FrameMemories()
        self._refusal = ""
        self._lack = ""
        self._ends = 0
        self._last_end = ""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self._name

    @property
    def device(self) -> int:
        """The number of the GPU that it is to use."""
        return self._device

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work; ``None`` while there is none."""
        return self._info if self._ready.is_set() else None

    @property
    def wanted(self) -> Wish:
        """The model that is to be at work, and what is to run it."""
        return self._wanted

    @property
    def refusal(self) -> str:
        """Why the model that was at work could not be loaded again after a restart, if so."""
        return self._refusal

    @property
    def lack(self) -> str:
        """Why there was no memory to load the wanted model after a restart, if so; it is tried again."""
        return self._lack

    @property
    def ends(self) -> int:
        """How often the process has ended so far."""
        return self._ends

    @property
    def last_end(self) -> str:
        """How it ended the last time; empty before that."""
        return self._last_end

    @property
    def pid(self) -> int | None:
        """The worker's process, if there is one."""
        return self._child.pid if self._child is not None else None

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work and return what it is."""
        while True:
            await self._ready.wait()
            if self._info is not None:
                return self._info

    async def load(self, model: str, back_end: str = "", sha256: str = "") -> DetectorInfo:
        """Change over to another model without an interruption; the one before stays if the new one is bad.

        Args:
            model: ``builtin`` or the path of a model file.
            back_end: what is to run it; empty for the first that runs such a file.
            sha256: of the file that is meant, now and after each restart; as ``Wish``.

        Raises:
            ModelError: it is refused; says what was expected and what came.
            DeviceFull: the accelerator has no memory left for it.
            WorkerLost: the worker ended meanwhile, or took too long and was ended.
        """
        await self.ready()
        wish = Wish(model, back_end, sha256)
        info = await self._load(self._living(), wish)
        self._wanted, self._refusal, self._lack = wish, "", ""
        return info

    def wish(self, wish: Wish) -> None:
        """Have that model loaded as soon as there is a worker for it, instead of the one before."""
        self._wanted = wish
        self._wished.set()

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Detections]]:
        """Return what was found in each picture, and by which detector.

        As many batches are looked at at once as the detector has lanes.

        Raises:
            DeviceFull: the accelerator has no memory left for so many.
            WorkerLost: the worker ended, took too long or answered nonsense and was ended, or has not loaded
                a model yet, or this machine has no room to hand them over; the pictures are lost.
        """
        try:
            async with self._memories.lend(self._lanes) as memory:
                child, tiles, answer = await self._show(memory, pictures)
        except OSError as err:
            await self._clock.sleep(NO_ROOM_S)  # whoever asks again at once would find the same
            raise WorkerLost(f"no room for pictures: {err.strerror or err}") from err
        match answer:
            case Found():
                return self._found(child, answer, tiles)
            case Full():
                raise DeviceFull(answer.reason)
        raise self._nonsense(child, f"expected detections, got {answer!r}")

    async def run(self) -> None:
        """Start the worker, have the wanted model at work in it, and wait for the worker's end.

        Raises:
            WorkerLost: always, unless cancelled; says how it ended.
        """
        self._ready.clear()
        child = self._child = await Child.start(self._ready.clear, self._program)
        try:
            with contextlib.suppress(WorkerLost):  # it is said below, with the reason
                await self._live(child)
        finally:
            self._ready.clear()
            self._child = None
            how = await child.bury(self._clock)
            self._ends, self._last_end = self._ends + 1, f"the detection worker ended {how}"
            await self._memories.close()
        raise WorkerLost(f"the detection worker ended {how}")

    async def _show(
        self, memory: FrameMemory, pictures: Sequence[Picture]
    ) -> tuple[Child, list[Tile], Answer]:
        info, child = self._at_work()
        tiles = [Tile.of(picture, info.input) for picture in pictures]
        request = Detect(next(self._ids), await _written(memory, tiles))
        return child, tiles, await self._ask(child, request, self._settings.deadline_s, memory.descriptor)

    def _lanes(self) -> int:
        """Return how many batches may be under way; who comes while there is no worker hears so at once."""
        return max(1, self._at_work()[0].lanes)

    def _at_work(self) -> tuple[DetectorInfo, Child]:
        info, child = self.info, self._living()
        if info is None:
            raise WorkerLost("the detection worker has been started again and is loading its model")
        return info, child

    def _found(
        self, child: Child, answer: Found, tiles: Sequence[Tile]
    ) -> tuple[DetectorInfo, list[Detections]]:
        if answer.model not in child.loaded or len(answer.boxes) != len(tiles):
            raise self._nonsense(child, f"boxes in {len(answer.boxes)} of {len(tiles)} pictures")
        info = self._describe(child, answer.model)
        labels = len(info.labels)
        try:
            return info, [tile.found(boxes, labels) for tile, boxes in zip(tiles, answer.boxes, strict=True)]
        except ValueError as err:
            raise self._nonsense(child, str(err)) from err

    def _nonsense(self, child: Child, what: str) -> WorkerLost:
        """End a worker that cannot be believed any more."""
        why = f"it answered nonsense: {what}"
        child.kill(why)
        return WorkerLost(f"the detection worker was ended: {why}")

    def _living(self) -> Child:
        if self._child is None:
            raise WorkerLost("the detection worker has ended")
        return self._child

    async def _live(self, child: Child) -> None:
        """Have at work what is wanted, also when that changes, until the process ends."""
        backoff = Backoff(LACK_AGAIN_FIRST_S, LACK_AGAIN_LONGEST_S)
        while not child.ended.is_set():
            self._wished.clear()
            if self._loaded != self._wanted or self.info is None:
                await self._load_wanted(child)
            if self._lack:
                again = self._clock.sleep(backoff.next_s())
                await first_of(child.ended.wait(), self._wished.wait(), again)
            elif self._loaded == self._wanted:
                await first_of(child.ended.wait(), self._wished.wait())

    async def _load_wanted(self, child: Child) -> None:
        """Load it; one that is refused is wanted no more, and one that does not fit now is wanted still."""
        wanted = self._wanted
        try:
            await self._load(child, wanted)
        except (ModelError, DeviceFull) as err:
            if wanted == NOTHING_ELSE:
                raise
            log.error("the model that was at work cannot be loaded again: %s", err)
            if isinstance(err, ModelError):
                self._give_up(wanted, str(err))
            else:
                await self._do_without(child, wanted, str(err))
        except WorkerLost:
            self._give_up(wanted, f"{wanted.model}: the detection worker ended while it loaded it")
            raise
        else:
            self._refusal = self._refusal if wanted == NOTHING_ELSE else ""
            self._lack = ""

    async def _do_without(self, child: Child, wanted: Wish, reason: str) -> None:
        """Have something at work that needs less memory, until there is more."""
        if self._wanted == wanted:
            self._lack = reason
        if self.info is None:
            await self._load(child, NOTHING_ELSE)

    def _give_up(self, wanted: Wish, reason: str) -> None:
        """Want nothing else any more, unless something else is wanted by now."""
        if self._wanted == wanted:
            self._wanted, self._refusal, self._lack = NOTHING_ELSE, reason, ""

    async def _load(self, child: Child, wish: Wish) -> DetectorInfo:
        settings = self._settings
        request = Load(
            *(next(self._ids), wish.model, settings.min_score, settings.threads or None),
            *(wish.back_end, self._device, wish.sha256),
        )
        # The worker loads no other bytes than those that are meant: they need not be read here as well.
        identity = wish.sha256 or await asyncio.to_thread(_identity, wish.model)
        self._models[request.id] = wish.model, identity
        answer = await self._ask(child, request, settings.load_deadline_s)
        if isinstance(answer, Refused):
            raise ModelError(answer.reason)
        if isinstance(answer, Full):
            raise DeviceFull(answer.reason)
        if not isinstance(answer, Loaded):
            raise self._nonsense(child, f"expected a loaded model, got {answer!r}")
        if child is not self._child or child.ended.is_set():  # its last words came with its end
            raise WorkerLost("the detection worker ended just after it had loaded the model")
        self._info, self._loaded = self._describe(child, request.id), wish
        self._ready.set()
        log.info("the detector at work is %s on %s", answer.name, answer.accelerator)
        return self._info

    def _describe(self, child: Child, load_id: int) -> DetectorInfo:
        one = child.loaded[load_id]
        model, sha256 = self._models[load_id]
        return DetectorInfo(
            *(model, one.name, one.accelerator, one.labels, one.searches_whole_picture, sha256),
            *(one.back_end, one.input, one.lanes),
        )

    async def _ask(self, child: Child, request: Request, deadline_s: float, *descriptors: int) -> Answer:
        asked = asyncio.ensure_future(child.ask(request, descriptors))
        late = asyncio.ensure_future(self._clock.sleep(deadline_s))
        try:
            await asyncio.wait({asked, late}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            late_words = f"did not answer within {deadline_s:g} s"
            child.kill(f"it {late_words}")
            raise WorkerLost(f"the detection worker {late_words} and was ended")
        finally:
            asked.add_done_callback(_heard)
            asked.cancel()
            late.cancel()


def _heard(asked: asyncio.Future[Answer]) -> None:
    """Take note of how a question ended that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()


def _identity(model: str) -> str:
    """Return what tells a model from every other; of a file that cannot be read, its path will have to do."""
    if model == BUILTIN:
        return f"{BUILTIN} {__version__}"
    try:
        return sha256_of(Path(model))
    except OSError:
        return model


async def _written(memory: FrameMemory, tiles: Sequence[Tile]) -> tuple[Place, ...]:
    """Write the tiles, on a thread for each few of them, and return their places.

    Nothing is being written any more when it returns or is cancelled.
    """
    offsets, room = memory.room([tile.shape for tile in tiles])
    loop = asyncio.get_running_loop()
    writing = [
        loop.run_in_executor(
            None, write_all, tiles[at : at + A_THREADS_TILES], room[at : at + A_THREADS_TILES]
        )
        for at in range(0, max(1, len(tiles)), A_THREADS_TILES)
    ]
    try:
        await asyncio.shield(asyncio.gather(*writing))
    finally:
        await asyncio.wait(writing)
    return tuple(tile.place(offset) for tile, offset in zip(tiles, offsets, strict=True))

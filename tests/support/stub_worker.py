"""The real worker process with a detector in it that raises what CUDA raises, when a file says so.

``python -m tests.support.stub_worker FILE FD PARENT``; ``program(FILE)`` is that for ``WorkerClient``. The
file's words are read before each batch:

* ``illegal``: the error of a kernel that has read where it must not, as PyTorch raises it;
* ``lost``: the GPU has fallen off the bus;
* ``lost loading``: it is noticed while a model is loaded;
* ``bad FILE``: that model is refused;
* ``large FILE``: there is no memory for that model, not even to load it;
* ``hungry FILE``: there is none for a single picture with that model;
* ``full N``: there is memory for no more than N pictures;
* ``nonsense``: it answers with boxes that cannot be;
* ``short``: it answers for one picture too few.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detectors import worker
from detectors.contract import Detections, ModelInput, Picture
from detectors.errors import DeviceFull, DeviceLost, ModelFileError
from detectors.registry import Spec

ILLEGAL = """CUDA error: an illegal memory access was encountered
CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be \
incorrect.
For debugging consider passing CUDA_LAUNCH_BLOCKING=1
Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
"""
LOST = "the GPU has fallen off the bus (Xid 79)"
FULL = "CUDA out of memory. Tried to allocate 20.00 MiB"
REFUSED = "expected a model, got something else"
SIDE_PX = 416


def program(file: Path) -> tuple[str, ...]:
    """Return the arguments of Python that start it."""
    file.touch()
    return "-m", __name__, str(file)


def tell(file: Path, words: str) -> None:
    """Change what it does from the next batch on; nothing makes it work again."""
    new = file.with_suffix(".new")
    new.write_text(words)
    new.replace(file)


class Stub:
    """Sees one person in the middle of everything, in a few milliseconds, unless it is told otherwise.

    Args:
        spec: what was asked for.
        file: where it is told.
        seconds: how long a batch takes.
    """

    labels = ("person",)
    searches_whole_picture = True
    back_end = "stub"
    lanes = 2

    def __init__(self, spec: Spec, file: Path, seconds: float = 0.002) -> None:
        self._model = Path(spec.model).name
        self.name = f"stub of {self._model}"
        self.accelerator = f"GPU {spec.device}"
        self.input: ModelInput | None = ModelInput(SIDE_PX, SIDE_PX, centred=True)
        self._file = file
        self._seconds = seconds

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Do as it was told."""
        time.sleep(self._seconds)
        match self._file.read_text().split():
            case ["illegal"]:
                raise RuntimeError(ILLEGAL)
            case ["lost"]:
                raise DeviceLost(LOST)
            case ["hungry", model] if self._model == model:
                raise DeviceFull(FULL)
            case ["full", most] if len(pictures) > int(most):
                raise DeviceFull(FULL)
            case ["nonsense"]:
                return [_found(picture, class_id=7) for picture in pictures]
            case ["short"]:
                return [_found(picture) for picture in pictures[1:]]
        return [_found(picture) for picture in pictures]


def _found(picture: Picture, class_id: int = 0) -> Detections:
    across, down = picture.width, picture.height
    box = (across * 0.25, down * 0.4, across * 0.75, down * 0.6)
    return Detections(
        np.array([box], np.float32), np.array([0.9], np.float32), np.array([class_id], np.int64)
    )


if __name__ == "__main__":
    told = Path(sys.argv[1])

    def make(spec: Spec) -> Stub:
        """Return the stub, whatever the model, unless it was told otherwise."""
        match told.read_text().split():
            case ["lost", "loading"]:
                raise DeviceLost(LOST)
            case ["bad", model] if Path(spec.model).name == model:
                raise ModelFileError(REFUSED)
            case ["large", model] if Path(spec.model).name == model:
                raise DeviceFull(FULL)
        return Stub(spec, told)

    worker.main(int(sys.argv[2]), int(sys.argv[3]), make)

"""The engine of runtimes that take float tensors from the processor's memory: ONNX Runtime and OpenVINO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from detectors import decode
from detectors.engine import Tile
from detectors.errors import DetectorError, ModelFileError
from detectors.family import Dimension, Family, Layout, input_size, recognise

Tensor = npt.NDArray[np.floating]
"""float32 or float16, shape (batch, 3, height, width)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a runtime tells of a model before it has run.

    Attributes:
        shape: of the input, as declared.
        dtype: of the input.
        metadata: of the file.
    """

    shape: tuple[Dimension, ...]
    dtype: type[np.floating]
    metadata: Mapping[str, str]


class Runtime(Protocol):
    """Runs one model."""

    @property
    def name(self) -> str:
        """For a person."""
        ...

    @property
    def accelerator(self) -> str:
        """For a person."""
        ...

    @property
    def lanes(self) -> int:
        """How many runs at once keep it busy."""
        ...

    @property
    def given(self) -> Given:
        """What it knows of the model."""
        ...

    def run(self, tensor: Tensor) -> npt.NDArray[np.generic]:
        """Return the first output, which nobody else holds: (batch, …).

        Raises:
            ModelFileError: the model cannot be run.
            DeviceFull: as ``Engine.infer``.
            DeviceLost: likewise.
        """
        ...


class HostEngine:
    """Prepares pictures on the processor and reads what comes out there.

    Raises:
        ModelFileError: it is no YOLO model that is known, or does not run.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        given = runtime.given
        self._dtype = given.dtype
        self._takes_batches = not isinstance(given.shape[0], int)
        self._size = input_size(given.shape, given.metadata)
        width, height = self._size
        # The real output tells the family, and the first frame need not wait.
        output = runtime.run(np.zeros((1, 3, height, width), given.dtype))
        self._layout = recognise(output.shape, self._size, given.metadata)

    @property
    def runtime(self) -> str:
        """As the runtime says."""
        return self._runtime.name

    @property
    def accelerator(self) -> str:
        """As the runtime says."""
        return self._runtime.accelerator

    @property
    def size(self) -> tuple[int, int]:
        """Of the file."""
        return self._size

    @property
    def layout(self) -> Layout:
        """Recognised by the first run."""
        return self._layout

    @property
    def lanes(self) -> int:
        """As the runtime says."""
        return self._runtime.lanes

    def infer(self, tiles: Sequence[Tile], min_score: float) -> list[decode.Raw]:
        """Return the candidates in each tile."""
        groups = [tiles] if self._takes_batches else [[tile] for tile in tiles]
        outputs = [row for group in groups for row in self._run(prepared(group, self._layout.family))]
        return [self._decoded(np.asarray(row, np.float32), min_score) for row in outputs]

    def _run(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.generic]:
        try:
            return self._runtime.run(tensor.astype(self._dtype, copy=False))
        except ModelFileError as err:  # it ran when it was loaded: the file is not to blame
            raise DetectorError(str(err)) from err

    def _decoded(self, output: npt.NDArray[np.float32], min_score: float) -> decode.Raw:
        match self._layout.family:
            case Family.YOLOX:
                return decode.yolox(output, *self._size, min_score)
            case Family.ULTRALYTICS:
                return decode.ultralytics(output, min_score)
            case Family.NMS_FREE:
                return decode.nms_free(output, min_score)


def prepared(tiles: Sequence[Tile], family: Family) -> npt.NDArray[np.float32]:
    """Return (n, 3, height, width) as the family was trained: BGR 0 to 255, or RGB 0 to 1."""
    is_yolox = family is Family.YOLOX
    colours = cv2.COLOR_YUV2BGR_I420 if is_yolox else cv2.COLOR_YUV2RGB_I420
    pictures = [cv2.cvtColor(tile, colours) for tile in tiles]
    return np.asarray(cv2.dnn.blobFromImages(pictures, 1.0 if is_yolox else 1.0 / 255.0), np.float32)

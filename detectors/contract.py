"""What every detector takes and returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to look at.

    Attributes:
        i420: uint8, shape (height * 3 / 2, width), planar YUV 4:2:0; width and height are even; read only.
        motion: float32, shape (m, 4), xyxy pixels of the picture: where something moved. Detectors that
            look at the whole picture ignore it.
        followed: float32, shape (k, 4), xyxy pixels: where something is to be looked for though nothing
            moved there. Ignored likewise.
    """

    i420: npt.NDArray[np.uint8] = field(repr=False)
    motion: npt.NDArray[np.float32]
    followed: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 4), np.float32))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.i420.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.i420.shape[0]) * 2 // 3


@dataclass(frozen=True, slots=True)
class Detections:
    """The boxes found in one picture.

    Attributes:
        xyxy: float32, shape (n, 4), in pixels of the given picture, clipped to it.
        scores: float32, shape (n,), 0 to 1.
        class_ids: int64, shape (n,), indices into the detector's ``labels``.

    Raises:
        ValueError: an array has another dtype or shape; the message says which was expected.
    """

    xyxy: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    class_ids: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.scores)
        for name, array, shape, dtype in (
            ("xyxy", self.xyxy, (n, 4), np.float32),
            ("scores", self.scores, (n,), np.float32),
            ("class_ids", self.class_ids, (n,), np.int64),
        ):
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(
                    f"{name}: expected {np.dtype(dtype)} {shape}, got {array.dtype} {array.shape}"
                )

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def empty(cls) -> "Detections":
        """Return detections of a picture in which nothing was found."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class ModelInput:
    """The size at which a model looks at pictures, and how a picture of another shape lies in it.

    Attributes:
        width: pixels, even.
        height: pixels, even.
        centred: grey on both sides alike (Ultralytics), else the picture at the top left (YOLOX).
    """

    width: int
    height: int
    centred: bool


class Detector(Protocol):
    """Finds objects in pictures. Making one may take seconds."""

    @property
    def name(self) -> str:
        """What a person should read: ``yolox_nano (ONNX Runtime)``."""
        ...

    @property
    def accelerator(self) -> str:
        """What it computes on, for a person: ``CPU``, or a GPU's name."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names by class id."""
        ...

    @property
    def searches_whole_picture(self) -> bool:
        """Whether it looks everywhere, not only at the motion boxes."""
        ...

    @property
    def back_end(self) -> str:
        """The name in ``registry.BACK_ENDS`` of what runs it; empty for the built-in one."""
        ...

    @property
    def input(self) -> ModelInput | None:
        """The size that every picture is brought to; ``None`` where they are wanted as they are.

        A picture of exactly that size is used without scaling it again.
        """
        ...

    @property
    def lanes(self) -> int:
        """How many threads may call ``detect`` at once so that the accelerator is never idle; at least 1."""
        ...

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return the detections of each picture, in the given order.

        Raises:
            DeviceFull: the accelerator has no memory left for so many pictures; it works on.
            DeviceLost: the accelerator does not answer any more; only the process's end cures that.
        """
        ...

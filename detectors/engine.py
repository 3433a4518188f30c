"""What runs a network: uint8 pictures of its own size in, candidates out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from detectors.decode import Raw
from detectors.family import Layout

Tile = npt.NDArray[np.uint8]
"""I420, shape (height * 3 / 2, width) of the model's input."""


class Engine(Protocol):
    """A network, loaded and warmed up. Called by as many threads at once as it has lanes."""

    @property
    def runtime(self) -> str:
        """What runs it, for a person: ``ONNX Runtime``."""
        ...

    @property
    def accelerator(self) -> str:
        """What it computes on, for a person: ``CPU``, or a GPU's name."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its input, pixels."""
        ...

    @property
    def layout(self) -> Layout:
        """Its family and labels, as its first run has shown."""
        ...

    @property
    def lanes(self) -> int:
        """How many batches at once keep it busy."""
        ...

    def infer(self, tiles: Sequence[Tile], min_score: float) -> list[Raw]:
        """Return the candidates in each tile, in pixels of the tile, best first or not, doubles or not.

        Raises:
            DeviceFull: the accelerator has no memory left for so many; it works on.
            DeviceLost: it does not answer any more.
        """
        ...

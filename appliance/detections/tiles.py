"""Pictures as they cross to the worker, at the size at which its model looks at them, and boxes back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from detectors.contract import Detections, ModelInput, Picture
from detectors.letterbox import Letterbox
from detectors.messages import Boxes, Place


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture on its way.

    What size it has is decided once, when it is written: a worker that changes over to another model
    meanwhile fits it into that model's input itself, and its boxes are in pixels of the tile all the same.

    Attributes:
        picture: as it came.
        letterbox: how it lies in the tile; ``None`` where it is the tile.
    """

    picture: Picture = field(repr=False)
    letterbox: Letterbox | None

    @classmethod
    def of(cls, picture: Picture, into: ModelInput | None) -> "Tile":
        """Return the tile for a detector that looks at pictures of that size."""
        if into is None or (picture.width, picture.height) == (into.width, into.height):
            return cls(picture, None)
        size = (picture.width, picture.height)
        return cls(picture, Letterbox.fit(size, (into.width, into.height), into.centred))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of its I420."""
        if self.letterbox is None:
            return self.picture.height * 3 // 2, self.picture.width
        return self.letterbox.height * 3 // 2, self.letterbox.width

    def write(self, out: npt.NDArray[np.uint8]) -> None:
        """Write it; 0.25 ms from 1920×1080 into 416×416."""
        if self.letterbox is None:
            np.copyto(out, self.picture.i420)
        else:
            self.letterbox.apply_into(self.picture.i420, out)

    def place(self, offset: int) -> Place:
        """Return where it lies and where to look in it, in its own pixels."""
        rows, columns = self.shape
        motion, followed = self._inside(self.picture.motion), self._inside(self.picture.followed)
        return Place(offset, columns, rows * 2 // 3, motion.tobytes(), followed.tobytes())

    def found(self, boxes: Boxes, labels: int) -> Detections:
        """Return what was found, in pixels of the picture and clipped to it; without what has no area.

        Args:
            boxes: as the worker sent them, in pixels of the tile.
            labels: how many the detector has.

        Raises:
            ValueError: these are no boxes of such a detector.
        """
        sent = boxes.unpack()
        if not (np.isfinite(sent.xyxy).all() and np.isfinite(sent.scores).all()):
            raise ValueError("expected finite numbers, got others")
        if not ((sent.class_ids >= 0) & (sent.class_ids < labels)).all():
            raise ValueError(f"expected classes from 0 to {labels - 1}, got {sent.class_ids.tolist()}")
        if self.letterbox is None:
            return sent
        xyxy = self.letterbox.to_picture(sent.xyxy)
        has_area = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
        return Detections(xyxy[has_area], sent.scores[has_area], sent.class_ids[has_area])

    def _inside(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return xyxy if self.letterbox is None else self.letterbox.to_input(xyxy)


def write_all(tiles: Sequence[Tile], room: list[npt.NDArray[np.uint8]]) -> None:
    """Write each tile into its room, and empty the list.

    A pool's thread holds what it was given a moment longer than its work; the memory must not wait for that.
    """
    try:
        for tile, out in zip(tiles, room, strict=True):
            tile.write(out)
    finally:
        room.clear()

"""A detector for tests: whatever is white is a person."""

from collections.abc import Sequence

import numpy as np

from detectors.contract import Detections, ModelInput, Picture

WHITE_FROM = 200


class FakeDetector:
    """Finds the bounding box of all white pixels, anywhere in the picture."""

    name = "fake"
    accelerator = "CPU"
    labels = ("person", "giraffe")
    searches_whole_picture = True
    back_end = ""
    input: ModelInput | None = None
    lanes = 1

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return one person, or nobody, for each picture."""
        return [self._detect(picture) for picture in pictures]

    def _detect(self, picture: Picture) -> Detections:
        rows, columns = np.nonzero(picture.i420[: picture.height] >= WHITE_FROM)
        if not len(rows):
            return Detections.empty()
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.array([0], np.int64))

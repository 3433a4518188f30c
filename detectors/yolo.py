"""A YOLO model as a detector: pictures of any size, through an engine, to boxes in their own pixels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detectors import decode
from detectors.contract import Detections, ModelInput, Picture
from detectors.engine import Engine, Tile
from detectors.family import Family
from detectors.letterbox import Letterbox
from detectors.nms import suppress

MAX_IOU = 0.5
"""Two boxes of one class that overlap by more are one object."""
MAX_BOXES = 100
"""Boxes in one picture at most; COCO's own evaluation counts as many."""


class Yolo:
    """A YOLO model on any engine.

    Args:
        file: whose stem is the model's name.
        engine: runs its network.
        back_end: the engine's name in ``registry.BACK_ENDS``.
        min_score: 0 to 1; boxes with less are left out.
    """

    def __init__(self, file: Path, engine: Engine, back_end: str, min_score: float) -> None:
        self._engine = engine
        self._back_end = back_end
        self._min_score = min_score
        self._name = f"{file.stem} ({engine.runtime})"
        # YOLOX was trained with its pictures at the top left.
        self._input = ModelInput(*engine.size, centred=self.family is not Family.YOLOX)

    @property
    def name(self) -> str:
        """The file's stem and what runs it."""
        return self._name

    @property
    def accelerator(self) -> str:
        """What the engine computes on."""
        return self._engine.accelerator

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names by class id, from the file or COCO's."""
        return self._engine.layout.labels

    @property
    def family(self) -> Family:
        """Which layout was recognised."""
        return self._engine.layout.family

    @property
    def searches_whole_picture(self) -> bool:
        """Always: the model sees everything."""
        return True

    @property
    def back_end(self) -> str:
        """As it was given."""
        return self._back_end

    @property
    def input(self) -> ModelInput:
        """The size in the file."""
        return self._input

    @property
    def lanes(self) -> int:
        """As many as the engine has."""
        return self._engine.lanes

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return the detections of each picture, best score first."""
        if not pictures:
            return []
        boxes = [self._letterbox(picture) for picture in pictures]
        tiles = [_tile(picture, box) for picture, box in zip(pictures, boxes, strict=True)]
        found = self._engine.infer(tiles, self._min_score)
        return [self._detections(raw, box) for raw, box in zip(found, boxes, strict=True)]

    def _letterbox(self, picture: Picture) -> Letterbox:
        size = (self._input.width, self._input.height)
        return Letterbox.fit((picture.width, picture.height), size, self._input.centred)

    def _detections(self, raw: decode.Raw, box: Letterbox) -> Detections:
        # A model shared by many classes can be sure of a class that its labels do not name: never shown.
        known = (raw.class_ids >= 0) & (raw.class_ids < len(self.labels)) & np.isfinite(raw.xyxy).all(axis=1)
        xyxy, scores = box.to_picture(raw.xyxy[known]), np.clip(raw.scores[known], 0.0, 1.0)
        class_ids = raw.class_ids[known]
        kept = suppress(xyxy, scores, class_ids, MAX_IOU, MAX_BOXES)
        kept = kept[((xyxy[kept, 2:] - xyxy[kept, :2]) > 0).all(axis=1)]
        return Detections(xyxy[kept], scores[kept], class_ids[kept])


def _tile(picture: Picture, box: Letterbox) -> Tile:
    if (picture.width, picture.height) == (box.width, box.height):
        return picture.i420
    tile = np.empty((box.height * 3 // 2, box.width), np.uint8)
    box.apply_into(picture.i420, tile)
    return tile

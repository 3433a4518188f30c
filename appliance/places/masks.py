"""Masks of objects: what the tracker is not shown."""

import numpy as np
import numpy.typing as npt

from appliance.domain.detection import Detections
from appliance.domain.scene import Mask, MaskKind, Scene
from appliance.places.area import Area
from appliance.places.foot import sight_of


class ObjectMasks:
    """The masks of objects of one scene, made ready for many frames."""

    def __init__(self, scene: Scene) -> None:
        self._masks = [(mask, Area(mask.points)) for mask in scene.masks if mask.kind is MaskKind.OBJECTS]

    @property
    def is_empty(self) -> bool:
        """There is nothing that could hide a box."""
        return not self._masks

    def shown(self, detections: Detections) -> npt.NDArray[np.bool_]:
        """Return which boxes lie under no mask that is for their label: bool, shape (n,)."""
        if not self._masks or not len(detections):
            return np.ones(len(detections), np.bool_)
        size = np.array([detections.width, detections.height] * 2, np.float64)
        boxes = (detections.xyxy.astype(np.float64) / size).tolist()
        return np.array(
            [
                not self._covers(label, (left, top, right, bottom))
                for label, (left, top, right, bottom) in zip(detections.labels, boxes, strict=True)
            ],
            np.bool_,
        )

    def _covers(self, label: str, box: tuple[float, float, float, float]) -> bool:
        foot = sight_of(box, 0)
        return any(_is_for(mask, label) and area.contains(foot.x, foot.y) for mask, area in self._masks)


def _is_for(mask: Mask, label: str) -> bool:
    return mask.labels is None or label in mask.labels

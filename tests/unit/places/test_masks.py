"""What the tracker is not shown."""

from appliance.domain.scene import Mask, MaskId, MaskKind, Scene
from appliance.places.masks import ObjectMasks
from tests.support.sightings import Sighting, detections

TREE = Mask(MaskId("tree"), "Tree", ((0.3, 0.5), (0.7, 0.5), (0.7, 0.95), (0.3, 0.95)))
UNDER: Sighting = ("person", 0.9, (0.4, 0.3, 0.5, 0.8))
BESIDE: Sighting = ("person", 0.9, (0.1, 0.3, 0.2, 0.8))
CAR: Sighting = ("car", 0.9, (0.4, 0.6, 0.6, 0.8))


def shown(mask: Mask, *sightings: Sighting) -> list[bool]:
    """Return which of the boxes are shown."""
    return list(ObjectMasks(Scene(masks=(mask,))).shown(detections(0.0, *sightings)))


def test_the_foot_point_decides() -> None:
    """A box that reaches over a mask is shown; one that stands under it is not."""
    reaching: Sighting = ("person", 0.9, (0.4, 0.1, 0.5, 0.45))
    assert shown(TREE, UNDER, BESIDE, CAR, reaching) == [False, True, False, True]


def test_a_mask_may_be_for_some_labels() -> None:
    """Others are seen there."""
    cars = Mask(TREE.id, TREE.name, TREE.points, labels=frozenset({"car"}))
    assert shown(cars, UNDER, CAR) == [True, False]


def test_a_mask_of_motion_hides_no_object() -> None:
    """It is for the motion detector."""
    assert shown(Mask(TREE.id, TREE.name, TREE.points, MaskKind.MOTION), UNDER) == [True]


def test_a_frame_without_boxes_shows_none() -> None:
    """Nothing is looked up in an empty picture."""
    assert shown(TREE) == []

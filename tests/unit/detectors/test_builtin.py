import numpy as np
import numpy.typing as npt
import pytest

from appliance.packets.demo.scene import Scene, Sight
from detectors import builtin, people
from detectors.builtin import LABELS, MOTION_SCORE, Builtin
from detectors.contract import Detections, Picture
from tests.support.pictures import boxes, picture


@pytest.fixture(scope="module")
def person() -> tuple[npt.NDArray[np.uint8], Sight]:
    """Return a picture of the demo street in which somebody is whole in view, and where."""
    scene = Scene()
    for tenth in range(50, 400):
        sights = scene.truth(tenth / 10)
        if len(sights) == 1 and sights[0].part_in_view > 0.99:
            return scene.draw(tenth / 10), sights[0]
    raise AssertionError("nobody came within 40 s")


def labelled(found: Detections) -> list[str]:
    """Return the labels found."""
    return [LABELS[class_id] for class_id in found.class_ids]


def iou(one: npt.NDArray[np.float32], other: tuple[float, ...]) -> float:
    """Return intersection over union of two boxes."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    sizes = float(np.prod(one[2:] - one[:2])), (other[2] - other[0]) * (other[3] - other[1])
    return shared / (sum(sizes) - shared)


def test_a_person_who_moves_is_a_person_and_no_motion(person: tuple[npt.NDArray[np.uint8], Sight]) -> None:
    """What moved is said once, with the best name for it."""
    pixels, sight = person
    found = Builtin().detect([Picture(pixels, boxes(sight.box))])[0]
    assert labelled(found) == ["person"]
    assert found.scores[0] > MOTION_SCORE
    assert iou(found.xyxy[0], sight.box) > 0.5


def test_a_person_who_stands_still_is_found_where_they_are_followed(
    person: tuple[npt.NDArray[np.uint8], Sight],
) -> None:
    """Standing still does not make a visitor disappear."""
    pixels, sight = person
    found = Builtin().detect([Picture(pixels, boxes(), boxes(sight.box))])[0]
    assert labelled(found) == ["person"]


def test_where_nobody_moves_and_nothing_is_followed_nobody_is_found(
    person: tuple[npt.NDArray[np.uint8], Sight],
) -> None:
    """The built-in detector does not pretend to have looked everywhere."""
    assert len(Builtin().detect([Picture(person[0], boxes())])[0]) == 0


def test_what_moves_and_is_nobody_is_motion() -> None:
    """A box that HOG sees nobody in is reported as what it is."""
    moved = boxes((10, 10, 300, 200), (350, 20, 380, 40))
    found = Builtin().detect([picture(640, 360, motion=moved)])[0]
    assert labelled(found) == ["motion", "motion"]
    np.testing.assert_allclose(found.xyxy, moved)


def test_what_is_followed_and_neither_moves_nor_is_anybody_is_nothing() -> None:
    """Following a thing must not keep it alive by itself."""
    assert len(Builtin().detect([picture(640, 360, followed=boxes((10, 10, 100, 200)))])[0]) == 0


def test_boxes_reaching_beyond_the_picture_are_cut_to_it() -> None:
    """No coordinate lies outside the picture."""
    found = Builtin().detect([picture(640, 360, motion=boxes((-20, -20, 700, 400)))])[0]
    np.testing.assert_allclose(found.xyxy, boxes((0, 0, 640, 360)))


def test_a_storm_of_motion_costs_a_bounded_amount_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much moves, HOG looks at no more pixels than one picture's share."""
    looked_at: list[int] = []
    find = people.PeopleFinder.find

    def counting(
        self: people.PeopleFinder, luma: npt.NDArray[np.uint8], box: npt.NDArray[np.float32], height_px: float
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        looked_at.append(self.cost_px(box, height_px))
        return find(self, luma, box, height_px)

    monkeypatch.setattr(people.PeopleFinder, "find", counting)
    corners = [(x * 60.0, y * 60.0) for x in range(20) for y in range(10)]
    found = Builtin().detect(
        [picture(1280, 720, motion=boxes(*((x, y, x + 59, y + 59) for x, y in corners)))]
    )[0]
    assert 0 < sum(looked_at) <= builtin.PIXELS_PER_PICTURE
    assert len(found) == builtin.MAX_BOXES

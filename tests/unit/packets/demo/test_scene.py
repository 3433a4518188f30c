from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from appliance.packets.demo.figure import Box
from appliance.packets.demo.scene import Scene, Sight

DAY_S, DUSK_S, NIGHT_S = 0.0, 150.0, 300.0
Luma = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def scene() -> Scene:
    """The street with the people of seed 1; drawing the empty street takes a moment."""
    return Scene(seed=1)


def luma(scene: Scene, t_s: float) -> Luma:
    """Return the grey picture of a second."""
    return scene.draw(t_s)[: scene.height]


def sights_in_full(scene: Scene, from_s: float, count: int) -> list[tuple[float, Sight]]:
    """Return the next instants, 1.7 s apart, at which somebody is wholly in the picture."""
    found: list[tuple[float, Sight]] = []
    t = from_s
    while len(found) < count:
        found += [(t, sight) for sight in scene.truth(t) if sight.part_in_view > 0.98][:1]
        t += 1.7
    return found


def empty_instant(scene: Scene, from_s: float) -> float:
    """Return the next instant with nobody there, half a second or more after the last one left."""
    t = from_s
    while scene.truth(t) or scene.truth(t - 0.5):
        t += 0.5
    return t


def people(picture: Luma, box: Box) -> list[Box]:
    """Return whom HOG sees in and around a box in which a person would fill the height."""
    height = box[3] - box[1]
    left, top = max(0, int(box[0] - 0.35 * height)), max(0, int(box[1] - 0.25 * height))
    crop: cv2.typing.MatLike = picture[top : int(box[3] + 0.25 * height), left : int(box[2] + 0.35 * height)]
    scale = 112 / height
    crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    beyond_x, beyond_y = max(0, 72 - crop.shape[1]), max(0, 136 - crop.shape[0])
    crop = cv2.copyMakeBorder(crop, 0, beyond_y, 0, beyond_x, cv2.BORDER_REPLICATE)
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))
    windows, _ = hog.detectMultiScale(crop, winStride=(8, 8), padding=(8, 8), scale=1.05)
    return [
        (
            left + (x + 0.2 * w) / scale,
            top + (y + 0.12 * h) / scale,
            left + (x + 0.8 * w) / scale,
            top + (y + 0.88 * h) / scale,
        )
        for x, y, w, h in windows
    ]


def iou(one: Box, other: Box) -> float:
    """Return the shared part of two boxes."""
    width, height = (min(one[n + 2], other[n + 2]) - max(one[n], other[n]) for n in (0, 1))
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (areas - width * height)


def test_a_picture_is_a_whole_i420_frame(scene: Scene) -> None:
    """Planar YUV 4:2:0 of 1280 by 720, of which nobody else holds a part."""
    picture = scene.draw(3.0)
    assert picture.dtype == np.uint8
    assert picture.shape == (1080, 1280)
    assert picture.flags.c_contiguous
    assert picture.base is None


def test_the_same_seed_and_second_give_the_same_pixels(scene: Scene) -> None:
    """Two scenes that were asked in different order agree to the pixel, noise included."""
    other = Scene(seed=1)
    other.draw(NIGHT_S)
    assert np.array_equal(scene.draw(8.0), other.draw(8.0))
    assert scene.truth(8.0) == other.truth(8.0)


def test_a_day_repeats_in_light_and_not_in_people(scene: Scene) -> None:
    """After ten minutes the street has the same light; other people walk in it."""
    assert [v.look for v in scene.visits(90)] != [v.look for v in scene.visits(690, 600)]
    noons = [luma(scene, empty_instant(scene, t))[:300].mean() for t in (0.0, 600.0)]
    assert noons[0] == pytest.approx(noons[1], abs=1.0)


def test_night_is_dark_and_its_lamps_are_lit(scene: Scene) -> None:
    """The sky goes dark, while the heads of the lamps become the brightest thing of the street."""
    day, night = luma(scene, empty_instant(scene, DAY_S)), luma(scene, empty_instant(scene, NIGHT_S))
    assert night[20:60, 300:600].mean() < 45 < 120 < day[20:60, 300:600].mean()
    assert night[160:180, 346:358].mean() > 200


def test_nothing_in_the_street_is_switched(scene: Scene) -> None:
    """Light changes by less than 2 levels a second at every place, so that it is no motion to anybody."""
    gone = [empty_instant(scene, t) for t in (60.0, 130.0, 170.0, 210.0, 240.0, 400.0, 440.0, 480.0)]
    for t in gone:
        before, after = (cv2.blur(luma(scene, s).astype(np.float32), (15, 15)) for s in (t, t + 1.0))
        assert np.abs(after - before)[12:-12, 12:-12].max() < 3.0


def test_who_is_in_the_truth_is_in_the_pixels(scene: Scene) -> None:
    """Where somebody is said to be, the picture differs from the empty street; elsewhere it does not."""
    for start in (DAY_S, DUSK_S, NIGHT_S):
        t, sight = sights_in_full(scene, start, 1)[0]
        shown, empty = (luma(scene, s).astype(np.float32) for s in (t, empty_instant(scene, t)))
        difference = cv2.blur(np.abs(shown - empty), (5, 5))
        left, top, right, bottom = (round(edge) for edge in sight.box)
        assert (difference[top:bottom, left:right] > 12).mean() > 0.25
        assert (difference[:300] > 40).mean() < 0.001


def test_the_box_of_the_truth_is_tight(scene: Scene) -> None:
    """Nothing of a person lies outside of the box; without feet the person still fills half of its width."""
    for t, sight in sights_in_full(scene, DAY_S, 4):
        # The shadow on the ground is no part of a person: only what is much darker or lighter counts.
        shown, empty = (luma(scene, s).astype(np.float32) for s in (t, empty_instant(scene, t)))
        difference = cv2.blur(np.abs(shown - empty), (3, 3))
        columns = np.flatnonzero((difference[: round(sight.box[3]) - 30] > 25).sum(axis=0) > 1)
        assert sight.box[0] - 3 < columns[0] < columns[-1] < sight.box[2] + 3
        assert columns[-1] - columns[0] > 0.5 * (sight.box[2] - sight.box[0])
        rows = np.flatnonzero((difference > 55).any(axis=1))
        assert rows[0] > sight.box[1] - 3
        assert rows[-1] == pytest.approx(sight.box[3], abs=8)


@pytest.mark.parametrize("start", [DAY_S, DUSK_S, NIGHT_S], ids=["day", "dusk", "night"])
def test_hog_finds_the_walkers(scene: Scene, start: float) -> None:
    """The classifier that OpenCV ships sees most walkers in full view, from their pixels alone."""
    sights = sights_in_full(scene, start, 10)
    found = [max((iou(p, s.box) for p in people(luma(scene, t), s.box)), default=0) >= 0.3 for t, s in sights]
    assert sum(found) >= 8


def test_hog_finds_nobody_in_the_empty_street(scene: Scene) -> None:
    """No house, tree or lamp is taken for a person where people use to walk."""
    for start in (DAY_S, NIGHT_S):
        picture = luma(scene, empty_instant(scene, start))
        for left in range(60, 1200, 190):
            assert people(picture, (left, 420, left + 90, 650)) == []
            assert people(picture, (left, 365, left + 60, 505)) == []


def test_somebody_is_drawn_within_20_s_of_a_start(scene: Scene) -> None:
    """The promise of the demo, looked at in the picture: not only the schedule says that somebody comes."""
    for start in (0.0, 777.0, 2500.0):
        pictures = [luma(scene, start + s)[360:700, ::4].astype(np.float32) for s in range(0, 21, 2)]
        moved = [(np.abs(b - a) > 30).mean() for a, b in pairwise(pictures)]
        assert max(moved) > 0.002

"""Crops around what moves, and what was seen in them joined with the whole picture."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.boxes import areas, shared_areas
from detectors.contract import Detections, ModelInput
from detectors.regions import MAX_IOU, MAX_PART, SMALL_PX, Crop, choose, merge
from tests.support.pictures import boxes, i420

FULL_HD = (1920, 1080)
INPUT = ModelInput(416, 416, centred=False)
PERSON, CAR = 0, 2
Box = tuple[float, float, float, float]
Seen = tuple[Box, float, int]
"""A box, its score and its class."""


def seen(*rows: Seen) -> Detections:
    """Return what was seen in one look."""
    xyxy, scores, class_ids = ([row[part] for row in rows] for part in range(3))
    return Detections(
        np.array(xyxy, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(class_ids, np.int64)
    )


def rows_of(found: Detections) -> list[Seen]:
    """Return what was seen as plain numbers."""
    xyxy = [tuple(box) for box in found.xyxy.tolist()]
    scores = np.round(found.scores.astype(np.float64), 3).tolist()
    return list(zip(xyxy, scores, found.class_ids.tolist(), strict=True))


# Choosing

CROPS = [
    pytest.param(FULL_HD, boxes(), [], id="nothing moves"),
    pytest.param(FULL_HD, boxes((900, 500, 940, 600)), [(712, 342, 1128, 758)], id="somebody in the middle"),
    pytest.param(FULL_HD, boxes((0, 0, 40, 100)), [(0, 0, 416, 416)], id="somebody in a corner"),
    pytest.param(FULL_HD, boxes((1890, 990, 1930, 1090)), [(1504, 664, 1920, 1080)], id="half outside"),
    pytest.param(FULL_HD, boxes((2000, 500, 2040, 600)), [], id="outside"),
    pytest.param(FULL_HD, boxes((900, 500, 900, 600)), [], id="of no width"),
    pytest.param(FULL_HD, boxes((900, 300, 1000, 600)), [], id="large enough for the whole picture"),
    pytest.param(
        FULL_HD, boxes((900, 500, 940, 600), (960, 500, 1000, 600)), [(742, 342, 1158, 758)], id="neighbours"
    ),
    pytest.param(
        FULL_HD,
        boxes((800, 500, 840, 600), (1000, 500, 1040, 600)),
        [(712, 342, 1128, 758)],
        id="as far apart as one crop shows",
    ),
    pytest.param(
        FULL_HD,
        boxes((300, 500, 340, 600), (1500, 500, 1540, 600)),
        [(112, 342, 528, 758), (1312, 342, 1728, 758)],
        id="far apart",
    ),
    pytest.param(
        FULL_HD,
        boxes((900, 500, 940, 600), (902, 501, 941, 602)),
        [(712, 344, 1128, 760)],
        id="one thing twice",
    ),
    pytest.param((624, 416), boxes((300, 100, 320, 140)), [(102, 0, 518, 416)], id="just large enough"),
    pytest.param((622, 416), boxes((300, 100, 320, 140)), [], id="hardly larger than the input"),
    pytest.param((416, 416), boxes((100, 100, 120, 140)), [], id="as large as the input"),
    pytest.param((1920, 200), boxes((900, 50, 940, 150)), [(712, 0, 1128, 200)], id="a flat picture"),
    pytest.param(
        (3840, 2160), boxes((1000, 1000, 1300, 1400)), [(750, 800, 1550, 1600)], id="larger than the input"
    ),
]


@pytest.mark.parametrize(("size", "places", "expected"), CROPS)
def test_small_things_in_a_large_picture_get_a_crop(
    size: tuple[int, int], places: npt.NDArray[np.float32], expected: list[tuple[int, int, int, int]]
) -> None:
    """As large as the input, in one crop with their neighbours, never beyond the picture."""
    assert choose(size, places, INPUT, 4) == expected


def test_where_there_are_more_places_than_crops_each_has_its_turn() -> None:
    """Nobody is left out for good because somebody else is named first."""
    places = boxes(*((x, 500, x + 40, 600) for x in (100, 700, 1300, 1800)))
    every = choose(FULL_HD, places, INPUT, 9)
    assert len(every) == 4
    assert choose(FULL_HD, places, INPUT, 0) == []
    turns = [choose(FULL_HD, places, INPUT, 1, turn) for turn in range(5)]
    assert turns == [[every[0]], [every[1]], [every[2]], [every[3]], [every[0]]]
    assert choose(FULL_HD, places, INPUT, 3, 3) == [every[3], every[0], every[1]]


EVEN_SIDES = st.integers(32, 2200).map(lambda half: 2 * half)
INPUTS = st.builds(
    ModelInput, st.sampled_from([320, 416, 640]), st.sampled_from([256, 416, 640]), st.booleans()
)
NUMBERS = st.floats(-500, 5000, width=32)
PLACES = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=12).map(lambda rows: boxes(*rows))


@given(size=st.tuples(EVEN_SIDES, EVEN_SIDES), places=PLACES, into=INPUTS, at_most=st.integers(0, 6))
def test_every_crop_lies_in_the_picture_and_is_no_smaller_than_the_input(
    size: tuple[int, int], places: npt.NDArray[np.float32], into: ModelInput, at_most: int
) -> None:
    """On even pixels, since colours are stored for two by two; and there are no more than were asked for."""
    crops = choose(size, places, into, at_most)
    assert len(crops) <= at_most
    for crop in crops:
        assert 0 <= crop.left < crop.right <= size[0]
        assert 0 <= crop.top < crop.bottom <= size[1]
        assert all(type(side) is int and side % 2 == 0 for side in crop)
        assert crop.width >= min(size[0], into.width)
        assert crop.height >= min(size[1], into.height)


@given(size=st.tuples(EVEN_SIDES, EVEN_SIDES), places=PLACES, into=INPUTS)
def test_everything_small_is_in_a_crop_if_there_may_be_enough_of_them(
    size: tuple[int, int], places: npt.NDArray[np.float32], into: ModelInput
) -> None:
    """Whole, though what neighbours it may lie in another crop; and a crop shows it larger than the whole."""
    scale = min(into.width / size[0], into.height / size[1])
    if scale > 1 / 1.5:
        return
    crops = choose(size, places, into, len(places))
    clipped = np.clip(places, 0, [*size, *size])
    for box in clipped[areas(clipped) > 0]:
        if max(box[2] - box[0], box[3] - box[1]) * scale < SMALL_PX:
            assert any(
                crop.left <= box[0] and crop.top <= box[1] and box[2] <= crop.right and box[3] <= crop.bottom
                for crop in crops
            )
    for crop in crops:
        assert min(into.width / crop.width, into.height / crop.height) > scale


def test_a_crop_is_a_picture_of_its_own() -> None:
    """Luma and both colours of the same place."""
    picture = i420(64, 48, white=(20, 10, 30, 20))
    picture[48:60] = np.arange(12 * 64).reshape(12, 64) % 251
    crop = Crop(16, 8, 36, 22).cut(picture)
    assert crop.shape == (21, 20)
    assert crop[:14].tolist() == picture[8:22, 16:36].tolist()
    u, v = picture[48:].reshape(2, 24, 32)
    assert crop[14:].reshape(2, 7, 10).tolist() == [u[4:11, 8:18].tolist(), v[4:11, 8:18].tolist()]


# Joining

HERE = Crop(700, 300, 1116, 716)
BESIDE = Crop(1000, 300, 1416, 716)
CORNER = Crop(0, 0, 416, 416)
SMALL: Box = (900, 500, 940, 600)
SMALL_IN_HERE: Box = (200, 200, 240, 300)

JOINED = [
    pytest.param(seen(), [], [], id="nothing"),
    pytest.param(seen(), [(HERE, seen())], [], id="nothing in any look"),
    pytest.param(seen((SMALL, 0.5, PERSON)), [], [(SMALL, 0.5, PERSON)], id="no crop"),
    pytest.param(seen((SMALL, 0.5, PERSON)), [(HERE, seen())], [(SMALL, 0.5, PERSON)], id="not in the crop"),
    pytest.param(
        seen(), [(HERE, seen((SMALL_IN_HERE, 0.8, PERSON)))], [(SMALL, 0.8, PERSON)], id="in the crop alone"
    ),
    pytest.param(
        seen(((898, 504, 944, 600), 0.9, PERSON)),
        [(HERE, seen((SMALL_IN_HERE, 0.8, PERSON)))],
        [(SMALL, 0.9, PERSON)],
        id="small in both: the closer look's box, the surer look's score",
    ),
    pytest.param(
        seen(((800, 320, 1000, 720), 0.6, PERSON)),
        [(HERE, seen(((110, 30, 300, 400), 0.9, PERSON)))],
        [((800, 320, 1000, 720), 0.9, PERSON)],
        id="large in both: the whole picture's box",
    ),
    pytest.param(
        seen((SMALL, 0.5, CAR)),
        [(HERE, seen((SMALL_IN_HERE, 0.8, PERSON)))],
        [(SMALL, 0.8, PERSON)],
        id="another label at the same place",
    ),
    pytest.param(
        seen((SMALL, 0.5, CAR)),
        [(HERE, seen(((200, 200, 230, 300), 0.8, PERSON)))],
        [((900, 500, 930, 600), 0.8, PERSON), (SMALL, 0.5, CAR)],
        id="another label at nearly the same place",
    ),
    pytest.param(
        seen(((900, 500, 990, 600), 0.7, PERSON)),
        [(HERE, seen(((200, 200, 240, 300), 0.6, PERSON), ((250, 200, 290, 300), 0.5, PERSON)))],
        [((900, 500, 940, 600), 0.6, PERSON), ((950, 500, 990, 600), 0.5, PERSON)],
        id="two where the whole picture shows one",
    ),
    pytest.param(
        seen(((1000, 400, 1300, 700), 0.7, CAR)),
        [(HERE, seen(((310, 110, 416, 390), 0.6, CAR)))],
        [((1000, 400, 1300, 700), 0.7, CAR)],
        id="cut off, and the whole picture has it",
    ),
    pytest.param(
        seen(((1000, 400, 1300, 700), 0.7, CAR)),
        [(HERE, seen(((310, 110, 416, 390), 0.6, PERSON)))],
        [((1000, 400, 1300, 700), 0.7, CAR)],
        id="cut off, and taken for something else",
    ),
    pytest.param(
        seen(),
        [
            (HERE, seen(((340, 200, 416, 300), 0.9, PERSON))),
            (BESIDE, seen(((40, 200, 130, 300), 0.5, PERSON))),
        ],
        [((1040, 500, 1130, 600), 0.5, PERSON)],
        id="cut off, and the other crop has it",
    ),
    pytest.param(
        seen(),
        [(HERE, seen(((340, 200, 416, 300), 0.4, PERSON)))],
        [((1040, 500, 1116, 600), 0.4, PERSON)],
        id="cut off, and nobody else has it",
    ),
    pytest.param(
        seen(((0, 0, 44, 100), 0.9, PERSON)),
        [(CORNER, seen(((0, 0, 40, 100), 0.4, PERSON)))],
        [((0, 0, 40, 100), 0.9, PERSON)],
        id="the picture's own border cuts nothing off",
    ),
    pytest.param(
        seen(((1870, 980, 1920, 1080), 0.9, PERSON)),
        [(Crop(1504, 664, 1920, 1080), seen(((376, 316, 416, 416), 0.4, PERSON)))],
        [((1880, 980, 1920, 1080), 0.9, PERSON)],
        id="neither do its right and its lower one",
    ),
    pytest.param(
        seen(((300, 300, 340, 400), 0.4, PERSON), ((300, 300, 340, 330), 0.3, PERSON)),
        [(HERE, seen())],
        [((300, 300, 340, 400), 0.4, PERSON), ((300, 300, 340, 330), 0.3, PERSON)],
        id="two of one look are the detector's business",
    ),
]


@pytest.mark.parametrize(("whole", "parts", "expected"), JOINED)
def test_what_several_looks_show_is_there_once(
    whole: Detections, parts: list[tuple[Crop, Detections]], expected: list[Seen]
) -> None:
    """In pixels of the picture, best score first."""
    assert rows_of(merge(FULL_HD, INPUT, whole, parts)) == expected


SCORES = st.floats(0, 1, width=32)


GRID_PX = 52
"""Boxes and crops begin and end on such a grid, so that many of them meet."""


@st.composite
def looks(draw: st.DrawFn, width: int, height: int) -> Detections:
    """Draw what a detector may see in a picture of that size: clipped to it, nothing without an area."""
    rows: list[Seen] = []
    columns, lines = width // GRID_PX, height // GRID_PX
    for _ in range(draw(st.integers(0, 5))):
        left, top = draw(st.integers(0, columns - 1)), draw(st.integers(0, lines - 1))
        right, bottom = draw(st.integers(left + 1, columns)), draw(st.integers(top + 1, lines))
        box = (left * GRID_PX, top * GRID_PX, right * GRID_PX, bottom * GRID_PX)
        rows.append((box, draw(SCORES), draw(st.sampled_from([PERSON, CAR]))))
    return seen(*sorted(rows, key=lambda row: -row[1]))


@st.composite
def crops(draw: st.DrawFn) -> Crop:
    """Draw a crop near the top left of a full HD picture."""
    left, top = draw(st.integers(0, 6)) * GRID_PX, draw(st.integers(0, 6)) * GRID_PX
    return Crop(left, top, left + 416, top + 416)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Detections, list[tuple[Crop, Detections]]]:
    """Draw what was seen in a full HD picture and in its crops."""
    parts = [(crop, draw(looks(416, 416))) for crop in draw(st.lists(crops(), max_size=3))]
    return draw(looks(728, 728)), parts


@given(situations())
def test_what_is_joined_is_clipped_sorted_and_made_of_what_was_seen(
    situation: tuple[Detections, list[tuple[Crop, Detections]]],
) -> None:
    """No box is made up, and none leaves the picture."""
    whole, parts = situation
    joined = merge(FULL_HD, INPUT, whole, parts)
    every = [row for look in in_the_picture(whole, parts) for row in look]
    for box, score, class_id in rows_of(joined):
        assert (box, class_id) in [(other, other_id) for other, _, other_id in every]
        assert score in [other for _, other, other_id in every if other_id == class_id]
        left, top, right, bottom = box
        assert 0 <= left < right <= FULL_HD[0]
        assert 0 <= top < bottom <= FULL_HD[1]
    assert (np.diff(joined.scores) <= 0).all()


def in_the_picture(whole: Detections, parts: list[tuple[Crop, Detections]]) -> list[list[Seen]]:
    """Return what each look saw, in pixels of the picture."""
    every = [rows_of(whole)]
    for crop, found in parts:
        origin = np.array([crop.left, crop.top] * 2, np.float32)
        every.append(rows_of(Detections(found.xyxy + origin, found.scores, found.class_ids)))
    return every


@given(situations())
def test_no_two_boxes_of_different_looks_show_one_thing(
    situation: tuple[Detections, list[tuple[Crop, Detections]]],
) -> None:
    """Of one label they share neither half of their union nor most of the smaller one."""
    whole, parts = situation
    joined = merge(FULL_HD, INPUT, whole, parts)
    every = [[(box, class_id) for box, _, class_id in look] for look in in_the_picture(whole, parts)]
    shared, sizes = shared_areas(joined.xyxy, joined.xyxy), areas(joined.xyxy)
    rows = [(box, class_id) for box, _, class_id in rows_of(joined)]
    for one in range(len(joined)):
        for other in range(one):
            of_one_look = any(rows[one] in look and rows[other] in look for look in every)
            if joined.class_ids[one] != joined.class_ids[other] or of_one_look:
                continue
            union = sizes[one] + sizes[other] - shared[one, other]
            assert shared[one, other] <= MAX_IOU * union * (1 + 1e-6)
            assert shared[one, other] <= MAX_PART * min(sizes[one], sizes[other]) * (1 + 1e-6)


@given(situations())
def test_nothing_that_a_look_shows_in_full_is_lost(
    situation: tuple[Detections, list[tuple[Crop, Detections]]],
) -> None:
    """What gives way has given way to a box of its label that shows the same thing, and is no surer."""
    whole, parts = situation
    joined = merge(FULL_HD, INPUT, whole, parts)
    for box, score, class_id in rows_of(whole):
        alike = joined.class_ids == class_id
        shared = shared_areas(boxes(box), joined.xyxy[alike])[0]
        sizes = areas(joined.xyxy[alike])
        own = float(areas(boxes(box))[0])
        is_one = shared > MAX_IOU * (own + sizes - shared) * (1 - 1e-6)
        covers = is_one | (shared > MAX_PART * np.minimum(own, sizes) * (1 - 1e-6))
        assert covers.any()
        if is_one.any():
            assert joined.scores[alike][is_one].max() >= score - 1e-3


@given(situations())
def test_joining_what_is_joined_changes_nothing(
    situation: tuple[Detections, list[tuple[Crop, Detections]]],
) -> None:
    """Neither with no further look nor with one in which nothing was seen."""
    joined = merge(FULL_HD, INPUT, *situation)
    assert rows_of(merge(FULL_HD, INPUT, joined, [])) == rows_of(joined)
    assert rows_of(merge(FULL_HD, INPUT, joined, [(HERE, seen())])) == rows_of(joined)


@given(looks(416, 416))
def test_what_one_crop_shows_is_there_as_it_was_seen(found: Detections) -> None:
    """With nothing to compare with, nothing goes."""
    joined = merge(FULL_HD, INPUT, seen(), [(HERE, found)])
    assert len(joined) == len(found)

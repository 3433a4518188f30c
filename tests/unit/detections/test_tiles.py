"""Pictures at the model's size, and boxes back."""

from pathlib import Path

import numpy as np
import pytest

from appliance.detections.tiles import Tile, write_all
from detectors.contract import Detections, ModelInput, Picture
from detectors.decode import cells
from detectors.messages import Boxes, boxes_from
from detectors.registry import Spec, make
from tests.support.pictures import boxes, picture
from tests.support.tiny_onnx import write_model

YOLOX = ModelInput(416, 416, centred=False)
ULTRALYTICS = ModelInput(640, 640, centred=True)
BOX = (480.0, 270.0, 960.0, 810.0)


def sent(*rows: tuple[float, float, float, float]) -> Boxes:
    """Return boxes as a worker sends them."""
    n = len(rows)
    return Boxes.of(Detections(boxes(*rows), np.full(n, 0.9, np.float32), np.zeros(n, np.int64)))


@pytest.mark.parametrize(
    ("size", "into", "shape", "inside"),
    [
        ((1920, 1080), YOLOX, (624, 416), (104, 58.5, 208, 175.5)),
        ((1920, 1080), ULTRALYTICS, (960, 640), (160, 230, 320, 410)),
        ((1080, 1920), YOLOX, (624, 416), (104, 58.5, 208, 175.5)),
        ((416, 416), YOLOX, (624, 416), BOX),
        ((1920, 1080), None, (1620, 1920), BOX),
    ],
)
def test_places_cross_in_pixels_of_the_tile_and_come_back_in_those_of_the_picture(
    size: tuple[int, int],
    into: ModelInput | None,
    shape: tuple[int, int],
    inside: tuple[float, float, float, float],
) -> None:
    """To within the half pixel by which the inner size is even."""
    tile = Tile.of(picture(*size, motion=boxes(BOX), followed=boxes()), into)
    assert tile.shape == shape
    place = tile.place(12)
    assert (place.offset, place.width, place.height) == (12, shape[1], shape[0] * 2 // 3)
    np.testing.assert_allclose(boxes_from(place.motion), boxes(inside), atol=0.5)
    assert boxes_from(place.followed).shape == (0, 4)
    back = tile.found(sent(*map(tuple, boxes_from(place.motion).tolist())), 1)
    np.testing.assert_allclose(back.xyxy, boxes(BOX), atol=1e-2)


@pytest.mark.parametrize(
    ("size", "into"), [((1920, 1080), YOLOX), ((1080, 1920), ULTRALYTICS), ((416, 416), YOLOX)]
)
def test_a_white_place_is_where_its_box_is(size: tuple[int, int], into: ModelInput) -> None:
    """The picture lies in the tile as the boxes say, with grey around it."""
    white = (100, 200, 300, 400)
    tile = Tile.of(picture(*size, white=white, motion=boxes(white)), into)
    out = np.zeros(tile.shape, np.uint8)
    write_all([tile], [out])
    rows, columns = np.nonzero(out[: into.height] >= 200)
    found = boxes((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    np.testing.assert_allclose(found, boxes_from(tile.place(0).motion), atol=1.0)
    assert set(np.unique(out[into.height :])) == {128}


@pytest.mark.parametrize(
    ("in_tile", "in_picture"),
    [
        ([], []),
        ([(0, 0, 416, 234)], [(0, 0, 1920, 1080)]),
        ([(-5, -5, 500, 500)], [(0, 0, 1920, 1080)]),
        ([(0, 300, 416, 400), (0, 0, 208, 117)], [(0, 0, 960, 540)]),
    ],
)
def test_boxes_are_clipped_and_those_in_the_grey_are_none(
    in_tile: list[tuple[float, float, float, float]], in_picture: list[tuple[float, float, float, float]]
) -> None:
    """Nothing is found outside of the picture."""
    found = Tile.of(picture(1920, 1080), YOLOX).found(sent(*in_tile), 1)
    np.testing.assert_allclose(found.xyxy, boxes(*in_picture), atol=1e-3)
    assert len(found.scores) == len(found.class_ids) == len(in_picture)


@pytest.mark.parametrize(
    ("asked_of", "where"),
    [
        (YOLOX, (633.8, 633.8, 1286.2, 1080)),
        (ULTRALYTICS, (633.8, 213.8, 1286.2, 866.2)),  # the tile's middle is the picture's there
        (None, (633.8, 633.8, 1286.2, 1080)),
    ],
)
def test_who_changed_over_meanwhile_finds_things_in_a_tile_of_the_old_size(
    tmp_path: Path, asked_of: ModelInput | None, where: tuple[float, float, float, float]
) -> None:
    """What one model is asked and another one answers has its boxes where they belong.

    The other one sees somebody in the middle of its input of 64×64, whatever it is shown.
    """
    output = np.zeros((1, cells(64, 64), 85), np.float32)
    output[0, 36, :6] = (0, 0, 1, 1, 1, 0.9)
    another = make(Spec(str(write_model(tmp_path / "tiny.onnx", output))))
    tile = Tile.of(picture(1920, 1080), asked_of)
    out = np.zeros(tile.shape, np.uint8)
    write_all([tile], [out])
    (answer,) = another.detect([Picture(out, boxes())])
    found = tile.found(Boxes.of(answer), len(another.labels))
    np.testing.assert_allclose(found.xyxy, boxes(where), atol=0.5)


@pytest.mark.parametrize(
    "nonsense",
    [
        Boxes(b"\0" * 15, b"", b""),
        Boxes(b"\0" * 16, b"\0" * 8, b"\0" * 8),
        Boxes(b"\0" * 16, b"\0" * 4, b"\0" * 7),
        Boxes(np.array([0, 0, np.nan, 1], np.float32).tobytes(), b"\0" * 4, b"\0" * 8),
        Boxes(b"\0" * 16, np.float32("inf").tobytes(), b"\0" * 8),
        Boxes(b"\0" * 16, b"\0" * 4, np.int64(1).tobytes()),
        Boxes(b"\0" * 16, b"\0" * 4, np.int64(-1).tobytes()),
    ],
)
def test_what_is_no_boxes_is_refused(nonsense: Boxes) -> None:
    """A worker gone mad never reaches the tracker."""
    with pytest.raises(ValueError, match=r"expected|buffer"):
        Tile.of(picture(1920, 1080), YOLOX).found(nonsense, 1)

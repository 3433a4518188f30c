"""What is drawn on a picture: as JSON, as a row, and what of it makes no sense."""

import math
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.polygon import crosses_itself
from appliance.domain.scene import (
    EMPTY_SCENE,
    CountedDirection,
    Line,
    LineId,
    Mask,
    MaskId,
    MaskKind,
    Point,
    Requirement,
    Scene,
    Zone,
    ZoneId,
)
from appliance.errors import InvalidInput
from appliance.store import scene_form
from appliance.store.scene_form import fault, row_of, scene_of, scene_of_row

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
DRIVE = Zone(ZoneId("drive"), "Drive", SQUARE)
GATE = Line(LineId("gate"), "Gate", (0.1, 0.5), (0.9, 0.5))
TREE = Mask(MaskId("tree"), "Tree", SQUARE[:3])

UNITS = st.floats(0, 1)
POINTS = st.tuples(UNITS, UNITS)
IDS = st.text("abc019-_", min_size=1, max_size=64)
NAMES = st.text("Äb '\"%\\", min_size=1, max_size=100).filter(lambda name: bool(name.strip(" ")))
LABELS = st.none() | st.frozensets(st.sampled_from(["person", "car", "dog"]))


@st.composite
def polygons(draw: st.DrawFn) -> tuple[Point, ...]:
    """Return corners around a middle: such a polygon never crosses itself."""
    count = draw(st.integers(3, 64))
    radii = draw(st.lists(st.floats(0.1, 0.5), min_size=count, max_size=count))
    turns = [2 * math.pi * n / count for n in range(count)]
    return tuple(
        (0.5 + radius * math.cos(turn), 0.5 + radius * math.sin(turn))
        for turn, radius in zip(turns, radii, strict=True)
    )


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    """Return a zone with anything in it that is allowed."""
    points = draw(polygons())
    sides = st.tuples(*[st.floats(0.1, 1000)] * 4) if len(points) == 4 else st.nothing()
    least, most = sorted(draw(st.tuples(UNITS, UNITS)))
    return Zone(
        ZoneId(draw(IDS)),
        draw(NAMES),
        points,
        draw(LABELS),
        least,
        most,
        draw(UNITS),
        draw(st.floats(0, 60)),
        draw(st.floats(0, 60)),
        draw(st.sampled_from(Requirement)),
        draw(st.none() | sides),
    )


LINES = st.builds(
    Line,
    IDS.map(LineId),
    NAMES,
    POINTS,
    POINTS,
    LABELS,
    UNITS,
    st.sampled_from(CountedDirection),
).filter(lambda line: line.a != line.b)
MASKS = st.builds(Mask, IDS.map(MaskId), NAMES, polygons(), st.sampled_from(MaskKind), LABELS)
SCENES = st.builds(
    Scene,
    st.lists(zones(), max_size=3, unique_by=lambda shape: shape.id).map(tuple),
    st.lists(LINES, max_size=3, unique_by=lambda shape: shape.id).map(tuple),
    st.lists(MASKS, max_size=3, unique_by=lambda shape: shape.id).map(tuple),
)


@given(SCENES)
def test_what_is_drawn_comes_back_as_it_was_drawn(scene: Scene) -> None:
    """From the scene to its row's JSON text and back nothing changes, and equal scenes are equal text."""
    text = msgspec.json.encode(row_of(scene))
    assert scene_of_row("front", msgspec.json.decode(text)) == scene
    again = scene_of(msgspec.json.decode(text, type=scene_form.Scene))
    assert msgspec.json.encode(row_of(again)) == text


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        (SQUARE, False),
        (SQUARE[:3], False),
        (SQUARE[::-1], False),
        (((0, 0), (1, 0), (0.5, 0.5), (1, 1), (0, 1)), False),
        (((0, 0), (1, 1), (1, 0), (0, 1)), True),
        (((0, 0), (1, 0), (1, 0), (1, 1)), True),
        (((0, 0), (1, 0), (0.5, 0)), True),
        (((0, 0), (1, 0), (1, 1), (1, 0.5), (0, 1)), True),
        (((0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)), True),
        (((0, 0), (0.5, 0), (1, 0), (1, 1)), False),
        (((0, 0), (1, 0), (1, 1), (0, 0), (0, 1)), True),
    ],
)
def test_a_polygon_that_crosses_or_touches_itself_is_known(corners: tuple[Point, ...], crosses: bool) -> None:
    """From whichever corner one begins, and whichever way round one goes."""
    for turn in range(len(corners)):
        turned = corners[turn:] + corners[:turn]
        assert crosses_itself(turned) is crosses
        assert crosses_itself(turned[::-1]) is crosses


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (EMPTY_SCENE, None),
        (Scene((DRIVE,), (GATE,), (TREE,)), None),
        (Scene((DRIVE,), (replace(GATE, id=LineId("drive")),)), None),
        (Scene((DRIVE, DRIVE)), 'zones[1].id: expected an id of its own, got "drive" a second time'),
        (Scene((DRIVE,) * 33), "zones: expected at most 32, got 33"),
        (
            Scene((replace(DRIVE, id=ZoneId("Drive!")),)),
            'zones[0].id: expected 1 to 64 of a-z, 0-9, - and _, got "Drive!"',
        ),
        (
            Scene((replace(DRIVE, name=" "),)),
            "zones[0].name: expected 1 to 100 characters, not only spaces, without control characters, "
            'got " "',
        ),
        (Scene((replace(DRIVE, points=SQUARE[:2]),)), "zones[0].points: expected 3 to 64 corners, got 2"),
        (
            Scene(masks=(replace(TREE, points=(*SQUARE[:2], *SQUARE[:1:-1])),)),
            "masks[0].points: expected a polygon that does not cross itself, got one that does",
        ),
        (
            Scene(lines=(replace(GATE, b=GATE.a),)),
            "lines[0].b: expected another point than a, got [0.1, 0.5]",
        ),
        (
            Scene((replace(DRIVE, points=SQUARE[:3], sides_m=(1.0, 1.0, 1.0, 1.0)),)),
            "zones[0].sides_m: expected no sides for a zone that has not 4 corners, got sides and 3 corners",
        ),
        (
            Scene((replace(DRIVE, min_area_ratio=0.5, max_area_ratio=0.25),)),
            "zones[0].max_area_ratio: expected at least min_area_ratio, which is 0.5, got 0.25",
        ),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(scene: Scene, message: str | None) -> None:
    """The member, what was expected there and what came."""
    found = fault(scene)
    assert (None if found is None else str(found)) == message


def test_a_form_that_makes_no_sense_is_refused() -> None:
    """With the words of its first fault."""
    form = msgspec.convert(row_of(Scene((DRIVE, DRIVE))), scene_form.Scene)
    with pytest.raises(InvalidInput, match=r"^zones\[1\].id: expected an id of its own"):
        scene_of(form)


@pytest.mark.parametrize(
    "row", [None, 3, {"zones": 3}, {"zones": [{"id": "a"}]}, row_of(Scene((DRIVE,) * 2))]
)
def test_a_row_that_a_foreign_program_broke_draws_nothing(
    row: object, caplog: pytest.LogCaptureFixture
) -> None:
    """The camera goes on without zones, and the log says why."""
    assert scene_of_row("front", row) == EMPTY_SCENE
    assert "camera front: its zones are not as they should be" in caplog.text

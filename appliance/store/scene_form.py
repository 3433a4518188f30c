"""What is drawn on a camera's picture as JSON: how the API takes and gives it, and how its row holds it."""

import dataclasses
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from appliance.domain import scene as drawn
from appliance.domain.polygon import crosses_itself
from appliance.domain.scene import EMPTY_SCENE, SHAPE_ID
from appliance.errors import InvalidInput

log = logging.getLogger(__name__)

MOST_SHAPES = 32
"""Of each kind at one camera."""
FEWEST_POINTS, MOST_POINTS = 3, 64
LONGEST_HYSTERESIS_S = 60
LONGEST_SIDE_M = 1000
MOST_LABELS = 256
LONGEST_LABEL = 64
LONGEST_NAME = 100
CORNERS_WITH_SIDES = 4

SHAPE_NAME = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
ID_WORDS = "1 to 64 of a-z, 0-9, - and _"
NAME_WORDS = "1 to 100 characters, not only spaces, without control characters"

ShapeId = Annotated[str, Meta(pattern=f"^{SHAPE_ID}$", description=ID_WORDS)]
ShapeName = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=SHAPE_NAME, description=NAME_WORDS)
]
ShapeLabel = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_LABEL,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="1 to 64 characters without control characters",
    ),
]
ShapeLabels = Annotated[list[ShapeLabel], Meta(max_length=MOST_LABELS)]
Unit = Annotated[float, Meta(ge=0, le=1)]
UnitPoint = tuple[Unit, Unit]
Corners = Annotated[list[UnitPoint], Meta(min_length=FEWEST_POINTS, max_length=MOST_POINTS)]
HysteresisS = Annotated[float, Meta(ge=0, le=LONGEST_HYSTERESIS_S)]
SideM = Annotated[float, Meta(gt=0, le=LONGEST_SIDE_M)]


class Zone(Struct, forbid_unknown_fields=True):
    """A polygon on the ground; an object is in it when its foot point is.

    ``points`` are x and y from 0 to 1 of the picture's width and height. ``labels`` null means all. An object
    is in the zone once it was there for ``enter_s``, and has left when it was not for ``leave_s``. With
    ``required_for`` only what was in this zone, or in another one so marked, makes events or alerts.
    ``sides_m`` are the real lengths of the four sides of a zone of four corners, for speeds.
    """

    id: ShapeId
    name: ShapeName
    points: Corners
    labels: ShapeLabels | None = None
    min_area_ratio: Unit = 0.0
    max_area_ratio: Unit = 1.0
    min_score: Unit = 0.0
    enter_s: HysteresisS = 0.4
    leave_s: HysteresisS = 1.0
    required_for: Literal["none", "alerts", "events"] = "none"
    sides_m: tuple[SideM, SideM, SideM, SideM] | None = None


class Line(Struct, forbid_unknown_fields=True):
    """A line that the foot points of objects cross: forward is from its left to its right, from a to b."""

    id: ShapeId
    name: ShapeName
    a: UnitPoint
    b: UnitPoint
    labels: ShapeLabels | None = None
    min_score: Unit = 0.0
    counts: Literal["both", "forward", "backward"] = "both"


class Mask(Struct, forbid_unknown_fields=True):
    """A polygon in which no motion, or no object, is looked for; ``labels`` are those that it hides."""

    id: ShapeId
    name: ShapeName
    points: Corners
    kind: Literal["motion", "objects"] = "objects"
    labels: ShapeLabels | None = None


Zones = Annotated[list[Zone], Meta(max_length=MOST_SHAPES)]
Lines = Annotated[list[Line], Meta(max_length=MOST_SHAPES)]
Masks = Annotated[list[Mask], Meta(max_length=MOST_SHAPES)]


class Scene(Struct, forbid_unknown_fields=True):
    """Everything that is drawn on a camera's picture."""

    zones: Zones = []
    lines: Lines = []
    masks: Masks = []


DEFAULTS = msgspec.json.encode(Scene()).decode()
"""The JSON of a camera on whose picture nothing is drawn."""

KINDS = ("zones", "lines", "masks")
"""The members of a scene."""


class Fault(NamedTuple):
    """What is wrong with a scene: where, what was expected there, and what came."""

    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, got {self.got}"


def scene_of(form: Scene) -> drawn.Scene:
    """Return what a form draws.

    Raises:
        InvalidInput: the shapes make no sense; it says which one, what was expected and what came.
    """
    scene = scene_of_shapes(form)
    found = fault(scene)
    if found is not None:
        raise InvalidInput(str(found))
    return scene


def scene_of_shapes(form: Scene) -> drawn.Scene:
    """Return what a form draws, unless it has a ``fault``."""
    return drawn.Scene(
        zones=tuple(_zone(zone) for zone in form.zones),
        lines=tuple(_line(line) for line in form.lines),
        masks=tuple(_mask(mask) for mask in form.masks),
    )


def scene_of_row(camera_id: str, scene: object) -> drawn.Scene:
    """Return what a camera's row draws; one that makes no sense draws nothing, and is logged.

    Only a foreign program can have written that, and no camera's events should be lost by it.
    """
    try:
        return scene_of(msgspec.convert(scene, Scene))
    except (msgspec.ValidationError, InvalidInput) as err:
        log.error("camera %s: its zones are not as they should be, none holds: %s", camera_id, err)
        return EMPTY_SCENE


def row_of(scene: drawn.Scene) -> dict[str, Any]:
    """Return what a camera's row holds of a scene: each shape with all its members."""
    return {
        "zones": [_members(zone) for zone in scene.zones],
        "lines": [_members(line) for line in scene.lines],
        "masks": [_members(mask) for mask in scene.masks],
    }


def fault(scene: drawn.Scene) -> Fault | None:
    """Return the first thing that is wrong with a scene; ``None`` when it can be used."""
    return next(_faults(scene), None)


def _faults(scene: drawn.Scene) -> Iterator[Fault]:
    for kind in KINDS:
        shapes: Sequence[drawn.Zone | drawn.Line | drawn.Mask] = getattr(scene, kind)
        if len(shapes) > MOST_SHAPES:
            yield Fault(kind, f"at most {MOST_SHAPES}", f"{len(shapes)}")
        seen: set[str] = set()
        for index, shape in enumerate(shapes):
            where = f"{kind}[{index}]"
            yield from _faults_of_name(where, shape, seen)
            yield from _faults_of_shape(where, shape)
            seen.add(shape.id)


def _faults_of_name(
    where: str, shape: drawn.Zone | drawn.Line | drawn.Mask, seen: set[str]
) -> Iterator[Fault]:
    if not re.fullmatch(SHAPE_ID, shape.id):
        yield Fault(f"{where}.id", ID_WORDS, f'"{shape.id[:40]}"')
    if shape.id in seen:
        yield Fault(f"{where}.id", "an id of its own", f'"{shape.id}" a second time')
    if len(shape.name) > LONGEST_NAME or not re.fullmatch(SHAPE_NAME, shape.name):
        yield Fault(f"{where}.name", NAME_WORDS, f'"{shape.name[:40]}"')


def _faults_of_shape(where: str, shape: drawn.Zone | drawn.Line | drawn.Mask) -> Iterator[Fault]:
    if isinstance(shape, drawn.Line):
        if shape.a == shape.b:
            yield Fault(f"{where}.b", "another point than a", f"{list(shape.b)}")
        return
    yield from _faults_of_corners(where, shape.points)
    if isinstance(shape, drawn.Zone):
        yield from _faults_of_zone(where, shape)


def _faults_of_corners(where: str, corners: Sequence[drawn.Point]) -> Iterator[Fault]:
    if not FEWEST_POINTS <= len(corners) <= MOST_POINTS:
        yield Fault(f"{where}.points", f"{FEWEST_POINTS} to {MOST_POINTS} corners", f"{len(corners)}")
    elif crosses_itself(corners):
        yield Fault(f"{where}.points", "a polygon that does not cross itself", "one that does")


def _faults_of_zone(where: str, zone: drawn.Zone) -> Iterator[Fault]:
    if zone.min_area_ratio > zone.max_area_ratio:
        expected = f"at least min_area_ratio, which is {zone.min_area_ratio:g}"
        yield Fault(f"{where}.max_area_ratio", expected, f"{zone.max_area_ratio:g}")
    if zone.sides_m is not None and len(zone.points) != CORNERS_WITH_SIDES:
        expected = f"no sides for a zone that has not {CORNERS_WITH_SIDES} corners"
        yield Fault(f"{where}.sides_m", expected, f"sides and {len(zone.points)} corners")


def _zone(form: Zone) -> drawn.Zone:
    return drawn.Zone(
        id=drawn.ZoneId(form.id),
        name=form.name,
        points=tuple(form.points),
        labels=_labels(form.labels),
        min_area_ratio=form.min_area_ratio,
        max_area_ratio=form.max_area_ratio,
        min_score=form.min_score,
        enter_s=form.enter_s,
        leave_s=form.leave_s,
        required_for=drawn.Requirement(form.required_for),
        sides_m=form.sides_m,
    )


def _line(form: Line) -> drawn.Line:
    return drawn.Line(
        id=drawn.LineId(form.id),
        name=form.name,
        a=form.a,
        b=form.b,
        labels=_labels(form.labels),
        min_score=form.min_score,
        counts=drawn.CountedDirection(form.counts),
    )


def _mask(form: Mask) -> drawn.Mask:
    return drawn.Mask(
        id=drawn.MaskId(form.id),
        name=form.name,
        points=tuple(form.points),
        kind=drawn.MaskKind(form.kind),
        labels=_labels(form.labels),
    )


def _labels(labels: Iterable[str] | None) -> frozenset[str] | None:
    return None if labels is None else frozenset(labels)


def _members(shape: drawn.Zone | drawn.Line | drawn.Mask) -> dict[str, Any]:
    """Return a shape's members as JSON has them; labels in order, so that equal shapes are equal text."""
    members = dataclasses.asdict(shape)
    labels = members["labels"]
    members["labels"] = None if labels is None else sorted(labels)
    builtins: dict[str, Any] = msgspec.to_builtins(members)
    return builtins

"""Recognises the YOLO family of an ONNX model by its metadata and by what its first run gives."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from detectors.decode import cells
from detectors.errors import ModelFileError
from detectors.labels import COCO

BOX_ROW = 6
"""Numbers of a finished box: x1, y1, x2, y2, score, class."""
MAX_SIDE_PX = 4096
DEFAULT_SIDE_PX = 640
"""The input's side where the file leaves it open and names none; what Ultralytics exports by default."""

Dimension = int | str | None


class Family(StrEnum):
    """How a model's input and output are laid out."""

    YOLOX = "YOLOX"
    ULTRALYTICS = "Ultralytics"
    NMS_FREE = "NMS-free YOLO"


@dataclass(frozen=True, slots=True)
class Layout:
    """A family and the names of its classes, by class id."""

    family: Family
    labels: tuple[str, ...]


def input_size(shape: Sequence[Dimension], metadata: Mapping[str, str]) -> tuple[int, int]:
    """Return (width, height) of a model's input of that shape.

    Args:
        shape: of the input as declared: (batch, 3, height, width); what is no number is left open.
        metadata: of the file; ``imgsz`` (height, width) fills what is left open.

    Raises:
        ModelFileError: this is no picture's input, or not a size that a YOLO model has.
    """
    if len(shape) != 4 or shape[1] != 3:
        raise ModelFileError(f"expected an input of shape (batch, 3, height, width), got {_shown(shape)}")
    named = _named_size(metadata)
    height, width = (
        declared if isinstance(declared, int) else other
        for declared, other in zip(shape[2:], named, strict=True)
    )
    if not all(32 <= side <= MAX_SIDE_PX and side % 32 == 0 for side in (width, height)):
        raise ModelFileError(
            f"expected an input whose sides are multiples of 32 up to {MAX_SIDE_PX}, got {width}×{height}"
        )
    return width, height


def recognise(output: Sequence[int], size: tuple[int, int], metadata: Mapping[str, str]) -> Layout:
    """Return the layout of a model whose run on one picture gave an output of that shape.

    Args:
        output: shape of the first output: (1, rows, columns).
        size: width and height of the input.
        metadata: of the file; Ultralytics' exports have ``names``.

    Raises:
        ModelFileError: no known family has such an output.
    """
    names = class_names(metadata)
    labels = names or COCO
    grid = cells(*size)
    if len(output) == 3 and output[0] == 1:
        _, rows, columns = output
        if (rows, columns) == (grid, 5 + len(labels)):
            return Layout(Family.YOLOX, labels)
        if columns == BOX_ROW and rows != 4 + len(labels):
            return Layout(Family.NMS_FREE, labels)
        if rows == 4 + len(labels) and (columns == grid or names):
            return Layout(Family.ULTRALYTICS, labels)
    task = f" (task {metadata['task']!r})" if "task" in metadata else ""
    raise ModelFileError(
        f"expected a YOLO detector with {len(labels)} classes for an input of {size[0]}×{size[1]}, "
        f"whose output is (1, {grid}, {5 + len(labels)}), (1, {4 + len(labels)}, {grid}) or (1, boxes, 6); "
        f"got {_shown(output)}{task}"
    )


def class_names(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names in the metadata by class id; empty where it has none.

    Raises:
        ModelFileError: there are names, but not one for each class from 0 on.
    """
    text = metadata.get("names", "")
    if not text:
        return ()
    names = _literal(text)
    if isinstance(names, list | tuple):
        names = dict(enumerate(names))
    if (
        not isinstance(names, dict)
        or not names
        or sorted(names, key=str) != sorted(range(len(names)), key=str)
    ):
        raise ModelFileError(f"expected a name for each class in the metadata's names, got {text[:60]!r}")
    return tuple(str(names[i]) for i in range(len(names)))


def _literal(text: str) -> object:
    """Return the Python literal that Ultralytics writes into metadata, or ``None`` where it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _named_size(metadata: Mapping[str, str]) -> tuple[int, int]:
    """Return the (height, width) that the metadata names, or the default."""
    match _literal(metadata.get("imgsz", "")):
        case [int(height), int(width)]:
            return height, width
        case _:
            return DEFAULT_SIDE_PX, DEFAULT_SIDE_PX


def _shown(shape: Sequence[Dimension]) -> str:
    return f"({', '.join(str(dimension) for dimension in shape)})"

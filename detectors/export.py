"""Builds a TensorRT engine of a model, in a process of its own.

``python -m detectors.export PARENT MODEL FILE --batch N --size PX --precision fp16 --sha256 HASH``
writes the engine to FILE. What it takes is in Ultralytics: ``.pt`` becomes ONNX through ``YOLO.export``,
and ONNX an engine through ``onnx2engine``, whose metadata tells the family and the names to whoever loads it.
"""

import argparse
import importlib.util
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.beside import live_beside
from detectors.errors import BackEndMissing, DetectorError, ModelFileError
from detectors.faults import one_line
from detectors.registry import check_bytes
from detectors.reports import Failed, Made, Progress, Teller

NEEDED = ("tensorrt", "torch", "ultralytics", "onnx")
FP16 = 16
"""``onnx2engine`` calls FP16 by its bits."""


def check() -> None:
    """Say what is missing before anything is begun.

    Raises:
        BackEndMissing: a package is not installed, or there is no GPU.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BackEndMissing(
            f"an engine is built by TensorRT on an NVIDIA GPU: not installed here: {', '.join(missing)}"
        )
    import torch  # noqa: PLC0415 - heavy

    if not torch.cuda.is_available():
        raise BackEndMissing("an engine is built by TensorRT on an NVIDIA GPU: torch sees none here")


def build(
    model: Path, out: Path, batch: int, size_px: int, precision: str, teller: Teller, sha256: str = ""
) -> None:
    """Build the engine and write it to ``out``.

    Args:
        model: an ``.onnx`` or ``.pt`` file.
        out: is written in full, or not at all.
        batch: pictures at once, at most.
        size_px: the side of its input; 0 for the model's own.
        precision: ``fp16`` or ``fp32``.
        teller: hears what is being done.
        sha256: of the model that is meant; a ``.pt`` is loaded with it only.

    Raises:
        DetectorError: it cannot be built.
    """
    check()
    from detectors import quiet  # noqa: PLC0415

    quiet.silence()
    with tempfile.TemporaryDirectory(dir=out.parent, prefix="export-") as folder:
        teller.tell(
            Progress(0.05, "writing it as ONNX" if model.suffix == ".pt" else "reading the ONNX file")
        )
        onnx = copied(model, Path(folder), sha256)
        if model.suffix == ".pt":
            onnx = as_onnx(onnx, batch, size_px)
        teller.tell(Progress(0.2, f"building the engine in {precision}; that takes minutes"))
        engine = Path(folder) / "made.engine"
        _engine(onnx, engine, batch, size_px, precision)
        teller.tell(Progress(0.95, "writing the engine"))
        engine.replace(out)


def copied(model: Path, folder: Path, sha256: str) -> Path:
    """Copy a model into a folder and return the copy, whose bytes are those that are meant.

    Raises:
        ModelFileError: they are others, or it runs code and nobody knows which are meant.
    """
    copy = folder / model.name
    shutil.copyfile(model, copy)
    check_bytes(copy, sha256)
    return copy


def as_onnx(model: Path, batch: int, size_px: int) -> Path:
    """Write a ``.pt`` file as ONNX beside it and return the path; the batch is left open.

    Args:
        model: whose bytes are known, since loading it runs code.
        batch: pictures at once, that it is traced with.
        size_px: the side of its input; 0 for the one that it was trained at.
    """
    from ultralytics import YOLO  # noqa: PLC0415

    size = {"imgsz": size_px} if size_px else {}
    return Path(YOLO(str(model)).export(format="onnx", batch=batch, dynamic=True, simplify=False, **size))


def _engine(onnx: Path, out: Path, batch: int, size_px: int, precision: str) -> None:
    from ultralytics.utils.export.engine import onnx2engine  # noqa: PLC0415

    pinned = pin(onnx, size_px)
    is_dynamic = pinned.batch is None
    told = {"batch": pinned.batch or batch, "imgsz": [pinned.height, pinned.width], "dynamic": is_dynamic}
    onnx2engine(
        str(onnx),
        out,
        quantize=FP16 if precision == "fp16" else None,
        dynamic=is_dynamic,
        shape=(pinned.batch or batch, 3, pinned.height, pinned.width),
        metadata={**pinned.metadata, **told},
    )


@dataclass(frozen=True, slots=True)
class Pinned:
    """What an ONNX file takes.

    Attributes:
        width: of its input, pixels.
        height: likewise.
        batch: pictures at once; ``None`` where any number will do.
        metadata: of the file.
    """

    width: int
    height: int
    batch: int | None
    metadata: dict[str, Any]


def pin(file: Path, size_px: int) -> Pinned:
    """Give the sides of an ONNX file's input their numbers, in the file, and return what it takes then.

    Sides that are left open would make an engine for up to twice the size, which is what its user takes for
    its size.

    Args:
        file: is written anew where a side was open.
        size_px: the side that is wanted; 0 for the one that the file names.

    Raises:
        ModelFileError: its size is another one and fixed.
    """
    import onnx  # noqa: PLC0415

    from detectors.family import input_size  # noqa: PLC0415

    model = onnx.load(str(file))
    dims = model.graph.input[0].type.tensor_type.shape.dim
    sides = [one.dim_value or one.dim_param or None for one in dims]
    metadata = {one.key: one.value for one in model.metadata_props}
    width, height = input_size(sides, metadata)
    if size_px and size_px not in (width, height):
        if all(isinstance(side, int) for side in sides[2:]):
            raise ModelFileError(f"expected its own size {width}×{height}, which is fixed, got {size_px}")
        width = height = size_px
    if not all(isinstance(side, int) for side in sides[2:]):
        dims[2].dim_value, dims[3].dim_value = height, width
        onnx.save(model, str(file))
    return Pinned(width, height, sides[0] if isinstance(sides[0], int) else None, metadata)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments say, and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parent", type=int)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--precision", choices=("fp16", "fp32"), default="fp16")
    parser.add_argument("--sha256", default="")
    options = parser.parse_args(arguments)
    live_beside(options.parent)
    teller = Teller()
    try:
        recipe = (options.batch, options.size, options.precision)
        build(options.model, options.out, *recipe, teller, options.sha256)
    except DetectorError as err:
        teller.tell(Failed(str(err)))
    # What TensorRT, torch and onnx raise is theirs: whatever it is, nothing was built.
    except (RuntimeError, ValueError, OSError, ImportError, AttributeError, TypeError, AssertionError) as err:
        teller.tell(Failed(f"{options.model.name}: {type(err).__name__}: {one_line(err)}"))
    else:
        teller.tell(Made(str(options.out)))


if __name__ == "__main__":
    main()

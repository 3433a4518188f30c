"""Writes ONNX models that answer every picture with given numbers: a few hundred bytes, made by hand.

The output is ``constant + slope * mean``, where ``mean`` is the mean of the model's input: enough to see what
a detector feeds into a model and what it makes of what comes out. The field numbers are those of
``onnx.proto3``.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

FLOAT = 1
"""``TensorProto.DataType.FLOAT``."""
INTS, INT = 7, 2
"""``AttributeProto.AttributeType``."""


def write_model(
    file: Path,
    constant: npt.NDArray[np.float32],
    size: tuple[int, int] = (64, 64),
    slope: npt.NDArray[np.float32] | None = None,
    metadata: Mapping[str, str] | None = None,
    any_batch: bool = False,
    channels: int = 3,
) -> Path:
    """Write a model with one input (batch, channels, height, width) and one output, and return its path.

    Args:
        file: where to.
        constant: float32, the output's shape, for a batch of one.
        size: width and height of the input.
        slope: float32, likewise; 0 where it is left out.
        metadata: of the file.
        any_batch: leave the batch open.
        channels: of the input.
    """
    batch: int | str = "batch" if any_batch else 1
    slope = np.zeros_like(constant) if slope is None else slope
    graph = b"".join(
        [
            _sub(1, _node("ReduceMean", ["images"], "mean4", _ints("axes", [1, 2, 3]) + _int("keepdims", 1))),
            _sub(1, _node("Squeeze", ["mean4"], "mean3", _ints("axes", [1]))),
            _sub(1, _node("Mul", ["mean3", "slope"], "change", b"")),
            _sub(1, _node("Add", ["change", "constant"], "output", b"")),
            _text(2, "tiny"),
            _sub(5, _tensor("constant", constant)),
            _sub(5, _tensor("slope", slope)),
            _sub(11, _value("images", (batch, channels, size[1], size[0]))),
            _sub(12, _value("output", (batch, *constant.shape[1:]))),
        ]
    )
    model = _number(1, 6) + _sub(7, graph) + _sub(8, _text(1, "") + _number(2, 11))
    for key, value in (metadata or {}).items():
        model += _sub(14, _text(1, key) + _text(2, value))
    file.write_bytes(model)
    return file


def _node(operator: str, inputs: list[str], output: str, attributes: bytes) -> bytes:
    return b"".join(_text(1, one) for one in inputs) + _text(2, output) + _text(4, operator) + attributes


def _ints(name: str, values: list[int]) -> bytes:
    return _sub(5, _text(1, name) + b"".join(_number(8, value) for value in values) + _number(20, INTS))


def _int(name: str, value: int) -> bytes:
    return _sub(5, _text(1, name) + _number(3, value) + _number(20, INT))


def _tensor(name: str, array: npt.NDArray[np.float32]) -> bytes:
    shape = b"".join(_number(1, side) for side in array.shape)
    return shape + _number(2, FLOAT) + _text(8, name) + _sub(9, array.astype("<f4").tobytes())


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    sides = b"".join(_sub(1, _text(2, s) if isinstance(s, str) else _number(1, s)) for s in shape)
    return _text(1, name) + _sub(2, _sub(1, _number(1, FLOAT) + _sub(2, sides)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _sub(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _sub(field, text.encode())

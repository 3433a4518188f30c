"""Which back end runs which model. Each is imported only when it is asked for, and only in the worker."""

from dataclasses import dataclass
from pathlib import Path

from detectors.contract import Detector
from detectors.errors import ModelFileError

BUILTIN = "builtin"
"""The model that needs no file."""


@dataclass(frozen=True, slots=True)
class Spec:
    """Which detector to make.

    Attributes:
        model: ``builtin``, or the path of a model file.
        min_score: 0 to 1; a model's boxes with less are left out.
        threads: threads of one run on the CPU; ``None`` for one on each physical core.
        back_end: what is to run it; empty for the first that runs such a file.
        device: the number of the GPU, from 0; ignored where none is used.
    """

    model: str = BUILTIN
    min_score: float = 0.3
    threads: int | None = None
    back_end: str = ""
    device: int = 0


def make(spec: Spec) -> Detector:
    """Return the detector of that spec, loaded and ready; may take seconds.

    Raises:
        ModelFileError: the file is absent, damaged, or of a kind that no back end knows.
    """
    if spec.model == BUILTIN:
        return _builtin()
    match Path(spec.model).suffix.lower():
        case ".onnx":
            return _onnx(spec)
        case suffix:
            raise ModelFileError(f"{spec.model}: expected {BUILTIN!r} or an .onnx file, got {suffix!r}")


# The imports below are late on purpose: built-in does without ONNX Runtime's memory and start-up time.


def _builtin() -> Detector:
    from detectors.builtin import Builtin  # noqa: PLC0415

    return Builtin()


def _onnx(spec: Spec) -> Detector:
    from detectors.onnx_yolo import OnnxYolo  # noqa: PLC0415

    return OnnxYolo(Path(spec.model), spec.min_score, spec.threads)

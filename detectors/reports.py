"""What a program that works beside the service says of itself: JSON on its standard output, a line each."""

import os
import sys
from typing import Annotated, TypeAlias

import msgspec


class Machine(msgspec.Struct, frozen=True, tag="machine"):
    """What decides how fast a model is, and whether an engine fits.

    Attributes:
        cpu: the processor's name.
        gpu: the name of the GPU that is used, as NVIDIA's driver tells it; empty without one.
        compute_capability: its, ``9.0``; empty likewise.
        versions: of the packages that run models, by name.
    """

    cpu: str = ""
    gpu: str = ""
    compute_capability: str = ""
    versions: dict[str, str] = {}

    @property
    def tensorrt(self) -> str:
        """TensorRT's version; empty where it is not installed."""
        return self.versions.get("tensorrt", "")


class Candidates(msgspec.Struct, frozen=True, tag="candidates"):
    """The names of the installed back ends that run a kind of file, the first choice first."""

    suffix: str
    back_ends: tuple[str, ...]


class Timing(msgspec.Struct, frozen=True, tag="timing"):
    """How long one size of batch took, from pictures of the model's size to boxes.

    Attributes:
        batch: pictures at once.
        median_ms: of the whole batch.
        p99_ms: likewise.
        frames_per_s: pictures in a second, one batch after the other.
        accelerator: what computed.
    """

    batch: Annotated[int, msgspec.Meta(ge=1)]
    median_ms: float
    p99_ms: float
    frames_per_s: float
    accelerator: str = ""


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far it is.

    Attributes:
        ratio: 0 to 1.
        doing: what it does now, for a person; may be empty.
    """

    ratio: float
    doing: str = ""


class Made(msgspec.Struct, frozen=True, tag="made"):
    """A file is complete."""

    file: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It gives up, and why."""

    reason: str


Report: TypeAlias = Machine | Candidates | Timing | Progress | Made | Failed


class Teller:
    """Says reports on what was standard output; what libraries print there goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)

    def tell(self, report: Report) -> None:
        """Write one line at once."""
        self._out.write(msgspec.json.encode(report) + b"\n")

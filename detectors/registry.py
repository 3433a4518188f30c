"""Which back end runs which model. Each is imported only when it is asked for, and only in the worker."""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from detectors.contract import Detector
from detectors.engine import Engine
from detectors.errors import BackEndMissing, DetectorError, ModelFileError

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
        sha256: of the file that is meant, in hexadecimal digits; empty where any will do. What runs code when
            it is loaded (``CODE``) is loaded with it only.
    """

    model: str = BUILTIN
    min_score: float = 0.3
    threads: int | None = None
    back_end: str = ""
    device: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class BackEnd:
    """A way to run models.

    Attributes:
        name: in settings and figures.
        suffixes: of the files that it runs.
        is_there: tells whether it is installed; whether the machine suits it shows when it loads a model.
        engine: loads a model.
        install: how it is had.
    """

    name: str
    suffixes: frozenset[str]
    is_there: Callable[[], bool]
    engine: Callable[[Path, Spec], Engine]
    install: str


def make(spec: Spec) -> Detector:
    """Return the detector of that spec, loaded and ready; may take seconds.

    Raises:
        ModelFileError: the file is absent, damaged, or of a kind that no back end knows.
        BackEndMissing: what is to run it is not installed, or the machine is not made for it.
        DeviceFull: the GPU has not enough memory for it.
        DeviceLost: the GPU does not answer any more.
    """
    if spec.model == BUILTIN:
        return _builtin()
    file = Path(spec.model)
    back_end = _chosen(file, spec.back_end)
    if not file.is_file():
        raise ModelFileError(f"{file}: expected a model file, found none")
    check_bytes(file, spec.sha256)
    try:
        return _yolo(file, back_end, spec)
    except DetectorError as err:
        raise type(err)(f"{file}: {err}") from err


def available(model: str) -> tuple[str, ...]:
    """Return the names of the installed back ends that run a file of that kind; none for ``builtin``."""
    return tuple(one.name for one in _running(Path(model)) if one.is_there())


def check_bytes(file: Path, sha256: str) -> None:
    """Have none but the bytes that are meant loaded.

    Args:
        file: that is to be loaded.
        sha256: of what is meant; empty where any will do that run no code.

    Raises:
        ModelFileError: it has other bytes, or runs code and nobody knows which are meant.
    """
    if not sha256:
        if file.suffix.lower() in CODE:
            raise ModelFileError(
                f"{file}: a {file.suffix} runs code when it is loaded: expected one whose SHA-256 is "
                "recorded (nightjar model add)"
            )
        return
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        raise ModelFileError(
            f"{file}: expected the recorded bytes (SHA-256 {sha256[:12]}…), got others ({found[:12]}…)"
        )


def _chosen(file: Path, name: str) -> BackEnd:
    running = _running(file)
    if not running:
        known = ", ".join(sorted({suffix for one in BACK_ENDS for suffix in one.suffixes}))
        raise ModelFileError(f"{file}: expected {BUILTIN!r} or one of {known}, got {file.suffix!r}")
    wanted = [one for one in running if name in ("", one.name)]
    if not wanted:
        names = ", ".join(one.name for one in running)
        raise BackEndMissing(f"{file}: expected one of {names} to run it, got {name!r}")
    there = [one for one in wanted if one.is_there()]
    if not there:
        raise BackEndMissing(
            f"{file}: {wanted[0].name} is to run it, which is not installed: {wanted[0].install}"
        )
    return there[0]


def _running(file: Path) -> list[BackEnd]:
    return [one for one in BACK_ENDS if file.suffix.lower() in one.suffixes]


# The imports below are late on purpose: each costs memory and start-up time that the others do without.


def _builtin() -> Detector:
    from detectors.builtin import Builtin  # noqa: PLC0415

    return Builtin()


def _yolo(file: Path, back_end: BackEnd, spec: Spec) -> Detector:
    from detectors.yolo import Yolo  # noqa: PLC0415

    return Yolo(file, back_end.engine(file, spec), back_end.name, spec.min_score)


def _onnx_runtime(provider: str) -> Callable[[Path, Spec], Engine]:
    def engine(file: Path, spec: Spec) -> Engine:
        from detectors import host_engine, onnx_runtime  # noqa: PLC0415

        chosen = onnx_runtime.PROVIDERS[provider]
        return host_engine.HostEngine(onnx_runtime.OnnxRuntime(file, chosen, spec.threads, spec.device))

    return engine


def _provides(provider: str) -> Callable[[], bool]:
    def is_there() -> bool:
        from detectors import onnx_runtime  # noqa: PLC0415

        return onnx_runtime.is_there(onnx_runtime.PROVIDERS[provider])

    return is_there


def _openvino(file: Path, spec: Spec) -> Engine:
    from detectors.host_engine import HostEngine  # noqa: PLC0415
    from detectors.openvino_runtime import OpenVinoRuntime  # noqa: PLC0415

    return HostEngine(OpenVinoRuntime(file, spec.threads))


def _ultralytics(file: Path, spec: Spec) -> Engine:
    from detectors import quiet  # noqa: PLC0415

    quiet.silence()
    from detectors.torch_engine import TorchEngine  # noqa: PLC0415

    return TorchEngine(file, spec.threads, spec.device)


def _installed(*packages: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(package) is not None for package in packages)


ONNX = frozenset({".onnx"})
CODE = frozenset({".engine", ".pt"})
GPU_BUILD = "install onnxruntime-gpu in place of onnxruntime"

BACK_ENDS = (
    BackEnd("onnxruntime", ONNX, _provides("cpu"), _onnx_runtime("cpu"), "install onnxruntime"),
    BackEnd("openvino", ONNX, _installed("openvino"), _openvino, "install the extra openvino"),
    BackEnd("onnxruntime-cuda", ONNX, _provides("cuda"), _onnx_runtime("cuda"), GPU_BUILD),
    BackEnd("onnxruntime-tensorrt", ONNX, _provides("tensorrt"), _onnx_runtime("tensorrt"), GPU_BUILD),
    BackEnd(
        "ultralytics",
        ONNX | CODE,
        _installed("ultralytics", "torch"),
        _ultralytics,
        "install the extra gpu",
    ),
)
"""The first that runs a file runs it until a measurement says otherwise."""

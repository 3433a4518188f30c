"""ONNX Runtime, with the provider that a back end's name says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from detectors.cores import physical_cores
from detectors.errors import BackEndMissing, ModelFileError
from detectors.faults import one_line, translated
from detectors.host_engine import Given, Tensor

ORT_ERRORS: tuple[type[Exception], ...] = (
    ort_state.EPFail,
    ort_state.EngineError,
    ort_state.Fail,
    ort_state.InvalidArgument,
    ort_state.InvalidGraph,
    ort_state.InvalidProtobuf,
    ort_state.NoModel,
    ort_state.NoSuchFile,
    ort_state.NotImplemented,
    ort_state.RuntimeException,
)
"""ONNX Runtime's errors have no base of their own."""
DTYPES: Mapping[str, type[np.floating]] = MappingProxyType(
    {"tensor(float)": np.float32, "tensor(float16)": np.float16}
)
ENGINES = "engines"
"""The folder beside a model in which TensorRT keeps what it has built of it: that takes minutes."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What computes.

    Attributes:
        name: as ONNX Runtime calls it.
        title: for a person.
        is_gpu: it computes on a GPU, by its number.
    """

    name: str
    title: str
    is_gpu: bool


CPU = Provider("CPUExecutionProvider", "ONNX Runtime", is_gpu=False)
CUDA = Provider("CUDAExecutionProvider", "ONNX Runtime with CUDA", is_gpu=True)
TENSORRT = Provider("TensorrtExecutionProvider", "ONNX Runtime with TensorRT", is_gpu=True)
PROVIDERS: Mapping[str, Provider] = MappingProxyType({"cpu": CPU, "cuda": CUDA, "tensorrt": TENSORRT})


def is_there(provider: Provider) -> bool:
    """Return whether the installed build has that provider; whether the machine does shows only a session."""
    return provider.name in ort.get_available_providers()


class OnnxRuntime:
    """A session.

    Args:
        file: the ``.onnx`` file.
        provider: what computes; what it cannot compute falls to the processor, as ONNX Runtime decides.
        threads: of one run on the processor; ``None`` for one on each physical core.
        device: the GPU's number.

    Raises:
        ModelFileError: the file is absent or damaged, or has another kind of input.
        BackEndMissing: the machine has nothing for that provider.
    """

    def __init__(self, file: Path, provider: Provider, threads: int | None, device: int) -> None:
        self._provider = provider
        self._device = device
        self._session = _open(file, provider, threads or physical_cores(), device)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in DTYPES:
            found = ", ".join(f"{one.name}: {one.type}" for one in inputs)
            raise ModelFileError(f"expected one input of float or float16 numbers, got {found}")
        self._input: str = inputs[0].name
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        shape = tuple(inputs[0].shape)
        if (
            provider is TENSORRT
        ):  # it would build another engine, for minutes, at the first batch of each size
            shape = (1, *shape[1:])
        self._given = Given(shape, DTYPES[inputs[0].type], metadata)

    @property
    def name(self) -> str:
        """The provider's."""
        return self._provider.title

    @property
    def accelerator(self) -> str:
        """The processor, or the GPU's number: the monitor knows its name."""
        return f"GPU {self._device}" if self._provider.is_gpu else "CPU"

    @property
    def lanes(self) -> int:
        """Two keep a GPU busy; on the processor a second run would share the same cores."""
        return 2 if self._provider.is_gpu else 1

    @property
    def given(self) -> Given:
        """As the session tells."""
        return self._given

    def run(self, tensor: Tensor) -> npt.NDArray[np.generic]:
        """Return the first output."""
        try:
            return np.asarray(self._session.run(None, {self._input: tensor})[0])
        except ORT_ERRORS as err:
            raise translated(err) or ModelFileError(
                f"expected a model that runs, got {one_line(err)}"
            ) from err


def _open(file: Path, provider: Provider, threads: int, device: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would keep the cores of an idle box busy between two frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what matters is raised, and said once by whoever catches it
    try:
        session = ort.InferenceSession(str(file), options, providers=[_chosen(file, provider, device)])
    except ORT_ERRORS as err:
        raise translated(err) or ModelFileError(
            f"expected an ONNX model, got {file.stat().st_size} bytes that ONNX Runtime refuses: "
            f"{one_line(err)}"
        ) from err
    if session.get_providers()[0] != provider.name:  # it would quietly compute on the processor
        raise BackEndMissing(
            f"{provider.title} does not start on this machine: its libraries or the GPU are missing"
        )
    return session


def _chosen(file: Path, provider: Provider, device: int) -> Any:
    if provider is TENSORRT:
        return provider.name, {
            "device_id": device,
            "trt_fp16_enable": True,
            "trt_engine_cache_enable": True,
            "trt_engine_cache_path": str(file.parent / ENGINES),
        }
    return (provider.name, {"device_id": device}) if provider.is_gpu else provider.name

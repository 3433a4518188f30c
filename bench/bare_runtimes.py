"""Inference runtimes with nothing around them: a tensor lies ready, and what comes out is left there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort

from detectors.contract import ModelInput
from detectors.cores import physical_cores
from detectors.quiet import silence

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "onnxruntime": "CPUExecutionProvider",
        "onnxruntime-cuda": "CUDAExecutionProvider",
        "onnxruntime-tensorrt": "TensorrtExecutionProvider",
    }
)
"""What ONNX Runtime calls the back ends that it provides."""
DTYPES: Mapping[str, type[np.floating]] = MappingProxyType(
    {"tensor(float)": np.float32, "tensor(float16)": np.float16}
)


class Bare(Protocol):
    """A model on a runtime."""

    @property
    def takes_batches(self) -> bool:
        """Whether one run may take several pictures; else its file says that it takes one."""
        ...

    def prepare(self, batch: int) -> Callable[[], object]:
        """Return what runs the model once on so many pictures, and returns when that is done."""
        ...


class BareOnnxRuntime:
    """``session.run``, with threads that sleep in between, as ours do: spinning ones lose to other programs.

    Args:
        file: the ``.onnx`` file.
        size: of the model's input.
        provider: by ONNX Runtime's name.
    """

    def __init__(self, file: Path, size: ModelInput, provider: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = physical_cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(file), options, providers=[provider])
        self._input = self._session.get_inputs()[0]
        self._size = size

    @property
    def takes_batches(self) -> bool:
        """As the file says."""
        return not isinstance(self._input.shape[0], int)

    def prepare(self, batch: int) -> Callable[[], object]:
        """Run on the processor's memory."""
        tensor = _noise(batch, self._size).astype(DTYPES[self._input.type])
        return lambda: self._session.run(None, {self._input.name: tensor})


class BareOpenVino:
    """``CompiledModel`` and its ``infer``, in 32 bits as the product has it.

    Args:
        file: the ``.onnx`` file.
        size: of the model's input.
    """

    def __init__(self, file: Path, size: ModelInput) -> None:
        import openvino  # noqa: PLC0415 - an extra

        settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": physical_cores()}
        self._compiled = openvino.Core().compile_model(str(file), "CPU", settings)
        self._request = self._compiled.create_infer_request()
        self._size = size

    @property
    def takes_batches(self) -> bool:
        """As the file says."""
        return bool(self._compiled.input(0).partial_shape[0].is_dynamic)

    def prepare(self, batch: int) -> Callable[[], object]:
        """Run on the processor's memory, which is not copied."""
        tensor = _noise(batch, self._size)
        return lambda: self._request.infer([tensor], share_inputs=True, share_outputs=True)


class BareTorch:
    """The module of a ``.pt`` file in FP16 on the first GPU, in a CUDA graph of its own for each batch.

    Args:
        file: the ``.pt`` file.
        size: of the model's input.
    """

    def __init__(self, file: Path, size: ModelInput) -> None:
        silence()
        import torch  # noqa: PLC0415 - an extra
        from ultralytics.nn.autobackend import AutoBackend  # noqa: PLC0415 - an extra

        self._torch: Any = torch
        self._device = torch.device("cuda:0")
        # The head without suppression, as the product has it: a file does not say which one it wants.
        self._module = AutoBackend(str(file), device=self._device, fp16=True, verbose=False, end2end=True)
        self._size = size

    @property
    def takes_batches(self) -> bool:
        """A module takes what it is given."""
        return True

    def prepare(self, batch: int) -> Callable[[], object]:
        """Run on the GPU's memory."""
        torch = self._torch
        tensor = torch.rand(batch, 3, self._size.height, self._size.width, device=self._device).half()
        graph = torch.cuda.CUDAGraph()
        beside = torch.cuda.Stream()
        with torch.inference_mode():
            with torch.cuda.stream(beside):  # what CUDA graphs ask for: some runs first, on another stream
                for _ in range(3):
                    self._module(tensor)
            beside.synchronize()
            with torch.cuda.graph(graph):
                self._module(tensor)

        def run() -> None:
            graph.replay()
            torch.cuda.synchronize()

        return run


def bare(back_end: str, file: Path, size: ModelInput) -> Bare:
    """Return a model on the runtime that a back end of ``detectors.registry`` uses."""
    if back_end == "openvino":
        return BareOpenVino(file, size)
    if back_end == "ultralytics" and file.suffix != ".onnx":
        return BareTorch(file, size)
    # Ultralytics hands ONNX files to ONNX Runtime, on the GPU where that build can.
    cuda = PROVIDERS["onnxruntime-cuda"]
    default = cuda if cuda in ort.get_available_providers() else PROVIDERS["onnxruntime"]
    return BareOnnxRuntime(file, size, PROVIDERS.get(back_end, default))


def _noise(batch: int, size: ModelInput) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(7).random((batch, 3, size.height, size.width), np.float32)

"""OpenVINO on the processor, or on an Intel GPU's."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino

from detectors.cores import physical_cores
from detectors.errors import ModelFileError
from detectors.family import input_size
from detectors.faults import one_line, translated
from detectors.host_engine import Given, Tensor

DTYPES: dict[str, type[np.floating]] = {"f32": np.float32, "f16": np.float16}
FRAMEWORK = "framework"
"""Under which OpenVINO keeps the metadata of an ONNX file."""


class OpenVinoRuntime:
    """A compiled model with one request.

    Computes in 32 bits: by default OpenVINO takes bfloat16 where the processor has it, and then scores differ
    from those of other runtimes by up to 0.23.

    Args:
        file: the ``.onnx`` file.
        threads: of one run; ``None`` for one on each physical core.

    Raises:
        ModelFileError: the file is absent or damaged, or has another kind of input.
    """

    def __init__(self, file: Path, threads: int | None) -> None:
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads or physical_cores(),
        }
        try:
            model = openvino.Core().read_model(str(file))
            self._given = _given(model)
            _close(model, self._given)
            self._request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        except RuntimeError as err:  # the only kind that OpenVINO raises
            size = file.stat().st_size
            said = f"expected an ONNX model, got {size} bytes that OpenVINO refuses: {one_line(err)}"
            raise translated(err) or ModelFileError(said) from err

    @property
    def name(self) -> str:
        """OpenVINO."""
        return "OpenVINO"

    @property
    def accelerator(self) -> str:
        """The processor."""
        return "CPU"

    @property
    def lanes(self) -> int:
        """One: a second run at once would share the same cores."""
        return 1

    @property
    def given(self) -> Given:
        """As the file says."""
        return self._given

    def run(self, tensor: Tensor) -> npt.NDArray[np.generic]:
        """Return the first output, copied: the request's own memory is written anew by the next run."""
        try:
            self._request.infer([tensor], share_inputs=True)
        except RuntimeError as err:
            raise translated(err) or ModelFileError(
                f"expected a model that runs, got {one_line(err)}"
            ) from err
        return np.array(self._request.get_output_tensor(0).data)


def _given(model: Any) -> Given:
    if len(model.inputs) != 1 or model.input(0).element_type.get_type_name() not in DTYPES:
        found = ", ".join(f"{one.any_name}: {one.element_type.get_type_name()}" for one in model.inputs)
        raise ModelFileError(f"expected one input of float or float16 numbers, got {found}")
    given = model.input(0)
    shape = tuple(str(side) if side.is_dynamic else side.get_length() for side in given.partial_shape)
    rows = model.get_rt_info()  # no dict: it has no ``get``
    told = rows[FRAMEWORK] if FRAMEWORK in rows else {}  # noqa: SIM401
    metadata = {key: str(said.value) for key, said in told.items()}
    return Given(shape, DTYPES[given.element_type.get_type_name()], metadata)


def _close(model: Any, given: Given) -> None:
    """Set what the file leaves open but the batch: OpenVINO is faster when it knows the size."""
    if any(isinstance(side, str) for side in given.shape[1:]):
        width, height = input_size(given.shape, given.metadata)
        batch = given.shape[0] if isinstance(given.shape[0], int) else -1
        model.reshape([batch, 3, height, width])

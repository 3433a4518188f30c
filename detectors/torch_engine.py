"""YOLO models through Ultralytics' ``AutoBackend``, with the pictures prepared on the device.

On a GPU pictures go up as the bytes that they are; colours, scale and precision are made there, and a module
of torch runs from CUDA graphs, one for each size of batch. Two threads at once keep it busy: while one waits
for its pictures to go up or for its boxes to come down, the other one's are computed.
"""

import contextlib
import pickle
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ultralytics.nn.autobackend import AutoBackend
from ultralytics.utils.nms import non_max_suppression

from detectors import decode
from detectors.cores import physical_cores
from detectors.engine import Tile
from detectors.errors import BackEndMissing, DetectorError, DeviceFull, ModelFileError
from detectors.family import DEFAULT_SIDE_PX, Family, Layout, input_size, recognise
from detectors.faults import one_line, translated
from detectors.onnx_runtime import ORT_ERRORS
from detectors.yolo import MAX_BOXES, MAX_IOU

GRAPHS = (1, 2, 4, 8, 16, 32)
"""The batches of which there are CUDA graphs; others are filled up to the next, larger ones are cut."""
SLOW_S = 3600.0
"""Ultralytics' suppression gives up, without a word, after a time that it is given."""
FROM_YUV = ((1.164, 0.0, 1.596), (1.164, -0.391, -0.813), (1.164, 2.018, 0.0))
"""R, G and B of Y - 16, U - 128 and V - 128: BT.601 in video range, as OpenCV converts."""
ON_A_GPU_ONLY = ".engine"
RAISED: tuple[type[Exception], ...] = (
    *ORT_ERRORS,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.PickleError,
    zipfile.BadZipFile,
)
"""What unpickling a damaged file was seen to end in, and what Ultralytics' code does not look out for."""


class TorchEngine:
    """A model on torch's device. Loading a ``.pt`` runs code in it: whoever asks knows where it is from.

    Args:
        file: of any format that ``AutoBackend`` runs.
        threads: of one run on the processor; ``None`` for one on each physical core.
        device: the GPU's number; without a GPU the processor computes.

    Raises:
        ModelFileError: the file is absent or damaged, or no YOLO model that is known.
        BackEndMissing: it runs on a GPU only, and there is none.
        DeviceFull: the GPU has not enough memory for it.
    """

    def __init__(self, file: Path, threads: int | None, device: int) -> None:
        self._is_gpu = torch.cuda.is_available()
        if file.suffix == ON_A_GPU_ONLY and not self._is_gpu:
            raise BackEndMissing("a TensorRT engine needs an NVIDIA GPU; torch sees none")
        torch.set_num_threads(threads or physical_cores())
        self._device = torch.device(f"cuda:{device}" if self._is_gpu else "cpu")
        if self._is_gpu:
            torch.cuda.set_device(self._device)  # of this thread, which records; a lane's stream sets its own
        self._launching = threading.Lock()
        self._lane = threading.local()
        self._graphs: dict[int, _Graph] = {}
        with _translating(f"expected a YOLO model, got {file.stat().st_size} bytes that ultralytics refuses"):
            # A model with both heads, such as YOLO26, is used with the one that needs no suppression.
            self._net = AutoBackend(
                str(file), device=self._device, fp16=self._is_gpu, verbose=False, end2end=True
            )
        self._size = _size(self._net)
        self._most = _most_at_once(self._net)
        if self._net.format == "engine" and not self._net.dynamic:
            self._net.backend.batch = self._most  # what is missing is filled up, also where no header says so
        self._dtype = torch.float16 if self._net.fp16 else torch.float32
        self._is_yolox = False
        with _translating("expected a model that runs"), torch.inference_mode():
            self._layout = recognise(self._forward(self._grey(1)).shape, self._size, _metadata(self._net))
            self._is_yolox = self._layout.family is Family.YOLOX
            if self._is_gpu and self._net.format == "pt":
                self._graphs = self._recorded()
                self._most = max(self._graphs)

    @property
    def runtime(self) -> str:
        """Torch, or what Ultralytics runs the format with."""
        return "TensorRT" if self._net.format == "engine" else "Ultralytics"

    @property
    def accelerator(self) -> str:
        """The GPU's name."""
        return torch.cuda.get_device_name(self._device) if self._is_gpu else "CPU"

    @property
    def size(self) -> tuple[int, int]:
        """Of the file; a ``.pt`` takes any, and is used at the one that it was trained at."""
        return self._size

    @property
    def layout(self) -> Layout:
        """Recognised by the first run."""
        return self._layout

    @property
    def lanes(self) -> int:
        """Two keep a GPU busy."""
        return 2 if self._is_gpu else 1

    def infer(self, tiles: Sequence[Tile], min_score: float) -> list[decode.Raw]:
        """Return the candidates in each tile; what needs suppression has had it, on the device."""
        groups = [tiles[first : first + self._most] for first in range(0, len(tiles), self._most)]
        with _translating("expected a model that runs"), torch.inference_mode(), self._stream():
            return [raw for group in groups for raw in self._found(self._output(group), min_score)]

    def _output(self, tiles: Sequence[Tile]) -> torch.Tensor:
        stacked = torch.from_numpy(np.stack(tiles))
        if not self._is_gpu:
            return self._forward(stacked)
        stacked = stacked.pin_memory().to(self._device, non_blocking=True)
        batch = min((batch for batch in self._graphs if batch >= len(tiles)), default=0)
        with self._launching:
            if batch:
                return self._graphs[batch].run(stacked)
            # Other runtimes work on streams and in memory of their own: one lane after the other, to its end.
            output = self._forward(stacked).clone()
            torch.cuda.current_stream(self._device).synchronize()
            return output

    def _recorded(self) -> dict[int, "_Graph"]:
        """Return a graph for each size of batch, as far as the GPU's memory reaches: for one at least."""
        pool, done = torch.cuda.graph_pool_handle(), torch.cuda.Event()
        graphs: dict[int, _Graph] = {}
        for batch in GRAPHS:
            try:
                graphs[batch] = _Graph(self, self._grey(batch), pool, done)
            except RuntimeError as err:
                if not graphs or not isinstance(translated(err), DeviceFull):
                    raise
                break
        return graphs

    def _forward(self, tiles: torch.Tensor) -> torch.Tensor:
        """Return the network's first output for uint8 I420 tiles on the device."""
        pictures = rgb(tiles)
        pictures = (pictures.flip(1) if self._is_yolox else pictures / 255).to(self._dtype).contiguous()
        if self._is_gpu and self._net.format != "pt":
            torch.cuda.current_stream(self._device).synchronize()
        output = self._net(pictures)
        first: torch.Tensor = output[0] if isinstance(output, list | tuple) else output
        return first

    def grid(self) -> list[torch.Tensor]:
        """Return what the network's head keeps from one run to the next, for the batch that ran last."""
        modules, names = self._net.model.modules(), ("anchors", "strides")
        kept = [getattr(module, name, None) for module in modules for name in names]
        return [one for one in kept if isinstance(one, torch.Tensor)]

    def _found(self, output: torch.Tensor, min_score: float) -> list[decode.Raw]:
        if self._layout.family is Family.YOLOX:
            rows = output.float().cpu().numpy()
            return [decode.yolox(row, *self._size, min_score) for row in rows]
        is_free = self._layout.family is Family.NMS_FREE
        kept = non_max_suppression(
            output.float(), min_score, MAX_IOU, max_det=MAX_BOXES, max_time_img=SLOW_S, end2end=is_free
        )
        return [decode.nms_free(boxes.cpu().numpy(), min_score) for boxes in kept]

    def _grey(self, batch: int) -> torch.Tensor:
        width, height = self._size
        return torch.full((batch, height * 3 // 2, width), 128, dtype=torch.uint8, device=self._device)

    def _stream(self) -> contextlib.AbstractContextManager[object]:
        """Return this thread's own queue of work on the GPU."""
        if not self._is_gpu:
            return contextlib.nullcontext()
        if not hasattr(self._lane, "stream"):
            self._lane.stream = torch.cuda.Stream(self._device)
        stream: contextlib.AbstractContextManager[object] = torch.cuda.stream(self._lane.stream)
        return stream


class _Graph:
    """The whole way from bytes to the network's output for one size of batch, recorded once and replayed.

    Args:
        tiles: where its input lies from then on.
        pool: the memory that all graphs of an engine share, of which one runs at a time.
        done: marks the end of the run before, whichever graph's it was.
    """

    def __init__(self, engine: TorchEngine, tiles: torch.Tensor, pool: Any, done: torch.cuda.Event) -> None:
        self._given = tiles
        self._done = done
        self._graph = torch.cuda.CUDAGraph()
        beside = torch.cuda.Stream(tiles.device)
        beside.wait_stream(torch.cuda.current_stream(tiles.device))
        with torch.cuda.stream(beside):  # what CUDA asks for: some runs first, on another stream
            for _ in range(2):
                engine._forward(tiles)  # noqa: SLF001 - it is a part of it
        torch.cuda.current_stream(tiles.device).wait_stream(beside)
        # The model that is at work meanwhile may take memory on threads of its own.
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
            self._output = engine._forward(tiles)  # noqa: SLF001
        # The head makes its grid anew for each size of batch, and this graph goes on reading its own.
        self._grid = engine.grid()

    def run(self, tiles: torch.Tensor) -> torch.Tensor:
        """Return the output for at most as many tiles; called by one thread at a time, on its own stream."""
        stream = torch.cuda.current_stream(tiles.device)
        stream.wait_event(self._done)  # the one before, of the other thread, has taken its output
        self._given[: len(tiles)].copy_(tiles, non_blocking=True)
        self._graph.replay()
        output = self._output[: len(tiles)].clone()
        self._done.record(stream)
        return output


def rgb(tiles: torch.Tensor) -> torch.Tensor:
    """Return RGB, float32 (n, 3, height, width), 0 to 255, of uint8 I420 tiles (n, height * 3 / 2, width)."""
    count, rows, width = tiles.shape
    height = rows * 2 // 3
    flat = tiles.reshape(count, -1).float()
    luma = flat[:, : height * width].reshape(count, 1, height, width) - 16
    chroma = flat[:, height * width :].reshape(count, 2, height // 2, width // 2) - 128
    chroma = chroma.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    yuv = torch.cat([luma.clamp(min=0), chroma], dim=1)
    weights = torch.tensor(FROM_YUV, device=tiles.device)
    return torch.einsum("cy,nyhw->nchw", weights, yuv).round().clamp(0, 255)


@contextlib.contextmanager
def _translating(expected: str) -> Any:
    """Say in this library's words what the runtimes raise."""
    try:
        yield
    except DetectorError:
        raise
    except RAISED as err:
        raise translated(err) or ModelFileError(f"{expected}: {one_line(err)}") from err


def _size(net: Any) -> tuple[int, int]:
    match net.format:
        case "onnx":
            return input_size(net.session.get_inputs()[0].shape, _metadata(net))
        case "engine":
            height, width = net.bindings["images"].shape[-2:]
            return int(width), int(height)
        case "pt":
            trained = getattr(net.model, "args", {})
            side = trained.get("imgsz") if isinstance(trained, dict) else None
            return (side, side) if isinstance(side, int) else (DEFAULT_SIDE_PX, DEFAULT_SIDE_PX)
        case _:
            return input_size(("batch", 3, "height", "width"), _metadata(net))


def _most_at_once(net: Any) -> int:
    """Return how many pictures a network takes at once: an engine as many as it was built for."""
    match net.format:
        case "pt":
            return sys.maxsize
        case "engine":
            return max(1, int(net.bindings["images"].shape[0]))
        case _:
            return sys.maxsize if net.dynamic else 1


def _metadata(net: Any) -> dict[str, str]:
    """Return what Ultralytics writes into its files: names, where the file has any, and the input's size."""
    told = {key: str(value) for key, value in net.metadata.items()}
    if net.format == "pt":
        told["names"] = str(dict(net.names))
    return told

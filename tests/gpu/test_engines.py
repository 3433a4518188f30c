"""Detection on an NVIDIA GPU: the numbers of the processor, two batches at once, and memory that ends."""

import functools
import importlib.util
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from detectors.contract import Picture
from detectors.errors import DeviceFull
from tests.support.back_ends import need, yolo
from tests.support.random_weights import write_weights
from tests.support.rtsp import shared_folder


@functools.cache
def why_not() -> str:
    """Return why nothing of this can be tried here; empty where it can."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("ultralytics") is None:
        return "torch and ultralytics are not installed (make back-ends)"
    import torch  # noqa: PLC0415 - an extra

    return "" if torch.cuda.is_available() else "torch sees no GPU"


pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(why_not()), reason=why_not())]

SIDE = 640
NETWORKS = ("yolo26n", "yolo11n")


@pytest.fixture(scope="module", params=NETWORKS)
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return random weights of each network in turn."""
    return write_weights(tmp_path_factory.mktemp("weights") / f"{request.param}.pt", request.param)


def tiles(count: int, seed: int = 1) -> list[npt.NDArray[np.uint8]]:
    """Return noise of the network's size."""
    noise = np.random.default_rng(seed)
    return [noise.integers(0, 256, (SIDE * 3 // 2, SIDE), dtype=np.uint8) for _ in range(count)]


def output(engine: Any, shown: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
    """Return the network's own output for some tiles."""
    import torch  # noqa: PLC0415 - an extra

    with torch.inference_mode(), engine._stream():
        found: npt.NDArray[np.float32] = engine._output(shown).float().cpu().numpy()
    return found


def engine(file: Path) -> Any:
    """Return the engine of a model."""
    return yolo(file, "ultralytics")._engine


@pytest.mark.parametrize("count", [1, 3, 8, 33])
def test_any_batch_gives_what_each_picture_gives_alone(weights: Path, count: int) -> None:
    """From a graph of its size, from a larger one that is filled up, and without one."""
    there, shown = engine(weights), tiles(count)
    together = output(there, shown)
    alone = np.concatenate([output(there, [tile]) for tile in shown])
    np.testing.assert_allclose(together, alone, rtol=0.05, atol=2.0)


def test_graphs_and_single_kernels_give_the_same(weights: Path) -> None:
    """What is replayed is what was recorded."""
    there, shown = engine(weights), tiles(4)
    by_graph = output(there, shown)
    there._graphs = {}
    np.testing.assert_allclose(output(there, shown), by_graph, rtol=0.02, atol=1.0)


def test_half_precision_is_near_the_processors(weights: Path) -> None:
    """Pixels within a few of each other; scores likewise."""
    import torch  # noqa: PLC0415 - an extra
    from ultralytics.nn.autobackend import AutoBackend  # noqa: PLC0415 - an extra

    from detectors.torch_engine import rgb  # noqa: PLC0415 - imports it

    there, shown = engine(weights), tiles(2)
    net = AutoBackend(str(weights), device=torch.device("cpu"), verbose=False, end2end=False)
    with torch.inference_mode():
        raw = net(rgb(torch.from_numpy(np.stack(shown))) / 255)[0].numpy()
    if there.layout.family.name == "ULTRALYTICS":
        np.testing.assert_allclose(output(there, shown), raw, rtol=0.05, atol=4.0)
    else:
        found = output(there, shown)
        assert found.shape == (2, 300, 6)
        assert found[..., 4].max() == pytest.approx(raw[:, 4:].max(), rel=0.1)


def test_two_threads_at_once_get_their_own_answers(weights: Path) -> None:
    """As many as the engine has lanes, for a hundred batches."""
    there = engine(weights)
    assert there.lanes == 2
    shown = [tiles(2, seed) for seed in (5, 6)]
    expected = [output(there, one) for one in shown]
    wrong: list[float] = []

    def ask(lane: int) -> None:
        for _ in range(50):
            apart = np.abs(output(there, shown[lane]) - expected[lane]).max()
            if apart > 1.0:
                wrong.append(float(apart))

    threads = [threading.Thread(target=ask, args=(lane,)) for lane in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_memory_that_ends_is_told_and_survived(weights: Path) -> None:
    """Fewer pictures fit again, in the same process."""
    import torch  # noqa: PLC0415 - an extra

    detector = yolo(weights, "ultralytics")
    shown = [Picture(tile, np.empty((0, 4), np.float32)) for tile in tiles(64)]
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(1, free - (64 << 20)), dtype=torch.uint8, device="cuda")
    with pytest.raises(DeviceFull):
        detector.detect(shown)
    del taken
    torch.cuda.empty_cache()
    assert len(detector.detect(shown[:1])) == 1


@pytest.mark.parametrize("back_end", ["onnxruntime-cuda", "onnxruntime-tensorrt"])
def test_onnx_runtime_finds_the_same_on_the_gpu(back_end: str) -> None:
    """Its providers give the processor's boxes."""
    file = shared_folder() / "models" / "yolox_nano.onnx"
    if not file.is_file():
        pytest.skip(f"no real weights: {file} is absent (NIGHTJAR_SHARED names its folder)")
    detector = yolo(file, need(back_end))
    shown = Picture(tiles(1)[0], np.empty((0, 4), np.float32))
    here, there = yolo(file, "onnxruntime").detect([shown])[0], detector.detect([shown])[0]
    assert len(here) == len(there)
    np.testing.assert_allclose(here.xyxy, there.xyxy, atol=3)


def test_graphs_read_no_memory_that_was_given_back(weights: Path) -> None:
    """Each goes on with the grid that it was recorded with, whatever was computed in between."""
    there, shown = engine(weights), tiles(32)
    before = output(there, shown[:2])
    for count in (32, 1, 8, 32):
        output(there, shown[:count])
    np.testing.assert_allclose(output(there, shown[:2]), before, rtol=0.02, atol=1.0)


def test_a_model_is_loaded_while_another_one_is_at_work(weights: Path) -> None:
    """Recording the one disturbs no batch of the other, and neither loses the device."""
    there, shown = engine(weights), tiles(4)
    expected, stop, wrong = output(there, shown), threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            apart = float(np.abs(output(there, shown) - expected).max())
            if apart > 1.0:
                wrong.append(apart)

    lane = threading.Thread(target=work)
    lane.start()
    try:
        other = engine(weights)
    finally:
        stop.set()
        lane.join()
    assert wrong == []
    np.testing.assert_allclose(output(other, shown), expected, rtol=0.02, atol=1.0)

"""How long batches take, by a clock that the test moves."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from detectors.contract import Detections, ModelInput, Picture
from detectors.machine import this_machine
from detectors.measure import FEWEST_RUNS, MOST_RUNS, WARM_RUNS, measure
from tests.support.fake_detector import FakeDetector

MS = 1_000_000


class Timed(FakeDetector):
    """Takes as long as it is told for each run."""

    def __init__(self, takes_ms: Sequence[float]) -> None:
        super().__init__()
        self.input = ModelInput(96, 64, centred=True)
        self.now_ns = 0
        self.asked: list[tuple[int, int, int]] = []
        self._takes = itertools.cycle(takes_ms)

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Let time pass."""
        self.asked.append((len(pictures), pictures[0].width, pictures[0].height))
        self.now_ns += round(next(self._takes) * MS)
        return [Detections.empty() for _ in pictures]


def test_the_median_counts_and_not_the_first_runs() -> None:
    """Warm-up is left out; the pictures have the model's size."""
    detector = Timed([100.0, 100.0, 4.0, 4.0, 4.0, 4.0, 9.0])
    timing = measure(detector, 2, 0.0, lambda: detector.now_ns)
    assert (timing.batch, timing.median_ms, timing.frames_per_s) == (2, 4.0, 500.0)
    assert 4.0 < timing.p99_ms <= 9.0
    assert detector.asked == [(2, 96, 64)] * (WARM_RUNS + FEWEST_RUNS)


@pytest.mark.parametrize(
    ("takes_ms", "seconds", "runs"),
    [(100.0, 1.0, 10), (10_000.0, 1.0, FEWEST_RUNS), (0.0, 1.0, MOST_RUNS)],
)
def test_it_ends_in_time(takes_ms: float, seconds: float, runs: int) -> None:
    """About as long as it is told, a few runs at least, and never for ever."""
    detector = Timed([takes_ms])
    measure(detector, 1, seconds, lambda: detector.now_ns)
    assert len(detector.asked) == WARM_RUNS + runs


def test_a_processor_is_known_by_its_name(tmp_path: Path) -> None:
    """From the kernel on x86-64, from the board on ARM, else by its architecture at least."""
    cpuinfo, board = tmp_path / "cpuinfo", tmp_path / "model"
    assert this_machine(0, cpuinfo, board).cpu != ""
    board.write_bytes(b"NVIDIA Jetson Orin\0")
    assert this_machine(0, cpuinfo, board).cpu == "NVIDIA Jetson Orin"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: A Processor @ 2 GHz\n")
    assert this_machine(0, cpuinfo, board).cpu == "A Processor @ 2 GHz"


def test_what_runs_models_is_known_by_its_version() -> None:
    """An upgrade makes another machine of it, as far as speed goes."""
    assert "onnxruntime" in this_machine().versions

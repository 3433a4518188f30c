"""Measures a model on one back end, in a process of its own.

``python -m detectors.measure PARENT look SUFFIX…`` says what is here and what runs such files;
``python -m detectors.measure PARENT time FILE BACK_END …`` how fast it is. Pictures of noise will do: a
network takes the same time for each.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from detectors.beside import live_beside
from detectors.contract import Detector, Picture
from detectors.errors import DetectorError
from detectors.machine import this_machine
from detectors.registry import Spec, available, make
from detectors.reports import Candidates, Failed, Teller, Timing

DEFAULT_SIDE_PX = 640
"""Of the pictures for a detector that takes any."""
WARM_RUNS = 2
FEWEST_RUNS = 5
MOST_RUNS = 400
SEED = 1


def measure(
    detector: Detector, batch: int, seconds: float, now_ns: Callable[[], int] = time.perf_counter_ns
) -> Timing:
    """Return how long batches of that size take.

    Args:
        detector: loaded.
        batch: pictures at once.
        seconds: about so long it is measured.
        now_ns: a steady clock.
    """
    pictures = _noise(detector, batch)
    for _ in range(WARM_RUNS):
        detector.detect(pictures)
    took_ns: list[int] = []
    began_ns = now_ns()
    while len(took_ns) < MOST_RUNS:
        before_ns = now_ns()
        detector.detect(pictures)
        after_ns = now_ns()
        took_ns.append(after_ns - before_ns)
        if len(took_ns) >= FEWEST_RUNS and after_ns - began_ns >= seconds * 1e9:
            break
    median, p99 = (float(np.percentile(took_ns, part)) / 1e6 for part in (50, 99))
    return Timing(batch, median, p99, batch * 1000 / max(median, 1e-6), detector.accelerator)


def _noise(detector: Detector, batch: int) -> list[Picture]:
    size = detector.input
    width, height = (size.width, size.height) if size else (DEFAULT_SIDE_PX, DEFAULT_SIDE_PX)
    drawn = np.random.default_rng(SEED)
    whole = np.array([[0, 0, width, height]], np.float32)
    return [Picture(drawn.integers(0, 256, (height * 3 // 2, width), np.uint8), whole) for _ in range(batch)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments say, and report."""
    options = _parser().parse_args(arguments)
    live_beside(options.parent)
    teller = Teller()
    if options.what == "look":
        teller.tell(this_machine(options.device))
        for suffix in options.suffix:
            teller.tell(Candidates(suffix, available(f"model{suffix}")))
        return
    try:
        spec = Spec(
            options.file,
            threads=options.threads or None,
            back_end=options.back_end,
            device=options.device,
            sha256=options.sha256,
        )
        detector = make(spec)
        for batch in options.batch:
            teller.tell(measure(detector, batch, options.seconds))
    except DetectorError as err:
        teller.tell(Failed(str(err)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("parent", type=int)
    commands = parser.add_subparsers(dest="what", required=True)
    look = commands.add_parser("look")
    look.add_argument("suffix", nargs="+")
    look.add_argument("--device", type=int, default=0)
    timed = commands.add_parser("time")
    timed.add_argument("file")
    timed.add_argument("back_end")
    timed.add_argument("--batch", type=int, nargs="+", default=[1])
    timed.add_argument("--seconds", type=float, default=1.0)
    timed.add_argument("--threads", type=int, default=0)
    timed.add_argument("--device", type=int, default=0)
    timed.add_argument("--sha256", default="")
    return parser


if __name__ == "__main__":
    main()

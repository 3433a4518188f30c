"""The last line of every benchmark, and the medians in it."""

import json
import statistics
import sys
from collections.abc import Sequence


def progress(line: str) -> None:
    """Tell the person who waits what is going on."""
    print(line, file=sys.stderr, flush=True)


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least this percentage of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * int(percent) // 100) - 1))]


def result(
    bench: str, value: float, unit: str, floor: float, ratio: float, figures: dict[str, object]
) -> None:
    """Print the result.

    Args:
        bench: its name.
        value: what was measured, the median over the pairs.
        unit: of value and floor.
        floor: what the same machine did in the same run without us.
        ratio: the median of the pairs' own ratios.
        figures: everything else worth knowing.
    """
    line = {
        "bench": bench,
        "value": round(value, 3),
        "unit": unit,
        "floor": round(floor, 3),
        "ratio": round(ratio, 3),
        "figures": figures,
    }
    print(json.dumps(line), flush=True)

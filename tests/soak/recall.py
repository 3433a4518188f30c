"""Many visits and quiet hours through decoding on demand: ``make soak NAME=recall``, half an hour and more.

``SEEDS=`` is the number of clips of variable bitrate for each GOP length, of ten minutes each, and ``HOURS=``
the length of the quiet time. The last line is ``make bench NAME=recall``'s; it fails where an aim is not met.
"""

import os
import sys

from bench.recall import Extent, measure


def extent() -> Extent:
    """Return what the environment asks for: by default some 400 visits of half a second and more."""
    seeds = int(os.environ.get("SEEDS", "8"))
    quiet_s = float(os.environ.get("HOURS", "1")) * 3600.0
    return Extent(
        vbr_seeds=seeds,
        cbr_seeds=max(1, seeds // 4),
        clip_s=600,
        cbr_clip_s=240,
        quiet_clip_s=576,
        quiet_s=quiet_s,
    )


if __name__ == "__main__":
    sys.exit(1 if measure(extent()) else 0)

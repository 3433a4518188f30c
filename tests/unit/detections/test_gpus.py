from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.detections.gpus import gpus_there, gpus_to_use


@pytest.mark.parametrize(
    ("wanted", "there", "visible", "used"),
    [
        ([], 0, None, (0,)),
        ([], 1, None, (0,)),
        ([], 3, None, (0, 1, 2)),
        ([], 3, "2", (0,)),
        ([], 3, "2,0", (0, 1)),
        ([], 3, "", (0,)),
        ([], 3, "-1", (0,)),
        ([], 3, "1,-1,2", (0,)),
        ([], 2, "GPU-4c1d, GPU-77ab", (0, 1)),
        ([], 1, "0,1,2,3", (0,)),
        ([1], 3, None, (1,)),
        ([2, 0, 2], 3, "2", (2, 0)),
    ],
)
def test_each_gpu_gets_one_worker(
    wanted: Sequence[int], there: int, visible: str | None, used: tuple[int, ...]
) -> None:
    """What the owner wants, or else what CUDA sees, and one where there is none."""
    assert gpus_to_use(wanted, there, visible) == used


def test_gpus_are_counted_as_the_kernel_lists_them(tmp_path: Path) -> None:
    """Without a driver there are none; nobody is asked who could hang."""
    assert gpus_there(tmp_path / "none") == 0
    for place in ("0000:01:00.0", "0000:41:00.0"):
        (tmp_path / "gpus" / place).mkdir(parents=True)
    assert gpus_there(tmp_path / "gpus") == 2

from collections.abc import Sequence

import pytest

from appliance.detections.gpus import gpus_to_use


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

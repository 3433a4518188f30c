"""Detection speaks to nobody: what its packages would like to send is not even tried."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from detectors.decode import cells
from tests.support.back_ends import ONNX, need
from tests.support.random_weights import write_weights
from tests.support.source import ROOT
from tests.support.tiny_onnx import write_model

ALONE = ["unshare", "--user", "--map-root-user", "--net"]
"""In a network of its own, in which there is nobody: not even what a library does without Python gets out."""
CASES = [*((one, "tiny.onnx") for one in ONNX), ("ultralytics", "random.pt")]


def alone() -> list[str]:
    """Return the command that takes the network away, where the kernel lets us."""
    if shutil.which(ALONE[0]) is None:
        return []
    return ALONE if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0 else []


@pytest.mark.parametrize(("back_end", "name"), CASES)
def test_a_back_end_speaks_to_nobody(back_end: str, name: str, tmp_path: Path) -> None:
    """No address is looked up, no connection is tried, no other program is started; and it works without."""
    need(back_end)
    model = tmp_path / name
    if model.suffix == ".pt":
        write_weights(model)
    else:
        write_model(model, np.zeros((1, cells(64, 64), 85), np.float32))
    command = [*alone(), sys.executable, "-m", "tests.support.silent", back_end, str(model)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"attempts": [], "found": 2, "file": name}

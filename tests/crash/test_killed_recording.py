"""F18, at the disk: the process dies at any moment; what it had said is there, and every file plays."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.domain.ids import VolumeId
from appliance.domain.time import US_PER_S
from appliance.packets.fmp4 import layout_of
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.recovery import Candidate, restore
from tests.support.coded import pictures_of
from tests.support.footage_feed import CAMERAS
from tests.support.source import ROOT

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

KILLS = 6


def killed(folder: Path, after_s: float) -> dict[str, dict[str, int]]:
    """Record to a folder, kill the process so long after its first word, and return its last ones."""
    command = [sys.executable, "-m", "tests.support.footage_feed", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(after_s)
        process.kill()
        lines += process.stdout.readlines()
    words = [json.loads(line) for line in lines if line.endswith("\n")]
    return {word["path"]: word for word in words}


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_recording_keeps_what_it_said(seed: int, tmp_path: Path) -> None:
    """And more: the death of a process alone costs nothing that was written, but for one torn fragment."""
    said = killed(tmp_path, random.Random(seed).uniform(0.0, 0.5))
    files = SystemFiles()
    names = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*.mp4"))]
    assert set(said) <= set(names)
    for name in names:
        before = (tmp_path / name).read_bytes()
        found = restore(files, tmp_path, VolumeId("v"), Candidate(name))
        if found is None:
            assert name not in said
            continue
        data = (tmp_path / name).read_bytes()
        layout = layout_of(lambda at, size, data=data: data[at : at + size], len(data))  # type: ignore[misc]
        assert layout.whole_size == len(data) == found.size
        assert len(before) - len(data) < max(place.size for place in layout.fragments)
        assert len(pictures_of(data)) == (found.end_us - found.start_us) * 10 // US_PER_S
        if name in said:
            assert found.size >= said[name]["size"]
            assert found.end_us >= said[name]["end_us"]
    assert {name.split("/")[0] for name in names} == set(CAMERAS)

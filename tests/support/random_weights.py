"""Ultralytics' networks with random weights, as ``.pt`` files: they find nothing, at full cost."""

import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT

BUILD = """
import sys
from detectors import quiet
quiet.silence()
from ultralytics import YOLO
YOLO(sys.argv[1]).save(sys.argv[2])
"""


def write_weights(file: Path, network: str = "yolo26n") -> Path:
    """Build a network from the description in the package, in a process of its own, and return its path."""
    command = [sys.executable, "-c", BUILD, f"{network}.yaml", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)
    return file

"""The appliance with workers of ``stub_worker``, which fail when they are told to.

``python -m tests.support.stub_service FILE PYTHON -m appliance run …`` is the command behind it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from appliance import __main__ as appliance
from appliance.detections.settings import Settings
from appliance.detections.worker_client import WorkerClient
from appliance.detections.worker_fleet import WorkerFleet
from appliance.runtime.clock import Clock
from tests.support.source import ROOT
from tests.support.stub_worker import program

GPUS = 2


def wrapper(file: Path) -> list[str]:
    """Return what stands in front of the command that starts the appliance."""
    return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", __name__, str(file)]


def put_stubs_in(file: Path) -> None:
    """Let each of two GPUs have such a worker, each with a file of its own: ``FILE.0`` and ``FILE.1``."""

    def of(_gpus: Sequence[int], clock: Clock, settings: Settings) -> WorkerFleet:
        return WorkerFleet(
            [
                WorkerClient(
                    *(clock, settings, gpu, f"Detection worker on GPU {gpu}", program(told_at(file, gpu)))
                )
                for gpu in range(GPUS)
            ]
        )

    setattr(WorkerFleet, "of", of)  # noqa: B010 - as it is, mypy would want a class method


def told_at(file: Path, gpu: int) -> Path:
    """Return the file at which that worker is told what to do."""
    return file.with_name(f"{file.name}.{gpu}")


if __name__ == "__main__":
    put_stubs_in(Path(sys.argv[1]))
    sys.argv = sys.argv[4:]
    sys.exit(appliance.main())

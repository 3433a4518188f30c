"""Stands in for ``detectors.export``: prints progress and then succeeds, fails, dies or hangs.

``stub_builder.py HOW LOG PARENT MODEL FILE …``; each start is a line in the file LOG, and in LOG.arguments.
"""

import json
import os
import signal
import sys
from pathlib import Path


def _say(**report: object) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def _main(how: str, log: Path, model: Path, out: Path) -> None:
    with log.open("a") as file:
        file.write(f"{model.name}\n")
    with log.with_suffix(".arguments").open("a") as file:
        file.write(" ".join(sys.argv) + "\n")
    _say(type="progress", ratio=0.5, doing="building the engine")
    match how:
        case "succeeds":
            out.write_bytes(b"engine of " + model.read_bytes())
            _say(type="made", file=str(out))
        case "makes nothing":
            _say(type="made", file=str(out))
        case "fails":
            out.write_bytes(b"half an eng")
            _say(type="failed", reason="the network has an operator that TensorRT does not know")
        case "dies":
            sys.stderr.write("free(): invalid pointer\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case "babbles":
            sys.stdout.write("[TRT] [W] unknown option\n")
        case _:
            signal.pause()


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[4]), Path(sys.argv[5]))

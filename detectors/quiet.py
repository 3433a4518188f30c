"""Keeps ``ultralytics`` from speaking to anybody: set before its import, since it looks while it is imported.

Left to itself it sends analytics, looks up hosts and installs packages while it runs.
"""

import logging
import os
import stat
import tempfile
from pathlib import Path

ENVIRONMENT = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    "MPLBACKEND": "Agg",
}


def silence() -> None:
    """Forbid it everything but to compute, in this process and those that it starts."""
    os.environ.update(ENVIRONMENT)
    os.environ["YOLO_CONFIG_DIR"] = str(_own_folder())
    from ultralytics.utils import LOGGER, SETTINGS  # noqa: PLC0415 - what comes before must come before

    LOGGER.setLevel(logging.ERROR)
    if SETTINGS["sync"]:
        SETTINGS.update({"sync": False})


def _own_folder() -> Path:
    """Return a folder for its settings that nobody else can write to; the same one each time, if possible."""
    folder = Path(tempfile.gettempdir()) / f"nightjar-ultralytics-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
        if not is_ours:
            return Path(tempfile.mkdtemp(prefix="nightjar-ultralytics-"))
    return folder

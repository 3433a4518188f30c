"""Restore a backup, each time killed one change to the disk later, until one restore is not killed.

``python -m tests.support.killed_restores BACKUP DATA ROOT`` copies the folder ``DATA`` to ``ROOT/0`` and so
on, restores ``BACKUP`` there, and prints a line for each: ``killed`` or, for the last, ``whole``. The
restores are forks of this process, which has no thread.
"""

import itertools
import os
import shutil
import signal
import sys
from pathlib import Path

from appliance.backup.restore import restore
from tests.support.clock import SimulatedClock

CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"})


def restore_and_die(backup: Path, data: Path, changes: int) -> None:
    """Restore, and be killed when so many changes were made and the next one begins."""
    left = iter(range(changes))

    def count(event: str, arguments: tuple[object, ...]) -> None:
        is_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE != 0
        if (event in CHANGES or is_write) and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    restore(backup, data, data.parent / "absent.toml", SimulatedClock())


def main(backup: Path, data: Path, root: Path) -> None:
    """Kill one restore after the other."""
    for changes in itertools.count():
        copy = root / str(changes) / "data"
        shutil.copytree(data, copy)
        child = os.fork()
        if child == 0:
            restore_and_die(backup, copy, changes)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        whole = os.waitstatus_to_exitcode(status) == 0
        sys.stdout.write("whole\n" if whole else "killed\n")
        if whole:
            return


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))

"""Open databases, each time killed some statements later, until one start is not killed.

``python -m tests.support.killed_starts new DIRECTORY STEP`` makes ``DIRECTORY/0``, ``DIRECTORY/STEP`` and
so on, and prints a line for each: ``killed`` or, for the last, ``whole``. With a revision such as ``0001``
instead of ``new`` each start finds a database of that schema, with rows. The starts are forks of this
process, which has no thread.
"""

import itertools
import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from appliance.runtime.clock import SystemClock
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.old_database import make_former


def start(data_dir: Path, statements: int) -> None:
    """Open the database, and be killed when so many statements were executed and the next one begins."""
    left = iter(range(statements))

    def count(_statement: str) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "connect")
    def _trace(dbapi: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        dbapi.set_trace_callback(count)

    with Store(data_dir, SystemClock(), StoreSettings()):
        pass


def main(before: str, root: Path, step: int) -> None:
    """Kill one start after the other."""
    if before != "new":
        make_former(root / "former", before)
    for statements in itertools.count(0, step):
        if before != "new":
            shutil.copytree(root / "former", root / str(statements))
        child = os.fork()
        if child == 0:
            start(root / str(statements), statements)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        whole = os.waitstatus_to_exitcode(status) == 0
        sys.stdout.write("whole\n" if whole else "killed\n")
        if whole:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

"""Memory that threads leave behind."""

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import threading
from appliance.runtime.allocator import ARENAS, share_arenas

assert share_arenas()
begin, threads = threading.Barrier(13), []
for _ in range(12):
    threads.append(threading.Thread(target=lambda: (begin.wait(), bytes(100_000), begin.wait())))
    threads[-1].start()
begin.wait()
starts = [int(line.split("-")[0], 16) for line in open("/proc/self/maps") if not line.rstrip().endswith("]")]
arenas = sum(start % (64 << 20) == 0 for start in starts)
begin.wait()
assert arenas <= ARENAS, arenas
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_take_memory_from_a_few_arenas() -> None:
    """Twelve threads that take memory side by side leave no more arenas behind than are allowed."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=60)

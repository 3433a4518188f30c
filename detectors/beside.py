"""How a program lives that works beside the service: it takes little, goes first, and outlives nobody."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

NICENESS = 19
"""Recording and the detection that is at work come first."""
OOM_SCORE = 800
"""Of 1000: when memory runs out it goes before the detection worker."""
PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``."""


def live_beside(parent: int) -> None:
    """Have this process end with its parent, and come after everybody else until then."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it died before the kernel was told
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # a kernel without it has no such choice
        Path("/proc/self/oom_score_adj").write_text(f"{OOM_SCORE}\n")

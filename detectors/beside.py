"""How a program lives that works beside the service: it takes little, goes first, and outlives nobody."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

NICENESS = 19
"""Recording and the detection that is at work come first."""
OOM_SCORE = 800
"""Of 1000, in ``proc(5)``: when memory runs out the kernel ends it before the detection worker."""
PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``: the signal that the kernel sends to a child when its parent dies."""


def live_beside(parent: int, niceness: int = NICENESS, oom_score: int = OOM_SCORE) -> None:
    """Have this process end with its parent, and come after everybody else until then.

    Args:
        parent: even where a socket to it lives on in a copy.
        niceness: how far it gives way, 0 to 19.
        oom_score: how early it goes when memory runs out, 0 to 1000; to raise one's own needs no privilege.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it died before the kernel was told
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent
    os.nice(niceness)
    with contextlib.suppress(OSError):  # a kernel without it has no such choice
        Path("/proc/self/oom_score_adj").write_text(f"{oom_score}\n")

"""The C library's memory allocator, told that this process has many threads which do the same."""

import ctypes

ARENAS = 2

_M_ARENA_MAX = -8
"""A parameter of glibc's ``mallopt`` (malloc.h)."""


def share_arenas() -> bool:
    """Have all threads take memory from a few arenas; return whether the C library has such a thing.

    glibc gives each thread an arena of its own, up to eight for each core, and what is freed in one is of
    no use to the others: pictures and packets go from thread to thread, and each camera has a thread. Call
    it before the threads are started.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, ARENAS))

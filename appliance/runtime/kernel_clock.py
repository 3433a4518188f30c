"""Whether the machine's clock is kept right: what the kernel was told by whoever disciplines it."""

import ctypes

STA_UNSYNC = 0x0040
"""``adjtimex(2)``: nobody keeps the clock right, or not yet since the start."""
TIME_ERROR = 5
TIMEX_BYTES = 208
STATUS_OFFSET = 40 if ctypes.sizeof(ctypes.c_long) == 8 else 20
"""Of ``status`` in ``struct timex``: after ``modes``, ``offset``, ``freq``, ``maxerror`` and ``esterror``."""


def is_synchronised() -> bool:
    """Return whether the kernel says that the wall clock is synchronised; False where it cannot be asked."""
    return synchronisation() is True


def synchronisation() -> bool | None:
    """Return whether the kernel says that the wall clock is synchronised; ``None`` where it says nothing."""
    timex = ctypes.create_string_buffer(TIMEX_BYTES)  # zeroed: modes 0 only reads
    try:
        state: int = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    status = int.from_bytes(timex.raw[STATUS_OFFSET : STATUS_OFFSET + 4], byteorder="little")
    return None if state < 0 else said_synchronised(state, status)


def said_synchronised(state: int, status: int) -> bool:
    """Return what an answer of ``adjtimex`` means: its return value, -1 for an error, and ``status``."""
    return 0 <= state < TIME_ERROR and not status & STA_UNSYNC

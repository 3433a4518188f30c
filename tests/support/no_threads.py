"""A machine that allows no further thread."""

import threading


class UnstartableThread(threading.Thread):
    """A thread whose start fails as CPython's does when the kernel refuses it (``EAGAIN``)."""

    def start(self) -> None:
        """Fail.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("can't start new thread")

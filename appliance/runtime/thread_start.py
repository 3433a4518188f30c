"""The start of a thread, which the system may refuse."""

import threading

from appliance.errors import TemporaryFailure


def start_thread(thread: threading.Thread) -> None:
    """Start a thread.

    Raises:
        TemporaryFailure: the system allows no further one; another start may be tried with another thread.
    """
    try:
        thread.start()
    except RuntimeError as err:
        raise TemporaryFailure(
            "the system allows no further thread; see TasksMax= of the unit and `ulimit -u`"
        ) from err

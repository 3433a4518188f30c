"""Threads that the system does not allow."""

import threading

import pytest

from appliance.errors import TemporaryFailure
from appliance.runtime.thread_start import start_thread
from tests.support.no_threads import UnstartableThread


def test_a_thread_is_started() -> None:
    """As if it had been started itself."""
    done = threading.Event()
    start_thread(threading.Thread(target=done.set))
    assert done.wait(10)


def test_a_refused_thread_is_a_temporary_failure() -> None:
    """The message says where the limits are."""
    with pytest.raises(TemporaryFailure, match="TasksMax"):
        start_thread(UnstartableThread())

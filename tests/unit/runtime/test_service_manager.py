"""What systemd is told, over a real socket."""

import os
from pathlib import Path

import pytest

from appliance.runtime.service_manager import ServiceManager
from tests.support.notified import notified


@pytest.mark.parametrize("is_abstract", [False, True])
def test_each_state_is_one_message(is_abstract: bool, tmp_path: Path) -> None:
    """As ``sd_notify(3)`` has it; systemd names either kind of address."""
    with notified(None if is_abstract else tmp_path) as heard:
        manager = ServiceManager({"NOTIFY_SOCKET": heard.name})
        manager.status("opening the database")
        assert heard.take() == ["STATUS=opening the database"]
        manager.ready("started")
        assert heard.take() == ["READY=1", "STATUS=started"]
        manager.alive()
        assert heard.take() == ["WATCHDOG=1"]
        manager.stopping()
        assert heard.take() == ["STOPPING=1", "STATUS=stopping"]


def test_a_line_stays_one_line(tmp_path: Path) -> None:
    """What a part says of itself cannot add a state to the message."""
    with notified(tmp_path) as heard:
        ServiceManager({"NOTIFY_SOCKET": heard.name}).status("bad\nREADY=1")
        assert heard.take() == ["STATUS=bad READY=1"]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_a_service_manager_nothing_happens(environment: dict[str, str]) -> None:
    """In a terminal nobody is told, and nobody watches."""
    manager = ServiceManager({**environment, "WATCHDOG_USEC": "30000000"})
    manager.ready("started")
    assert (manager.is_there, manager.watchdog_s) == (False, None)


def test_a_service_manager_that_is_gone_costs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said in the log and the service goes on."""
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("started")
    assert "cannot be told READY=1" in caplog.text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_says_so(
    environment: dict[str, str], expected: float | None, tmp_path: Path
) -> None:
    """A process that merely inherits the variables is not watched."""
    address = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    assert ServiceManager({**address, **environment}).watchdog_s == expected

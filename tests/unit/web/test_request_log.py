"""What is logged of requests that cannot be read."""

import logging

import pytest
from aiohttp.http_exceptions import LineTooLong

from appliance.web.request_log import RequestLog

SAID = "Error handling request from %s"


def test_a_request_that_cannot_be_read_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """Without what was in it, and without a trace: a stranger decides how often that happens."""
    caplog.set_level(logging.INFO)
    log = RequestLog(logging.getLogger("appliance.web.server"))
    log.exception(SAID, "192.168.1.9", exc_info=LineTooLong(b"/api/v1/secret", 8190))  # noqa: LOG004 - as aiohttp does
    (record,) = caplog.records
    assert record.getMessage() == "a request from 192.168.1.9 cannot be read: LineTooLong"
    assert (record.levelno, record.exc_info) == (logging.INFO, None)


def test_a_defect_keeps_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    """That is ours to mend."""
    log = RequestLog(logging.getLogger("appliance.web.server"))
    error = ValueError("ours")
    log.exception(SAID, "192.168.1.9", exc_info=error)  # noqa: LOG004 - as aiohttp does
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[1] is error

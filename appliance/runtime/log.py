"""Logging: one line a record to standard error, with secrets taken out and floods held back."""

import logging
import re
import sys
import time
from collections.abc import Iterable

_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@'\"]+@")

FLOOD_LINES = 10
FLOOD_WINDOW_S = 60.0


def redact(text: str) -> str:
    """Return the text with the ``user:password@`` of every address in it replaced by ``…@``."""
    return _USERINFO.sub(r"\g<scheme>…@", text)


class RedactingFormatter(logging.Formatter):
    """Formats a record and takes the credentials out of the result, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines of a traceback, without credentials."""
        return redact(super().format(record))


class FloodFilter(logging.Filter):
    """Lets ten records a minute of the same origin (logger, line, camera) pass, and counts the rest.

    A camera that makes ten thousand decode errors a second must not fill the journal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written; the first of a new window tells how many were not."""
        key = (record.name, record.lineno, str(getattr(record, "camera_id", "")))
        # The record's own creation time serves: a flood is a matter of the log, not of the appliance's clock.
        start, count = self._windows.get(key, (record.created, 0))
        if record.created - start >= FLOOD_WINDOW_S:
            if count > FLOOD_LINES:
                record.msg = f"{record.getMessage()} (suppressed {count - FLOOD_LINES} like it)"
                record.args = None
            start, count = record.created, 0
        self._windows[key] = (start, count + 1)
        return count < FLOOD_LINES


def configure(level: str = "INFO", quiet: Iterable[str] = ("aiosqlite", "alembic", "libav")) -> None:
    """Send the log of the whole process to standard error."""
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(FloodFilter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)

"""What aiohttp says of requests that it cannot read: anybody can send those, so a line is enough."""

import logging
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError


class RequestLog(logging.LoggerAdapter[logging.Logger]):
    """Tells of a request that is no HTTP, or too long, in one line; of a defect of ours with its trace."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **kwargs: Any) -> None:
        """Log an exception in an ``except`` block, or the one that is given."""
        if isinstance(exc_info, HttpProcessingError):
            self.info("a request from %s cannot be read: %s", *args, type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **kwargs)

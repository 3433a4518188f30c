"""The edge to other machines: one HTTP request, and what came of it."""

import errno
import os
import ssl

import aiohttp

from appliance.errors import Refused
from appliance.notifications.address import CarefulResolver
from appliance.notifications.notification import Request
from appliance.notifications.outcome import Outcome, of_status, trouble

ANSWER_BYTES = 4096
"""Of an answer's body; it is looked at by nobody."""


class Sender:
    """Sends requests; each has a connection of its own, and certificates are verified.

    Redirects are not followed and the environment's proxies not used: nothing goes to another machine than
    the owner has named.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    async def send(self, request: Request) -> Outcome:
        """Send a request and return what came of it; it takes no longer than the time-out."""
        connector = aiohttp.TCPConnector(resolver=CarefulResolver(), force_close=True, limit=1)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    headers={"User-Agent": "Nightjar"},
                    read_bufsize=ANSWER_BYTES,
                    auto_decompress=False,
                ) as session,
                session.request(
                    request.method,
                    request.url,
                    data=request.body,
                    headers=request.headers,
                    allow_redirects=False,
                ) as response,
            ):
                return of_status(response.status)
        except TimeoutError:
            return trouble("timeout", f"it did not answer within {self._timeout_s:g} s")
        except aiohttp.ClientConnectorDNSError:
            return trouble("dns", "its name is not known")
        except (aiohttp.ClientSSLError, ssl.SSLError) as err:
            return trouble("tls", _tls_words(err))
        except aiohttp.ClientConnectorError as err:
            return _connection(err.os_error)
        except Refused as err:
            return trouble("unreachable", str(err))
        except (aiohttp.ClientError, OSError, ValueError):
            return trouble("protocol", "the connection ended before a whole answer came")


def _connection(error: OSError) -> Outcome:
    if error.errno == errno.ECONNREFUSED:
        return trouble("refused", "it refused the connection")
    # The error's own words may name addresses.
    words = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else "no connection"
    return trouble("unreachable", f"it cannot be reached ({words})")


def _tls_words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return "its certificate could not be verified"
    return "no secure connection could be made (TLS)"

"""The edge to the model's server: one question over HTTP, and its answer."""

from dataclasses import dataclass

import aiohttp

from appliance.errors import Refused
from appliance.notifications.address import CarefulResolver

MOST_BYTES = 65_536
"""Of an answer that are read; a longer one is none."""
BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question.

    Attributes:
        body: of the answer; ``None`` where no usable one came.
        reason: why none came, a phrase for a person that names neither address nor key.
        status: of the answer; ``None`` where none came.
    """

    body: bytes | None
    reason: str = ""
    status: int | None = None


class Client:
    """Asks; each question has a connection of its own, and certificates are verified.

    Redirects are not followed and the environment's proxies not used: nothing goes to another machine than
    the owner has named.
    """

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    async def ask(self, body: bytes) -> Reply:
        """Ask and return what came of it; it takes no longer than the time-out."""
        connector = aiohttp.TCPConnector(resolver=CarefulResolver(), force_close=True, limit=1)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    headers=self._headers(),
                    read_bufsize=MOST_BYTES,
                    auto_decompress=False,
                ) as session,
                session.post(self._url, data=body, allow_redirects=False) as response,
            ):
                return await _read(response)
        except TimeoutError:
            return Reply(None, f"it did not answer within {self._timeout_s:g} s")
        except Refused as err:
            return Reply(None, str(err))
        except aiohttp.ClientConnectorError:
            return Reply(None, "it cannot be reached")
        except (aiohttp.ClientError, OSError, ValueError):
            # Their own words may name the address.
            return Reply(None, "the connection ended before a whole answer came")

    def _headers(self) -> dict[str, str]:
        common = {"User-Agent": "Nightjar", "Content-Type": "application/json", "Accept-Encoding": "identity"}
        return common | ({"Authorization": f"Bearer {self._key}"} if self._key else {})


async def _read(response: aiohttp.ClientResponse) -> Reply:
    if 300 <= response.status < 400:
        reason = f"it answered with a redirect ({response.status}), which is not followed"
        return Reply(None, reason, response.status)
    if response.status != 200:
        return Reply(None, f"it answered with status {response.status}", response.status)
    read = bytearray()
    async for part in response.content.iter_any():
        read += part
        if len(read) > MOST_BYTES:
            return Reply(None, f"its answer has more than {MOST_BYTES} bytes", response.status)
    return Reply(bytes(read), status=response.status)

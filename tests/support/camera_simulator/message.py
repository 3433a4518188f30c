"""RTSP requests and answers (RFC 2326): read from a client, written to it."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_INTERLEAVED = b"$"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def camera(self) -> str:
        """The first part of the path: a camera's name."""
        return urlsplit(self.url).path.strip("/").partition("/")[0]

    @property
    def track(self) -> str:
        """What follows it: which stream of the camera."""
        return urlsplit(self.url).path.strip("/").partition("/")[2]


async def read_request(reader: asyncio.StreamReader) -> Request | bytes | None:
    """Return the next request, a client's interleaved packet, or ``None`` at the end of the connection.

    Raises:
        asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError: the connection
            broke off, or does not speak RTSP.
    """
    first = await reader.read(1)
    if not first:
        return None
    if first == _INTERLEAVED:
        head = await reader.readexactly(3)
        return await reader.readexactly(int.from_bytes(head[1:], "big"))
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = text.strip().split("\r\n")
    method, url, _ = line.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)}
    if length := int(headers.get("content-length", "0")):
        await reader.readexactly(length)
    return Request(method, url, headers)


def answer(request: Request, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return an answer as it goes over the wire."""
    lines = [
        f"RTSP/1.0 {status} {_REASONS.get(status, 'Error')}",
        f"CSeq: {request.headers.get('cseq', '0')}",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body

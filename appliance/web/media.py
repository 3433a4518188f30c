"""Files sent as bytes, whole or in part (RFC 9110, section 14), as fast as the client takes them.

They are read a portion at a time on threads: uvloop has no ``sendfile``, and the event loop waits for no
disk.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aiohttp import hdrs, web

from appliance.errors import NotFound
from appliance.web.open_doors import OpenDoors
from appliance.web.problems import Kind, Rejected

PORTION_BYTES = 256 * 1024
_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Span(NamedTuple):
    """Which bytes: from ``first``, before ``end``."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent of an open file.

    Attributes:
        size: as many of its bytes are there, whatever follows them.
        etag: names exactly these bytes.
        media: its media type.
        name: under which a browser stores it; ``None`` where it is shown.
    """

    size: int
    etag: str
    media: str
    name: str | None = None


def span_of(text: str | None, size: int) -> Span | None:
    """Return the bytes that a ``Range`` header asks for; ``None`` for all of them.

    Several ranges at once, other units and nonsense are ignored, as the standard allows.

    Raises:
        Rejected: 416, the file has none of these bytes.
    """
    found = None if text is None else _ONE_RANGE.fullmatch(text.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        span = Span(max(0, size - int(found[2])), size)
    else:
        span = Span(int(found[1]), min(size, int(found[2]) + 1) if found[2] else size)
        if found[2] and int(found[2]) < span.first:
            return None
    if span.first >= span.end:
        raise Rejected(
            *(Kind.BEYOND, "Range: the file ends before these bytes"),
            field="Range",
            expected=f"bytes within 0-{size - 1}" if size else "no Range: the file is empty",
            got=str(text),
        )
    return span


async def send(request: web.Request, file: BinaryIO, sent: Sent, doors: OpenDoors) -> web.StreamResponse:
    """Send an open file, or the part of it that the request asks for, and close it.

    It is cut short, with its connection, when whoever asks may no longer see it.

    Raises:
        Rejected: 416, the file has none of the bytes that are asked for.
    """
    try:
        span = _asked(request, sent)
        response = _head(span, sent)
        if request.method == hdrs.METH_HEAD:
            return response
        await response.prepare(request)
        with doors.opened(request, lambda: _abort(request)):
            await _pass_on(response, file, span or Span(0, sent.size))
        return response
    finally:
        file.close()


async def _pass_on(response: web.StreamResponse, file: BinaryIO, span: Span) -> None:
    first, end = span
    while first < end:
        data = await asyncio.to_thread(os.pread, file.fileno(), min(PORTION_BYTES, end - first), first)
        if not data:
            # Cut short behind our back: the client learns it by the length that is missing.
            break
        await response.write(data)
        first += len(data)
    await response.write_eof()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; blocks.

    Raises:
        NotFound: it is not there.
    """
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError as err:
        raise NotFound("the file is not there any more") from err


def _asked(request: web.Request, sent: Sent) -> Span | None:
    condition = request.headers.get(hdrs.IF_RANGE)
    if condition is not None and condition != sent.etag:
        return None
    return span_of(request.headers.get(hdrs.RANGE), sent.size)


def _head(span: Span | None, sent: Sent) -> web.StreamResponse:
    response = web.StreamResponse(status=HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT)
    response.content_type = sent.media
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.headers[hdrs.ETAG] = sent.etag
    if span is not None:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {span.first}-{span.end - 1}/{sent.size}"
    if sent.name is not None:
        response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{sent.name}"'
    response.content_length = sent.size if span is None else span.end - span.first
    return response

"""A camera's MJPEG over HTTP: an answer that does not end, each part of it a JPEG picture.

libav reads the same, but not as a reader must: a read that times out ends its connection, so that the stop
flag would be looked at as rarely as a silent camera is given up; and an endless part took 280 MB in a second.
"""

import contextlib
import http.client
import io
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast
from urllib.parse import urljoin

from appliance.domain.camera import Credentials
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S, US_PER_S, MediaTime, MonotonicNs
from appliance.errors import AddressError, SourceFailure
from appliance.packets.address import PORTS, host_of, scheme_of, split_address, target_of
from appliance.packets.failures import connection_failure, content_failure, http_failure
from appliance.packets.http_auth import authorization, is_stale
from appliance.packets.jpeg_header import PictureSize, picture_size
from appliance.packets.multipart import Part, PartError, Parts
from appliance.packets.settings import Settings
from appliance.packets.wire import Stopped, Wire, resolved
from appliance.runtime.clock import Clock

_NS_PER_US = NS_PER_S // US_PER_S
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REQUESTS = 6
_BUFFER_BYTES = 65_536


class HttpMjpegSource:
    """Reads the pictures of one HTTP address; used on one thread.

    Each picture is a keyframe, and is shown when it arrived: nothing in the answer says when it was taken.

    Args:
        url: ``http://`` or ``https://``, without credentials.
        credentials: sent only to a server that asks for them.
    """

    def __init__(
        self, camera_id: CameraId, url: str, credentials: Credentials | None, clock: Clock, settings: Settings
    ) -> None:
        self._camera_id = camera_id
        self._url = url
        self._credentials = credentials
        self._host, self._port = host_of(url)
        self._where = f"{self._host}:{self._port}"
        self._clock = clock
        self._settings = settings
        self._wire: Wire | None = None
        self._parts: Parts | None = None
        self._first: _Picture | None = None
        self._stream: VideoStream | None = None

    def open(self) -> VideoStream:
        """Connect, ask, and wait for the first picture, which tells the size.

        All of it takes the open time-out at most, beside the system's resolver.

        Raises:
            SourceFailure: ``dns``, ``refused``, ``timeout``, ``unauthorized``, ``not_found``, ``no_video``,
                ``ended`` or ``protocol``.
        """
        limit_s = self._settings.open_timeout_s
        with self._translated(limit_s):
            until_ns = self._in(limit_s)
            response = self._answer(until_ns)
            self._parts = Parts(response.read1, _boundary(response, self._where), self._clock)
            self._first = self._picture(limit_s)
        self._stream = _stream_of(self._first.size)
        return self._stream

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the pictures as they arrive; returns only when ``stop`` is set.

        A picture of another size begins a new stream.

        Raises:
            SourceFailure: ``timeout`` without a picture for the silence time-out, ``no_video`` where what
                came meanwhile were no pictures, ``ended`` when the server ends its answer, ``protocol``.
        """
        assert self._first is not None, "packets before open"
        begin_ns, last_us = self._first.part.arrived_ns, -1
        picture: _Picture | None = self._first
        while picture is not None and not stop.is_set():
            arrived_us = (picture.part.arrived_ns - begin_ns) // _NS_PER_US
            last_us = max(last_us + 1, arrived_us)
            yield self._packet(picture, last_us)
            picture = self._next_picture(stop)

    def close(self) -> None:
        """Close the connection."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._parts = self._first = self._stream = None

    def _answer(self, until_ns: MonotonicNs) -> http.client.HTTPResponse:
        """Ask until the answer is one that can be read: after a challenge, and where a path has moved."""
        target, said = target_of(self._url), ""
        for _ in range(_MOST_REQUESTS):
            response = self._asked(target, said, until_ns)
            if response.status in _REDIRECTS:
                target, said = self._moved(target, response), ""
            elif response.status == http.HTTPStatus.UNAUTHORIZED:
                said = self._authorization(response, target, said)
            elif response.status == http.HTTPStatus.OK:
                return response
            else:
                raise http_failure(response.status, self._where)
            self.close()
        raise SourceFailure("protocol", f"{self._where} leads from one path to the next without an end")

    def _asked(self, target: str, said: str, until_ns: MonotonicNs) -> http.client.HTTPResponse:
        """Connect and send one request; return the answer, of which the header is read."""
        self._wire = wire = Wire(self._clock, self._settings.poll_s)
        try:
            endpoints = resolved(self._host, self._port)
        except (OSError, UnicodeError):
            raise SourceFailure("dns", f"the name {self._host} is not known to the network's DNS") from None
        wire.allow(until_ns)
        wire.connect(endpoints)
        if scheme_of(self._url) == "https":
            wire.encrypt(self._host)
        wire.send(_request(self._url, target, said))
        response = http.client.HTTPResponse(cast("socket.socket", _Readable(wire)), method="GET")
        response.begin()
        return response

    def _authorization(self, response: http.client.HTTPResponse, target: str, said: str) -> str:
        """Return what answers the challenge, unless the credentials are wrong or there are none."""
        challenges = response.headers.get_all("WWW-Authenticate") or []
        if self._credentials is None or (said and not is_stale(challenges)):
            raise http_failure(response.status, self._where)
        answer = authorization(challenges, self._credentials, target, secrets.token_hex(8))
        if answer is None:
            raise SourceFailure(
                "unauthorized", f"{self._where} asks for a kind of log-in that is not known (401)"
            )
        return answer

    def _moved(self, target: str, response: http.client.HTTPResponse) -> str:
        """Return the path that the server names instead; it must be its own, no other address was checked."""
        place = urljoin(_origin(self._url) + target, response.headers.get("Location", ""))
        try:
            url, _ = split_address(place)
            origin = _origin(url)
        except AddressError:
            origin = "an address that cannot be read"
        if origin != _origin(self._url):
            raise SourceFailure(
                "protocol", f"{self._where} sends its visitors to {origin}, where Nightjar does not follow"
            )
        return target_of(url)

    def _next_picture(self, stop: threading.Event) -> "_Picture | None":
        """Return the next picture, or ``None`` when ``stop`` is set."""
        assert self._wire is not None, "packets of a closed source"
        limit_s = self._settings.silence_timeout_s
        self._wire.allow(self._in(limit_s), stop)
        try:
            with self._translated(limit_s):
                return self._picture(limit_s)
        except Stopped:
            return None

    def _picture(self, limit_s: float) -> "_Picture":
        """Return the next part that is a picture; others are passed over until the time is up."""
        assert self._parts is not None, "pictures of a closed source"
        others = 0
        try:
            while (part := self._parts.next()) is not None:
                size = picture_size(part.data)
                if size is not None:
                    return _Picture(part, size)
                others += 1
        except TimeoutError:
            if not others:
                raise
            raise SourceFailure(
                "no_video", f"{self._where} sends what is no JPEG picture, and no other for {limit_s:g} s"
            ) from None
        raise SourceFailure("ended", f"{self._where} ended the stream")

    def _packet(self, picture: "_Picture", pts: int) -> Packet:
        assert self._stream is not None, "packets of a closed source"
        if (self._stream.width, self._stream.height) != picture.size:
            self._stream = _stream_of(picture.size)
        return Packet(
            camera_id=self._camera_id,
            stream=self._stream,
            data=picture.part.data,
            media=MediaTime(pts, self._stream.time_base),
            dts=pts,
            wall_us=picture.part.wall_us,
            arrived_ns=picture.part.arrived_ns,
            is_keyframe=True,
        )

    def _in(self, seconds: float) -> MonotonicNs:
        return MonotonicNs(self._clock.monotonic_ns() + round(seconds * NS_PER_S))

    @contextlib.contextmanager
    def _translated(self, limit_s: float) -> Iterator[None]:
        """Say in our own words what went wrong; the cause is left out, it may repeat what the server sent."""
        try:
            yield
        except PartError as err:
            raise SourceFailure("protocol", f"{self._where} {err}") from None
        except http.client.HTTPException:
            raise SourceFailure("protocol", f"{self._where} does not speak HTTP as expected") from None
        except OSError as err:
            raise connection_failure(err, self._where, limit_s) from None


@dataclass(frozen=True, slots=True)
class _Picture:
    """A part that is a JPEG picture."""

    part: Part
    size: PictureSize


class _Readable:
    """What ``http.client`` wants of a socket; closing it is not its business."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a buffer before the wire."""
        return io.BufferedReader(self._wire, _BUFFER_BYTES)


def _stream_of(size: PictureSize) -> VideoStream:
    return VideoStream("mjpeg", b"", size.width, size.height, Fraction(1, US_PER_S), None)


def _origin(url: str) -> str:
    """Return scheme, host and port of an address, as ``split_address`` writes them.

    Raises:
        AddressError: it names no host.
    """
    host, port = host_of(url)
    return f"{scheme_of(url)}://{_authority(host, port, scheme_of(url))}"


def _authority(host: str, port: int, scheme: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == PORTS[scheme] else f"{shown}:{port}"


def _request(url: str, target: str, said: str) -> bytes:
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {_authority(*host_of(url), scheme_of(url))}",
        "User-Agent: Nightjar",
        "Accept: multipart/x-mixed-replace, image/jpeg;q=0.5, */*;q=0.1",
        "Connection: close",
        *([f"Authorization: {said}"] if said else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _boundary(response: http.client.HTTPResponse, where: str) -> str:
    """Return the boundary that a stream's answer declares, empty if none.

    Raises:
        SourceFailure: ``protocol``: the answer is no stream.
    """
    kind = response.headers.get_content_type()
    if not kind.startswith("multipart/"):
        raise content_failure(kind, where)
    return response.headers.get_boundary("") or ""

"""What libav, the system or a server says when a camera cannot be read, in the words of ``SourceFailure``."""

import errno
import re
import ssl
from http import HTTPStatus

import av.error

from appliance.errors import SourceFailure

_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})
_BUSY = (av.error.HTTPServerError, av.error.HTTPOtherClientError, av.error.HTTPTooManyRequestsError)
_CLOSED = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})

_LONGEST_KIND_CHARS = 60


def rtsp_failure(err: av.error.FFmpegError, where: str, waited_s: float, limit_s: float) -> SourceFailure:
    """Return the kind and a sentence for a failure to open or read an RTSP address.

    libav's own text is not used: it repeats the address with the password in it. The caller raises the
    result ``from None`` for the same reason.

    Args:
        err: what libav raised.
        where: ``host:port`` for the sentence.
        waited_s: how long the call had taken: an interrupted handshake comes out as invalid data.
        limit_s: the deadline of that call.
    """
    if isinstance(err, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return SourceFailure("unauthorized", f"{where} refuses user name or password (401)")
    if isinstance(err, av.error.HTTPNotFoundError):
        return SourceFailure("not_found", f"{where} answers, but has no stream at this path (404)")
    if isinstance(err, av.error.ConnectionRefusedError):
        return SourceFailure("refused", f"nothing accepts connections at {where}: is the camera's RTSP on?")
    if isinstance(err, (av.error.TimeoutError, av.error.ExitError)) or waited_s >= limit_s:
        return SourceFailure("timeout", f"{where} does not answer within {limit_s:g} s")
    if err.errno in _UNREACHABLE:
        return SourceFailure("timeout", f"there is no way to {where}: is the camera on the network?")
    if err.errno in _CLOSED:
        return SourceFailure("protocol", f"{where} closed the connection")
    if isinstance(err, _BUSY):
        # libav tells 453 (no bandwidth for a further session) from no other 4xx, and 503 from no other 5xx.
        return SourceFailure(
            "busy", f"{where} turns the connection down (453 or 503): it may have no session to spare"
        )
    if isinstance(err, av.error.HTTPError | av.error.HTTPClientError):
        return SourceFailure("protocol", f"{where} turned the request down: {err.strerror}")
    return SourceFailure("protocol", f"{where} does not speak RTSP as expected: {err.strerror}")


def file_failure(err: av.error.FFmpegError, name: str) -> SourceFailure:
    """Return the kind and a sentence for a file of that name that cannot be opened or read on."""
    if isinstance(err, av.error.FileNotFoundError):
        return SourceFailure("not_found", f"there is no file {name}")
    if isinstance(err, av.error.InvalidDataError):
        return SourceFailure("protocol", f"the file {name} is damaged or no video")
    return SourceFailure("protocol", f"the file {name} cannot be read: {err.strerror}")


def device_failure(err: av.error.FFmpegError, path: str) -> SourceFailure:
    """Return the kind and a sentence for a video device that cannot be opened or read on."""
    if isinstance(err, av.error.FileNotFoundError):
        return SourceFailure("not_found", f"there is no device {path}: is the camera plugged in?")
    if err.errno in {errno.EACCES, errno.EPERM}:
        return SourceFailure(
            "refused", f"the service may not open {path}: its user must be in the group video"
        )
    if err.errno == errno.EBUSY:
        return SourceFailure("refused", f"another program uses {path}")
    if err.errno in {errno.ENODEV, errno.ENXIO, errno.EIO}:
        return SourceFailure("ended", f"{path} is gone: was the camera unplugged?")
    if err.errno in {errno.ENOTTY, errno.ENOTSUP}:
        return SourceFailure("no_video", f"{path} is no device that gives video")
    return SourceFailure("protocol", f"{path} cannot be read: {err.strerror}")


def connection_failure(err: OSError, where: str, limit_s: float) -> SourceFailure:
    """Return the kind and a sentence for a TCP or TLS connection that failed.

    Args:
        err: what the system or the TLS library raised; its text is not used.
        where: ``host:port`` for the sentence.
        limit_s: the deadline that was waited for.
    """
    if isinstance(err, ssl.SSLError):
        return SourceFailure("protocol", f"{where} does not speak TLS as expected: is it the https port?")
    if isinstance(err, ConnectionRefusedError):
        return SourceFailure("refused", f"nothing accepts connections at {where}: is the camera's HTTP on?")
    if err.errno in _UNREACHABLE:
        return SourceFailure("timeout", f"there is no way to {where}: is the camera on the network?")
    if isinstance(err, TimeoutError):
        return SourceFailure("timeout", f"{where} has sent no picture within {limit_s:g} s")
    return SourceFailure("protocol", f"{where} closed the connection")


def http_failure(status: int, where: str) -> SourceFailure:
    """Return the kind and a sentence for an HTTP server's answer that is no stream."""
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return SourceFailure("unauthorized", f"{where} refuses user name or password ({status})")
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return SourceFailure("not_found", f"{where} answers, but has nothing at this path ({status})")
    return SourceFailure("protocol", f"{where} turned the request down ({status})")


def content_failure(kind: str, where: str) -> SourceFailure:
    """Return the kind and a sentence for an HTTP answer that holds something else than a stream.

    Args:
        kind: its media type, as the server declared it.
        where: ``host:port`` for the sentence.
    """
    shown = re.sub(r"[^a-z0-9/+.-]", "", kind)[:_LONGEST_KIND_CHARS]
    if shown == "text/html":
        return SourceFailure("protocol", f"{where} answers with a web page, not with a stream")
    if shown.startswith("image/"):
        return SourceFailure("protocol", f"{where} sends a single picture ({shown}), not a stream")
    return SourceFailure(
        "protocol", f"{where} sends {shown}, expected a stream of pictures (multipart/x-mixed-replace)"
    )

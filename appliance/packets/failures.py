"""What libav says when a camera cannot be read, in the words of ``SourceFailure``."""

import errno

import av.error

from appliance.errors import SourceFailure

_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})
_BUSY = (av.error.HTTPServerError, av.error.HTTPOtherClientError, av.error.HTTPTooManyRequestsError)
_CLOSED = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


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

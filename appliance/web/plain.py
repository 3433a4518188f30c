"""What somebody hears who speaks HTTP without TLS at the port of TLS: where to go, and nothing else."""

import re
from dataclasses import replace

from appliance.web.front import Front, Way
from appliance.web.security import is_own_host

REQUEST = re.compile(rb"(?:GET|HEAD) (?P<path>/[!-~]*) HTTP/1\.[01]\r\n")
HOST = re.compile(rb"\r\nhost:[ \t]*(?P<host>[!-~]+)[ \t]*\r\n", re.IGNORECASE)
SENTENCE = b"This port speaks HTTPS only.\n"


def answer_to(head: bytes, front: Front, address: str, port: int) -> bytes:
    """Return the answer to the beginning of a request that arrived at ``address`` and ``port``.

    A browser that asks for one of this machine's own names is sent to the same place by https.
    """
    request, host = REQUEST.match(head), HOST.search(head)
    # The port is compared as that of https: who leaves it out means another port than this one.
    way = replace(Way(scheme="https", address=address, port=port), names=front.names)
    status, more = b"400 Bad Request", b""
    if request and host and is_own_host(host["host"].decode("ascii"), port, way):
        # For the time being only: a browser would remember it for ever otherwise.
        status = b"307 Temporary Redirect"
        more = b"Location: https://" + host["host"] + request["path"] + b"\r\n"
    return (
        b"HTTP/1.1 " + status + b"\r\n" + more + b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(SENTENCE) + SENTENCE
    )

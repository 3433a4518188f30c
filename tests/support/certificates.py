"""Certificates for tests: an owner's, and clients that look at what a server shows."""

import asyncio
import hashlib
import ssl
from pathlib import Path

from appliance.domain.time import US_PER_S
from appliance.runtime.clock import SystemClock
from appliance.web.certificate import make_pair
from appliance.web.tls import Pair

DAY_US = 86_400 * US_PER_S
NAMES = frozenset({"nightjar.example", "127.0.0.1"})


def written_pair(folder: Path, name: str = "own") -> Pair:
    """Write a certificate for ``nightjar.example`` with its key, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = make_pair(NAMES, SystemClock().wall_us())
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    pair.certificate.write_bytes(certificate)
    pair.key.write_bytes(key)
    pair.key.chmod(0o600)
    return pair


def anything_goes(most: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """Return a client's context that verifies nothing, as a browser whose user has said yes."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if most is not None:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = most
    return context


async def shown_fingerprint(port: int) -> str:
    """Return the SHA-256 of the certificate that a server on loopback shows, as browsers write it."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=anything_goes())
    try:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return hashlib.sha256(der).digest().hex(":").upper()
    finally:
        writer.close()

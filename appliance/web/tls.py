"""TLS of the server: the owner's certificate, or the device's; a new one counts for the next connection.

Footage comes first: a certificate that cannot be used is said and never keeps the service from starting. Then
the device's own takes its place, so that nothing is ever served without TLS where TLS was meant.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.time import NS_PER_S
from appliance.errors import ConfigError
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from appliance.runtime.private_file import write_private
from appliance.web import certificate
from appliance.web.certificate import Certificate

log = logging.getLogger(__name__)

PART = "certificate"
LOOK_EVERY_S = 10.0
DEVICE_EVERY_S = 3600.0
DEVICE = ("tls.crt", "tls.key")


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate, with those that vouch for it, and of its key."""

    certificate: Path
    key: Path

    def stamp(self) -> tuple[object, ...]:
        """Return what is another one once a file was written anew."""
        return tuple(_stamp(path) for path in (self.certificate, self.key))


class Tls:
    """Knows the certificate of the moment; use ``load`` before anything else, then ``run`` as a part.

    Args:
        keys: the folder of the keys, where that of the device lies.
        names: returns the names and addresses for which the device's is to be.
        own: the owner's, if there is one.
    """

    def __init__(
        self,
        keys: Path,
        names: Callable[[], frozenset[str]],
        clock: Clock,
        health: Health,
        own: Pair | None = None,
    ) -> None:
        self._device = Pair(*(keys / name for name in DEVICE))
        self._names = names
        self._clock = clock
        self._health = health
        self._own = own
        self._seen: tuple[object, ...] = ()
        self._device_due_ns = 0
        self._context: ssl.SSLContext | None = None
        self._certificate: Certificate | None = None
        self.is_own = False

    @property
    def context(self) -> ssl.SSLContext:
        """The context for the next connection."""
        if self._context is None:
            raise ConfigError("no certificate is loaded yet")
        return self._context

    @property
    def fingerprint(self) -> str | None:
        """The SHA-256 of the certificate of the moment, as browsers show it."""
        return None if self._certificate is None else self._certificate.fingerprint

    def load(self) -> None:
        """Take up the certificate; blocks for some milliseconds.

        Raises:
            OSError: the device's cannot be written.
        """
        self.look()
        if self._context is None:
            self._take_device()

    async def run(self) -> None:
        """Look for a new certificate every ten seconds until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Take up what has changed; what cannot be used is said once, and the former one stays."""
        if self._own is None:
            if self._context is None or self._clock.monotonic_ns() >= self._device_due_ns:
                self._take_device()
            return
        stamp = self._own.stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._take_own(self._own)
        self._tell()

    def _take_own(self, own: Pair) -> None:
        try:
            found = certificate.read_pair(own.certificate, own.key)
            self._use(own, found)
        except ConfigError as err:
            kept = "the former one stays" if self.is_own else "that of the device is used"
            log.error("%s; %s", err, kept)
            return
        self.is_own = True
        log.info("certificate %s, SHA-256 %s", own.certificate, found.fingerprint)

    def _take_device(self) -> None:
        now, names = self._clock.wall_us(), self._names()
        self._device_due_ns = self._clock.monotonic_ns() + round(DEVICE_EVERY_S * NS_PER_S)
        found = self._read_device()
        if found is None or not found.holds(names, now):
            former = self._device.key.read_bytes() if found is not None else None
            # Names that it had before stay in it: a network that comes and goes costs one new certificate.
            pair = certificate.make_pair(names | (found.names if found else frozenset()), now, former)
            self._device.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path, content in zip(
                (self._device.key, self._device.certificate), reversed(pair), strict=True
            ):
                write_private(path, content)
            found = certificate.read_pair(self._device.certificate, self._device.key)
            log.info("a certificate was made for this device, SHA-256 %s", found.fingerprint)
        if found != self._certificate:
            self._use(self._device, found)

    def _read_device(self) -> Certificate | None:
        try:
            return certificate.read_pair(self._device.certificate, self._device.key)
        except ConfigError:
            return None

    def _use(self, pair: Pair, found: Certificate) -> None:
        self._context = certificate.context_of(pair.certificate, pair.key)
        self._certificate = found

    def _tell(self) -> None:
        assert self._own is not None
        wrong = certificate.fault(self._own.certificate, self._own.key, self._clock.wall_us())
        self._health.report(PART, Level.DEGRADED if wrong else Level.OK, wrong or "")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
